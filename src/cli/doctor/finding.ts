/** What one check has found. `fault`: something does not work; `warning`: it works, and should be seen to. */
export interface Finding {
  readonly level: 'good' | 'warning' | 'fault'
  /** One word or two: what was looked at. */
  readonly check: string
  readonly words: string
  /** What to do about it. */
  readonly remedy?: string
}

export function good(check: string, words: string): Finding {
  return { level: 'good', check, words }
}

export function warning(check: string, words: string, remedy?: string): Finding {
  return { level: 'warning', check, words, ...(remedy !== undefined && { remedy }) }
}

export function fault(check: string, words: string, remedy: string): Finding {
  return { level: 'fault', check, words, remedy }
}

/** `✗ database: it is a standby; set DATABASE_URL to the primary.` */
export function lineOf({ level, check, words, remedy }: Finding): string {
  return `${MARKS[level]} ${check}: ${words}${remedy === undefined ? '' : `; ${remedy}`}.`
}

const MARKS = { good: '✓', warning: '!', fault: '✗' } as const
