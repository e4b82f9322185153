/** The text of a zone file, entry by entry (RFC 1035 section 5.1): words, quotes, parentheses and comments. */

export interface Entry {
  /** Of the line it begins on, from 1. */
  readonly line: number
  /** The line begins with white space: the owner is that of the record before. */
  readonly sameOwner: boolean
  /** As they stand in the file, with their quotes and backslashes. */
  readonly words: readonly string[]
  /** What stands behind the semicolon of its last line, trimmed. */
  readonly comment: string
}

/** Throws an Error that names the line, for a quote or a parenthesis that does not close. */
export function entriesIn(text: string): Entry[] {
  const entries: Entry[] = []
  let words: string[] = []
  let comment = ''
  let depth = 0
  let line = 1
  let begun = { line: 1, sameOwner: false }
  let at = 0

  const fail = (said: string): never => {
    throw new Error(`line ${line}: ${said}`)
  }
  const endLine = () => {
    if (depth === 0) {
      if (words.length > 0) entries.push({ ...begun, words, comment })
      words = []
      comment = ''
    }
    line += 1
    at += 1
    if (depth === 0) begun = { line, sameOwner: /[ \t]/.test(text[at] ?? '') }
  }

  begun = { line, sameOwner: /[ \t]/.test(text[0] ?? '') }
  while (at < text.length) {
    const character = text[at]!
    if (character === '\n') endLine()
    else if (/\s/.test(character)) at += 1
    else if (character === '(' || character === ')') {
      depth += character === '(' ? 1 : -1
      if (depth < 0) fail('a parenthesis closes that was not open')
      at += 1
    } else if (character === ';') {
      const end = text.indexOf('\n', at)
      comment = text.slice(at + 1, end < 0 ? undefined : end).trim()
      at = end < 0 ? text.length : end
    } else {
      const word = WORD.exec(text.slice(at, at + LONGEST_WORD))?.[0]
      if (word === undefined) fail('a quote does not close')
      words.push(word!)
      at += word!.length
    }
  }
  if (depth > 0) fail('a parenthesis does not close')
  endLine()
  return entries
}

/** Bare characters and quoted strings without white space between them: `alpn="h2,h3"` is one word. */
const WORD = /^(?:"(?:[^"\\\n]|\\.)*"|\\[^\n]|[^\s"();\\])+/

const LONGEST_WORD = 70_000
