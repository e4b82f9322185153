import { expect, test } from 'vitest'
import type { Lease } from '#store/coordination.ts'
import type { KnownSet } from '#store/declared.ts'
import type { ZoneState } from '#store/observed.ts'
import { intent, NOON, nameOf } from '../../../tests/support/samples.ts'
import type { ZoneContext } from '../context.ts'
import type { Notifier } from '../declared/notify-callers.ts'
import type { Reader } from '../observed/reader.ts'
import { createPreparation } from './prepare.ts'

test('preparing four times as many sets takes four times as many look-ups', async () => {
  const few = await timesLookedAt(50)
  expect(await timesLookedAt(200)).toBeLessThanOrEqual(4 * few)
})

/** How often the key of a known set is asked for while so many new sets are prepared, none of them refused before. */
async function timesLookedAt(count: number): Promise<number> {
  let times = 0
  const intents = Array.from({ length: count }, (_, number) => intent(number, `host-${number} A 192.0.2.1`))
  const sets = intents.map(
    ({ key }): KnownSet => ({
      get key() {
        times += 1
        return key
      },
      managed: undefined,
      refusal: undefined,
    }),
  )
  const store = { recordsAt: async () => [], setsAt: async () => sets }
  const context = { zone: { name: nameOf('@') }, store, clock: { now: () => NOON }, refreshMs: () => 300_000 }
  const prepare = createPreparation(context as unknown as ZoneContext, {} as Reader, {} as Notifier)
  const state: ZoneState = { readAt: NOON, fullUntil: 0, managing: true, dispatches: [] }
  const groups = intents.map((one) => ({ name: one.key.name, intents: [one] }))
  const { pieces } = await prepare({} as Lease, state, groups, 200)
  expect(pieces).toHaveLength(count)
  return times
}
