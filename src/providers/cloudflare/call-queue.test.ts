import { describe, expect, test } from 'vitest'
import type { WorkKind } from '#providers/provider.ts'
import { createVirtualClock } from '../../../tests/support/virtual-clock.ts'
import { seededRandom } from '../../../tests/support/world.ts'
import { createCallQueue } from './call-queue.ts'
import { CloudflareError } from './errors.ts'

describe('the line before the gate', () => {
  test('lets whoever has waited longest go first, in whatever order they came', async () => {
    const { clock, went, come } = aQueue({ everyMs: 1_000 })
    for (const since of [50, 10, 40, 20, 10, 30]) come(`${since}`, { since })
    await clock.pass(10_000)
    expect(went.map(({ name }) => name)).toEqual(['10', '10', '20', '30', '40', '50'])
  })

  test('lets those who come while it waits go before others that need it less', async () => {
    const { clock, went, come } = aQueue({ everyMs: 1_000 })
    come('early', { since: 5 })
    come('late', { since: 9 })
    await clock.pass(500)
    come('earlier', { since: 1 })
    await clock.pass(10_000)
    expect(went.map(({ name }) => name)).toEqual(['early', 'earlier', 'late'])
  })

  test('asks once for all, and not once for each', async () => {
    const { clock, went, come, asked } = aQueue({ everyMs: 1_000 })
    for (let one = 0; one < 300; one += 1) come(`${one}`, { since: one })
    await clock.pass(400_000)
    expect(went).toHaveLength(300)
    expect(asked()).toBeLessThan(2 * 300 + 10)
  })

  test('turns away at once who would be too late, and says how long it takes at best', async () => {
    const { clock, went, turnedAway, come } = aQueue({ everyMs: 1_000 })
    for (let one = 0; one < 60; one += 1) come(`${one}`, { since: one, patienceMs: 10_000 })
    await clock.pass(0)
    expect(went).toHaveLength(1)
    expect(turnedAway.length).toBeGreaterThan(20)
    for (const { error, at } of turnedAway) {
      expect(at).toBe(clock.now())
      expect((error as CloudflareError).retryAfterMs).toBeGreaterThan(10_000)
    }
    await clock.pass(60_000)
    expect(went.every(({ afterMs }) => afterMs <= 11_000)).toBe(true)
    expect(went.length + turnedAway.length).toBe(60)
  })

  test('does not keep one kind of work waiting for another', async () => {
    const { clock, went, come } = aQueue({ everyMs: 1_000, closedFor: 'background' })
    come('background', { work: 'background', since: 0 })
    come('machines', { since: 100 })
    come('people', { work: 'people', since: 200 })
    await clock.pass(5_000)
    expect(went.map(({ name }) => name)).toEqual(['people', 'machines'])
  })

  test('tells a ledger that fails to one, and goes on with the next', async () => {
    const { clock, went, turnedAway, come } = aQueue({ everyMs: 0, fails: 1 })
    come('first', { since: 1 })
    come('second', { since: 2 })
    await clock.pass(1_000)
    expect(turnedAway.map(({ name }) => name)).toEqual(['first'])
    expect(went.map(({ name }) => name)).toEqual(['second'])
  })

  test('looks again as soon as it is told to', async () => {
    const { clock, went, come, queue, open } = aQueue({ everyMs: 600_000 })
    come('first', { since: 1 })
    come('second', { since: 2 })
    await clock.pass(1_000)
    expect(went).toHaveLength(1)
    open()
    queue.look()
    await clock.pass(0)
    expect(went).toHaveLength(2)
  })
})

/** Leave for one call comes back every `everyMs`. */
function aQueue({
  everyMs,
  fails = 0,
  closedFor,
}: {
  everyMs: number
  fails?: number
  closedFor?: WorkKind
}) {
  const clock = createVirtualClock()
  const start = clock.now()
  let nextAt = start
  let asked = 0
  const queue = createCallQueue({
    clock,
    random: seededRandom(1),
    async msToWait(work) {
      asked += 1
      if (asked <= fails) throw new Error('the ledger failed')
      if (work === closedFor) return 3_600_000
      if (clock.now() < nextAt) return nextAt - clock.now()
      nextAt = clock.now() + everyMs
      return 0
    },
    mustWait: (retryAfterMs) => new CloudflareError('rate-limited', 'not-executed', 'wait', { retryAfterMs }),
  })
  const went: { name: string; afterMs: number }[] = []
  const turnedAway: { name: string; error: unknown; at: number }[] = []

  function come(
    name: string,
    {
      work = 'machines',
      since,
      patienceMs = 3_600_000,
    }: { work?: WorkKind; since: number; patienceMs?: number },
  ): void {
    queue.join({ work, since, patientUntil: clock.now() + patienceMs }).then(
      () => void went.push({ name, afterMs: clock.now() - start }),
      (error: unknown) => void turnedAway.push({ name, error, at: clock.now() }),
    )
  }

  return {
    clock,
    queue,
    went,
    turnedAway,
    come,
    asked: () => asked,
    open() {
      nextAt = clock.now()
    },
  }
}
