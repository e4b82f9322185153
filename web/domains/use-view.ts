import { useEffect, useRef, useState } from 'react'
import { useLocation, useSearch } from 'wouter'
import { searchOf, type View, viewIn } from './view.ts'

/** The view of the list, which stands in the address as well: it can be shared, and is there again on the way back. */
export function useView(): readonly [View, (view: View) => void] {
  const search = useSearch()
  const [location, navigate] = useLocation()
  const [view, setView] = useState(() => viewIn(search))
  const written = useRef(search)

  useEffect(() => {
    if (search === written.current) return
    written.current = search
    setView(viewIn(search))
  }, [search])
  useEffect(() => {
    const wanted = searchOf(view)
    // Browsers refuse an address that changes with every letter.
    const timer = setTimeout(() => {
      if (wanted === searchOf(viewIn(written.current))) return
      written.current = wanted.slice(1)
      navigate(location + wanted, { replace: true, state: window.history.state })
    }, 300)
    return () => clearTimeout(timer)
  }, [view, location, navigate])
  return [view, setView]
}
