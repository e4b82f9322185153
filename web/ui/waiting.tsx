import { useEffect, useState } from 'react'

/** Grey lines where the page of this title will be; nothing to see for the first 200 ms. */
export function Skeleton({
  title,
  label,
  lines,
}: {
  readonly title: string
  readonly label: string
  readonly lines: number
}) {
  const isLate = useLate(200)
  return (
    <div className="skeleton" aria-busy="true">
      <h1 className="for-screen-readers">{title}</h1>
      <span className="for-screen-readers" role="status">
        {isLate ? label : ''}
      </span>
      {isLate &&
        WIDTHS.slice(0, lines).map((width) => (
          <div key={width} className="skeleton-row" style={{ width: `${width}%` }} />
        ))}
    </div>
  )
}

function useLate(ms: number): boolean {
  const [isLate, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), ms)
    return () => clearTimeout(timer)
  }, [ms])
  return isLate
}

/** Of lines of text, in per cent. */
const WIDTHS = [34, 92, 78, 88, 61, 95, 70, 84]
