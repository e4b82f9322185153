import { useEffect, useState } from 'react'

/** Whether there is no room for a table. It is the room for text that counts: larger letters need more of it. */
export function useNarrow(): boolean {
  const [isNarrow, setNarrow] = useState(measured)
  useEffect(() => {
    // Its height changes with the size of the letters.
    const observer = new ResizeObserver(() => setNarrow(measured()))
    observer.observe(document.body)
    return () => observer.disconnect()
  }, [])
  return isNarrow
}

function measured(): boolean {
  const letterPx = Number.parseFloat(getComputedStyle(document.documentElement).fontSize)
  return window.innerWidth < TABLE_LETTERS * letterPx
}

const TABLE_LETTERS = 48
