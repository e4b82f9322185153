import { useState } from 'react'
import { ago, exactly } from '../dates.ts'

/**
 * How long ago, and exactly when once it is pressed, by whatever means: a pointer, a finger, a key. A screen reader is
 * told both at once. Nothing lies over the page, so it can be read at any size.
 */
export function Moment({ at, now }: { readonly at: string; readonly now: number }) {
  const [isExact, setExact] = useState(false)
  const ms = Date.parse(at)
  return (
    <button type="button" className="moment" onClick={() => setExact(!isExact)}>
      <time dateTime={at}>{isExact ? exactly(ms) : ago(ms, Math.max(now, ms))}</time>
      {!isExact && <span className="for-screen-readers"> {exactly(ms)}</span>}
    </button>
  )
}
