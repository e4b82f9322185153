import type { Variables } from '#config/config.ts'
import { type ConfigFault, type ReadFile, sentenceOf } from '#config/environment.ts'

/** What a command may use of the process it runs in. */
export interface Io {
  stdout(line: string): void
  stderr(line: string): void
  readonly env: Variables
  readonly readFile: ReadFile
  /** Resolves when somebody asks the process to end. */
  untilAskedToEnd(): Promise<void>
  /** From now on, each time that somebody asks it to read its configuration anew. */
  whenAskedToReload(reload: () => void): void
}

/**
 * What others wrote, for a terminal: control characters and marks that turn the direction of writing are shown as
 * `\\u{1b}`, so that no record can move the cursor, recolour the screen or show itself as another.
 */
export function visible(text: string): string {
  return text.replace(UNSEEN, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`)
}

const UNSEEN = /[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g

/** Exit codes: 0 done, 1 it did not work, and as sysexits.h has them for the two others. */
export const USAGE = 2
export const CONFIGURATION = 78

/** Bad arguments; the message says which. */
export class UsageError extends Error {
  /** Of a command that has commands: the one whose own help tells more. */
  command: string | undefined
}

export function reportFaults(faults: readonly ConfigFault[], io: Io): number {
  io.stderr(
    `zonewright: the configuration has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}:`,
  )
  for (const fault of faults) io.stderr(`  ${sentenceOf(fault)}`)
  return CONFIGURATION
}
