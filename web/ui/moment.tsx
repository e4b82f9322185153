import { ago, exactly } from '../dates.ts'

/** How long ago, and exactly when for the pointer and for the keyboard. Stands in a `.moment-place`. */
export function Moment({ at, now }: { readonly at: string; readonly now: number }) {
  const ms = Date.parse(at)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the exact time has to be reached by keyboard
    <time className="moment" dateTime={at} tabIndex={0}>
      {ago(ms, Math.max(now, ms))}
      <span className="moment-exact">{exactly(ms)}</span>
    </time>
  )
}
