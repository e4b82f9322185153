import { readKeysConfig } from '#config/config.ts'
import { rotate } from '#connections/rotate.ts'
import { createSeals } from '#connections/seals.ts'
import { createLog } from '#platform/log.ts'
import { systemClock, systemRandom } from '#platform/system.ts'
import { openDatabase } from '#server/database.ts'
import { type Io, reportFaults, UsageError } from './io.ts'

export const usage = `Usage: zonewright keys rotate

Seals the tokens of all customers under SECRET_KEY. Those that are under a key of SECRET_KEY_PREVIOUS are read with it.

1. Set SECRET_KEY to the new key and SECRET_KEY_PREVIOUS to the old one, and restart every server.
2. Run this, beside the servers or without them; it may be run again.
3. Remove SECRET_KEY_PREVIOUS.

Ends with 1 if there are tokens that no key reads: their customers have to connect again.`

export async function run(argv: readonly string[], io: Io): Promise<number> {
  const [command, ...more] = argv
  if (command !== 'rotate' || more.length > 0) throw new UsageError('it takes the command rotate')
  const read = readKeysConfig(io.env, io.readFile)
  if (!read.ok) return reportFaults(read.faults, io)
  const system = { clock: systemClock, random: systemRandom, log: createLog('silent') }
  const { store, clock, close } = await openDatabase(read.value.database, system, { serving: false })
  try {
    const keys = read.value.secretKeys.map((key) => key.reveal())
    const { sealed, wereSealed, unreadable } = await rotate(
      store.accounts,
      createSeals(keys, () => clock.now()),
    )
    io.stdout(`${sealed} sealed anew, ${wereSealed} under SECRET_KEY already, ${unreadable} unreadable`)
    return unreadable === 0 ? 0 : 1
  } finally {
    await close()
  }
}
