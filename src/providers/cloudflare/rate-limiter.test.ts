import { describe, expect, test } from 'vitest'
import type { ProviderErrorKind } from '#providers/provider.ts'
import { createVirtualClock } from '../../../tests/support/virtual-clock.ts'
import { seededRandom } from '../../../tests/support/world.ts'
import type { Budget } from './budget.ts'
import { CloudflareError } from './errors.ts'
import { type BudgetLedger, createRateLimiter } from './rate-limiter.ts'

const failed = (kind: ProviderErrorKind, retryAfterMs?: number) =>
  new CloudflareError(kind, 'not-executed', 'no', retryAfterMs === undefined ? {} : { retryAfterMs })

describe('the gate', () => {
  test('lets a burst through at once, and then as many as come back', async () => {
    const { rateLimiter, clock, entered } = createLimited()
    const start = clock.now()
    const burst = await clock.until(entered(45, 'machines', 0))
    expect(burst.filter(Boolean)).toHaveLength(Math.floor(18 + 15 + 9))
    expect(clock.now()).toBe(start)

    await clock.until(rateLimiter.enter('machines', 20_000))
    expect(clock.now() - start).toBeGreaterThan(0)
    expect(clock.now() - start).toBeLessThan(2_500)
  })

  test('says how long to wait to those who have no patience for it', async () => {
    const { rateLimiter, clock, entered } = createLimited()
    await clock.until(entered(60, 'machines', 0))
    const refusal = await clock.until(rateLimiter.enter('machines', 100).catch((error) => error))
    expect(refusal).toBeInstanceOf(CloudflareError)
    expect(refusal).toMatchObject({ kind: 'rate-limited', outcome: 'not-executed' })
    expect(refusal.retryAfterMs).toBeGreaterThan(100)
  })

  test('counts for one credential, whoever asks through whichever gate', async () => {
    const ledger = mapLedger()
    const one = createLimited({ ledger })
    const two = createLimited({ ledger, clock: one.clock })
    const other = createLimited({ ledger, clock: one.clock, credential: 'other' })
    await one.clock.until(one.entered(60, 'machines', 0))
    expect(await one.clock.until(two.entered(1, 'machines', 0))).toEqual([false])
    expect(await one.clock.until(other.entered(1, 'machines', 0))).toEqual([true])
  })

  test('keeps repetitions to a few, while first calls go on', async () => {
    const { rateLimiter, clock } = createLimited()
    const again = () =>
      clock.until(
        rateLimiter.enter('people', 0, { attempt: 'again' }).then(
          () => true,
          () => false,
        ),
      )
    const granted: boolean[] = []
    for (let retry = 0; retry < 15; retry += 1) granted.push(await again())
    expect(granted.filter(Boolean).length).toBeGreaterThanOrEqual(10)
    expect(granted.filter(Boolean).length).toBeLessThanOrEqual(12)
    await clock.until(rateLimiter.enter('people', 0))
  })
})

describe('the breaker', () => {
  test('opens after five calls without an answer, and not before', async () => {
    const { rateLimiter, clock } = createLimited()
    for (const kind of ['unreachable', 'timeout', 'server-error', 'unreadable'] as const)
      await rateLimiter.ended(failed(kind))
    await clock.until(rateLimiter.enter('people', 0))
    await rateLimiter.ended(failed('unreachable'))
    const refusal = await clock.until(rateLimiter.enter('people', 20_000).catch((error) => error))
    expect(refusal).toMatchObject({ kind: 'breaker-open', outcome: 'not-executed', retryAfterMs: 30_000 })
  })

  test('stays closed while Cloudflare answers, whatever it says', async () => {
    const { rateLimiter, clock } = createLimited()
    for (const kind of ['refused', 'unauthorised', 'incomplete-list', 'too-large', 'too-many'] as const) {
      for (let call = 0; call < 4; call += 1) await rateLimiter.ended(failed('timeout'))
      await rateLimiter.ended(failed(kind))
    }
    await clock.until(rateLimiter.enter('people', 0))
  })

  test('lets one probe through every 30 seconds, however many wait', async () => {
    const { rateLimiter, clock } = createLimited()
    for (let call = 0; call < 5; call += 1) await rateLimiter.ended(failed('timeout'))
    const start = clock.now()
    const probes: number[] = []
    const waiting = Array.from({ length: 40 }, async () => {
      await rateLimiter.enter('machines', 600_000).catch(() => {})
      probes.push(clock.now() - start)
      await rateLimiter.ended(failed('timeout'))
    })
    await clock.pass(155_000)
    expect(probes).toHaveLength(5)
    for (const [index, at] of probes.entries()) {
      expect(at).toBeGreaterThanOrEqual(30_000 * (index + 1))
      expect(at).toBeLessThan(30_000 * (index + 1) + 1_000)
    }
    await clock.until(Promise.all(waiting))
  })

  test('closes with the first answer', async () => {
    const { rateLimiter, clock, entered } = createLimited()
    for (let call = 0; call < 7; call += 1) await rateLimiter.ended(failed('timeout'))
    await clock.until(rateLimiter.enter('people', 60_000))
    await rateLimiter.ended(undefined)
    expect(await clock.until(entered(10, 'people', 0))).toEqual(Array(10).fill(true))
  })
})

describe('a 429', () => {
  test('stops everybody for as long as it says', async () => {
    const ledger = mapLedger()
    const { rateLimiter, clock } = createLimited({ ledger })
    const other = createLimited({ ledger, clock })
    await rateLimiter.ended(failed('rate-limited', 30_000))
    const start = clock.now()
    for (const work of ['people', 'machines', 'background'] as const) {
      const refusal = await clock.until(other.rateLimiter.enter(work, 29_000).catch((error) => error))
      expect(refusal).toMatchObject({ kind: 'rate-limited', retryAfterMs: 30_000 })
    }
    await clock.until(other.rateLimiter.enter('people', 40_000))
    expect(clock.now() - start).toBeGreaterThanOrEqual(30_000)
    expect(clock.now() - start).toBeLessThan(30_200)
  })

  test('is believed for five minutes at most', async () => {
    const { rateLimiter, waitMs } = createLimited()
    await rateLimiter.ended(failed('rate-limited', 86_400_000))
    expect(await waitMs()).toBe(300_000)
  })

  test('without a word of how long stops us for longer each time, until an answer comes', async () => {
    const { rateLimiter, clock, waitMs } = createLimited()
    const waits: number[] = []
    for (let time = 0; time < 5; time += 1) {
      await rateLimiter.ended(failed('rate-limited'))
      waits.push(await waitMs())
      await clock.pass(300_000)
    }
    expect(waits).toEqual([60_000, 120_000, 240_000, 300_000, 300_000])
    await rateLimiter.ended(undefined)
    await rateLimiter.ended(failed('rate-limited'))
    expect(await waitMs()).toBe(60_000)
  })

  test('is an answer: the breaker stays closed', async () => {
    const { rateLimiter, clock } = createLimited()
    for (let call = 0; call < 4; call += 1) await rateLimiter.ended(failed('timeout'))
    await rateLimiter.ended(failed('rate-limited', 1_000))
    for (let call = 0; call < 4; call += 1) await rateLimiter.ended(failed('timeout'))
    await clock.until(rateLimiter.enter('people', 5_000))
  })
})

describe('what we last heard', () => {
  test('is nothing before the first call', () => {
    expect(createLimited().rateLimiter.status()).toEqual({
      lastAnswerAt: undefined,
      silentSince: undefined,
      credentialRefused: false,
      callsLeft: undefined,
    })
  })

  test('tells since when there was no answer', async () => {
    const { rateLimiter, clock } = createLimited()
    const start = clock.now()
    await rateLimiter.ended(undefined)
    await clock.pass(1_000)
    await rateLimiter.ended(failed('timeout'))
    await clock.pass(1_000)
    await rateLimiter.ended(failed('server-error'))
    expect(rateLimiter.status()).toMatchObject({ lastAnswerAt: start, silentSince: start + 1_000 })
    await rateLimiter.ended(failed('refused'))
    expect(rateLimiter.status()).toMatchObject({ lastAnswerAt: start + 2_000, silentSince: undefined })
  })

  test('calls a credential refused when it was so twice in a row', async () => {
    const { rateLimiter } = createLimited()
    const ended = async (error: CloudflareError | undefined, answers: 'credential' | 'zone') => {
      await rateLimiter.ended(error, answers)
      return rateLimiter.status().credentialRefused
    }
    expect(await ended(failed('unauthorised'), 'credential')).toBe(false)
    expect(await ended(failed('unauthorised'), 'credential')).toBe(true)
    expect(await ended(failed('timeout'), 'zone')).toBe(true)
    expect(await ended(undefined, 'zone')).toBe(false)
    // A zone that is out of sight says nothing about the credential.
    for (let time = 0; time < 3; time += 1) expect(await ended(failed('unauthorised'), 'zone')).toBe(false)
  })

  test('counts the calls that are left', async () => {
    const { rateLimiter, clock } = createLimited()
    await clock.until(rateLimiter.enter('people', 0))
    expect(rateLimiter.status().callsLeft).toBe(59)
  })
})

function createLimited({
  ledger = mapLedger(),
  clock = createVirtualClock(),
  credential = 'credential',
}: {
  ledger?: BudgetLedger
  clock?: ReturnType<typeof createVirtualClock>
  credential?: string
} = {}) {
  const rateLimiter = createRateLimiter({ credential, ledger, clock, random: seededRandom(3) })
  return {
    rateLimiter,
    clock,
    /** Whether each of so many got in. */
    entered: (count: number, work: 'people' | 'machines', patienceMs: number) =>
      Promise.all(
        Array.from({ length: count }, () =>
          rateLimiter.enter(work, patienceMs).then(
            () => true,
            () => false,
          ),
        ),
      ),
    /** What somebody without patience is told. */
    waitMs: () =>
      clock.until(
        rateLimiter.enter('people', 0).then(
          () => 0,
          ({ retryAfterMs }) => retryAfterMs,
        ),
      ),
  }
}

function mapLedger(): BudgetLedger {
  const budgets = new Map<string, Budget>()
  return {
    async changeBudget(credential, decide) {
      const { budget, answer } = decide(budgets.get(credential))
      budgets.set(credential, budget)
      return answer
    },
  }
}
