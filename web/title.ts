import { useEffect } from 'react'
import { words } from './words.ts'

/** The page's name in tabs and in the history. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · ${words.product}`
  }, [title])
}
