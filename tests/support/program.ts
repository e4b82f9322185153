import { bundled } from './child-program.ts'
import type { Program } from './processes.ts'

let program: Promise<Program> | undefined

/** The whole program in one file. Built once in each process. */
export function zonewright(): Promise<Program> {
  program ??= bundled(new URL('../../src/cli/zonewright.ts', import.meta.url)).then((file) => ({
    command: process.execPath,
    args: [file],
  }))
  return program
}
