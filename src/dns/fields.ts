import { type Parsed, parsed, refused } from './problems.ts'

/** What stands between blanks. A line break is no blank: it stays in its field, and is refused there. */
export function fieldsOf(text: string): string[] {
  return text.split(/[ \t]+/).filter((field) => field !== '')
}

/** A decimal number from 0 to `most`. Problem: `number-out-of-range`, which names the `field`. */
export function parseUint(text: string, field: string, most: number, path: string): Parsed<number> {
  const fits = /^\d{1,5}$/.test(text) && Number(text) <= most
  return fits ? parsed(Number(text)) : refused({ code: 'number-out-of-range', path, field, text, most })
}
