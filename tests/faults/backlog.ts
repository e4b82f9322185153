import type { Emulator } from '#emulator/emulator.ts'
import { createWorld, set } from '../support/world.ts'

export interface BacklogReport {
  readonly zones: number
  readonly sets: number
  /** When each zone held all that was accepted for it, since Cloudflare was back (ms), in the order in which it was accepted. */
  readonly doneAfterMs: readonly number[]
  readonly calls: number
  /** Most calls in any 300 s. */
  readonly mostCallsInAWindow: number
  readonly cpuMs: number
  readonly heapMiB: number
}

/** `sizes`: sets accepted for each zone while Cloudflare was away. */
export async function drain(sizes: readonly number[], seed = 1): Promise<BacklogReport> {
  const names = sizes.map((_, index) => `z${index}.example.com`)
  const { clock, emulator, engine, caller, asked, end } = await createWorld({
    seed,
    caller: { ack: 'accepted' },
    zones: names.map((name) => ({ name, plan: 'pro', recordQuota: 100_000 })),
  })
  // The zones are listed at the start.
  await clock.pass(10_000)
  emulator.faults.script([{ fault: 'F31', seconds: 100_000, form: 'error' }])
  for (const [index, size] of sizes.entries()) {
    const sets = Array.from({ length: size }, (_, one) =>
      set(`n${one}.${names[index]} 300 A 192.0.2.${1 + (one % 250)}`),
    )
    await clock.until(Promise.all(sets.map((one) => engine.upsert(caller, one, asked()))))
    await clock.pass(100)
  }
  await clock.pass(60_000)

  const callsBefore = emulator.state.calls().length
  emulator.faults.clear()
  const start = clock.now()
  const cpu = process.cpuUsage()
  const doneAfterMs: number[] = []
  while (doneAfterMs.filter(Boolean).length < sizes.length && clock.now() - start < LONGEST_MS) {
    await clock.pass(LOOK_EVERY_MS)
    noteDone(emulator, sizes, doneAfterMs, clock.now() - start)
  }
  const { user, system } = process.cpuUsage(cpu)
  const calls = emulator.state.calls()
  const report = {
    zones: sizes.length,
    sets: sizes.reduce((sum, size) => sum + size, 0),
    doneAfterMs,
    calls: calls.length - callsBefore,
    mostCallsInAWindow: mostInAWindow(calls.map(({ at }) => at)),
    cpuMs: Math.round((user + system) / 1000),
    heapMiB: Math.round(process.memoryUsage().heapUsed / 2 ** 20),
  }
  await end()
  return report
}

const LOOK_EVERY_MS = 1_000
const LONGEST_MS = 3_600_000
const WINDOW_MS = 300_000

function noteDone(
  { state }: Emulator,
  sizes: readonly number[],
  doneAfterMs: number[],
  afterMs: number,
): void {
  for (const [index, { records }] of state.zones().entries()) {
    if (!doneAfterMs[index] && records >= sizes[index]!) doneAfterMs[index] = afterMs
  }
}

function mostInAWindow(times: readonly number[]): number {
  let most = 0
  let first = 0
  for (const [index, at] of times.entries()) {
    while (times[first]! <= at - WINDOW_MS) first += 1
    most = Math.max(most, index - first + 1)
  }
  return most
}
