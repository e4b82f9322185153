/**
 * What the rooms ask of the outside: the time, chance, and somewhere to say what happened.
 * `main.ts` hands in the real ones; a test or the simulator hands in its own.
 */

export interface Clock {
  /** Milliseconds since 1970-01-01T00:00Z. */
  now(): number
  /**
   * Resolves after `ms`, or at once when `signal` aborts; it never rejects. `abort(null)` does, many times in a
   * request: without a reason, each makes an error with its stack.
   */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export interface Random {
  /** Uniform in [0, 1). */
  fraction(): number
  /** Lower-case hexadecimal, two digits a byte; for ids, not for secrets. */
  hex(bytes: number): string
}

/** What is logged: this, and whatever is worse. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Structured: the first argument holds the facts, the second says them in words. Never a secret in either. */
export interface Log {
  debug(facts: object, words: string): void
  info(facts: object, words: string): void
  warn(facts: object, words: string): void
  error(facts: object, words: string): void
}
