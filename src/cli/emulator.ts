import type { Io } from './io.ts'

/** The emulator has a help page of its own. */
export const usage = undefined

/** The one door between src and the emulator: it runs beside the server, and shares nothing with it. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const { runEmulator } = await import('#emulator/cli.ts')
  const running = await runEmulator(argv, io)
  if (typeof running === 'number') return running
  await io.untilAskedToEnd()
  await running.close()
  return 0
}
