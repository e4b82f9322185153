import { bundled } from './child-program.ts'
import type { Program } from './processes.ts'

let program: Promise<Program> | undefined

/** The whole program in one file, with the flags that `bin/zonewright` gives a server. Built once in each process. */
export function zonewright(): Promise<Program> {
  program ??= bundled(new URL('../../src/cli/zonewright.ts', import.meta.url)).then((file) => ({
    command: process.execPath,
    args: ['--max-old-space-size=64', '--max-semi-space-size=2', '--v8-pool-size=1', file],
  }))
  return program
}
