import type { Fault } from '../api.ts'
import { Notice } from '../ui/notice.tsx'
import { words } from '../words.ts'

const said = words.zoneFile.import

export interface LineProblem {
  readonly line: string
  readonly message: string
}

/** What the server says of single lines, if that is what it says. */
export function linesIn({ details }: Fault): readonly LineProblem[] {
  const { problems } = details ?? {}
  if (!Array.isArray(problems)) return []
  return problems.flatMap((problem: { field?: unknown; message?: unknown }) => {
    const { field, message } = problem
    const isLine = typeof field === 'string' && /^line \d+$/.test(field) && typeof message === 'string'
    return isLine ? [{ line: field, message }] : []
  })
}

/** Enough to mend at a time. */
const MOST_SHOWN = 50

export function LineProblems({ lines }: { readonly lines: readonly LineProblem[] }) {
  const more = lines.length - MOST_SHOWN
  return (
    <Notice kind="error" urgent heading={said.problems(lines.length)}>
      <p>{said.problemsText}</p>
      <ul className="line-problems">
        {lines.slice(0, MOST_SHOWN).map(({ line, message }) => (
          <li key={`${line} ${message}`}>
            <span className="strong">{line}:</span> {message}
          </li>
        ))}
      </ul>
      {more > 0 && <p>{said.more(more)}</p>}
    </Notice>
  )
}
