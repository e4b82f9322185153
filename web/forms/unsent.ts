import type { Draft } from './draft.ts'

/** What was typed when the session ended, so that whoever typed it goes on after signing in. Never leaves this page. */
export interface Unsent {
  readonly customerId: string
  /** undefined: a new record. */
  readonly recordId: string | undefined
  readonly draft: Draft
}

export function keepUnsent(unsent: Unsent): void {
  kept = unsent
}

/** Theirs, if the last that was kept is. */
export function unsentOf(customerId: string): Unsent | undefined {
  return kept?.customerId === customerId ? kept : undefined
}

export function forgetUnsent(): void {
  kept = undefined
}

let kept: Unsent | undefined
