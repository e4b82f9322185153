import { type Parsed, type Problem, parsed, refused, type ZoneTextFault } from './problems.ts'

/** One record or directive of zone text, cut into words. */
export interface ZoneEntry {
  readonly line: number
  /** The line begins with a blank: the owner is that of the entry before. */
  readonly isIndented: boolean
  /** As written: quotes and escapes are kept. */
  readonly words: readonly string[]
  /** What stands behind the semicolon of its last line, without the blanks around it. */
  readonly comment: string
}

/**
 * Lines of a master file (RFC 1035 §5.1), joined where parentheses say so, one after the other, so that whoever has
 * read enough may stop. A line with a quote left open is a problem and no entry.
 */
export function* entriesOf(text: string): Generator<Parsed<ZoneEntry>, void> {
  let line = 1
  let depth = 0
  let entry = emptyEntry(line)

  for (const { 0: token, index, groups = {} } of text.matchAll(TOKEN)) {
    const isLineStart = index === 0 || text[index - 1] === '\n'
    if (groups.word !== undefined) entry.words.push(token)
    else if (groups.comment !== undefined) entry.comment = groups.comment.trim()
    else if (groups.blank !== undefined) entry.isIndented ||= isLineStart && depth === 0
    else if (groups.bracket !== undefined) {
      depth += token === '(' ? 1 : -1
      if (depth < 0) yield refused(zoneTextProblem(line, 'parenthesis', token))
      depth = Math.max(depth, 0)
    } else if (groups.open !== undefined) {
      yield refused(zoneTextProblem(line, 'quote-open', token))
      entry.words = []
    } else if (groups.end !== undefined) {
      line += 1
      if (depth > 0) continue
      if (entry.words.length > 0) yield parsed(entry)
      entry = emptyEntry(line)
    }
  }
  if (depth > 0) yield refused(zoneTextProblem(entry.line, 'parenthesis', '('))
  else if (entry.words.length > 0) yield parsed(entry)
}

export function zoneTextProblem(line: number, fault: ZoneTextFault, text: string): Problem {
  return { code: 'zone-text', path: pathOf(line), fault, text }
}

function emptyEntry(line: number) {
  return { line, isIndented: false, words: [] as string[], comment: '' }
}

/** What a problem in zone text has as its path. */
export function pathOf(line: number): string {
  return `line ${line}`
}

// Every character of a text belongs to one of these.
const TOKEN =
  /;(?<comment>[^\n]*)|(?<end>\n)|(?<blank>[ \t\r]+)|(?<bracket>[()])|(?<word>"(?:[^"\\\n]|\\[^\n])*"|(?:[^ \t\r\n;()"\\]|\\[^\n])+)|(?<open>["\\][^\n]*)/gu
