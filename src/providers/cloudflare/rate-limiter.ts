import type { Clock, Random } from '#platform/ports.ts'
import type { ProviderStatus, Turn, WorkKind } from '#providers/provider.ts'
import { type Budget, blockUntil, callsLeft, freshBudget, takeCall } from './budget.ts'
import { createCallQueue } from './call-queue.ts'
import { CloudflareError } from './errors.ts'

/** Where budgets are kept: durable and shared, so that neither a restart nor a second process starts with a full one. */
export interface BudgetLedger {
  /** Runs `decide` on the stored budget (undefined: none yet) with nobody else in between, and keeps what it returns. */
  changeBudget<T>(
    credential: string,
    decide: (budget: Budget | undefined) => { budget: Budget; answer: T },
  ): Promise<T>
}

/** Stands before every call that a credential makes. */
export interface RateLimiter {
  /**
   * Resolves when the call may be made; rejects with `rate-limited` or `breaker-open` as soon as that is further off than
   * `patienceMs`. Who has waited longest is next.
   */
  enter(work: WorkKind, patienceMs: number, turn?: Turn): Promise<void>
  /** To be told of the end of every call; it is how the gate learns that Cloudflare is down, back, or asks us to wait. */
  ended(error: CloudflareError | undefined, answers?: AnswersFor): Promise<void>
  /** What we last heard, from memory. */
  status(): ProviderStatus
}

/** Whether a refusal says something about the credential, or only about what it may do in one zone. */
export type AnswersFor = 'credential' | 'zone'

const LEAVE_LASTS_MS = 1_000
const FAILURES_THAT_OPEN_THE_BREAKER = 5
const PROBE_EVERY_MS = 30_000
const FIRST_BLOCK_MS = 60_000
const LONGEST_BLOCK_MS = 300_000

/** `credential` names the budget: a hash, never the secret. */
export function createRateLimiter(options: {
  credential: string
  ledger: BudgetLedger
  clock: Clock
  random: Random
}): RateLimiter {
  const { credential, ledger, clock, random } = options
  const retries = createRetries()
  let failuresInARow = 0
  let nextProbeAt = 0
  let unexplainedBlocks = 0
  let lastAnswerAt: number | undefined
  let silentSince: number | undefined
  let refusalsInARow = 0
  let lastCallsLeft: number | undefined

  const queue = createCallQueue({ clock, random, msToWait, mustWait })

  async function enter(
    work: WorkKind,
    patienceMs: number,
    { attempt = 'first', since = clock.now() }: Turn = {},
  ): Promise<void> {
    const patientUntil = clock.now() + patienceMs
    if (attempt === 'again') await leaveToRepeat(patientUntil)
    await queue.join({ work, since, patientUntil })
    retries.called(clock.now())
  }

  async function leaveToRepeat(patientUntil: number): Promise<void> {
    for (;;) {
      const waitMs = retries.take(clock.now())
      if (waitMs === 0) return
      if (clock.now() + waitMs > patientUntil) throw mustWait(waitMs)
      await clock.sleep(waitMs)
    }
  }

  /** 0: one call may be made now, and is counted. */
  async function msToWait(work: WorkKind): Promise<number> {
    for (;;) {
      const askedAt = clock.now()
      const waitMs = msUntilProbe() || (await takeFromLedger(work))
      if (waitMs > 0) return waitMs
      // Leave that took long to get may be out of date: it is asked for again.
      if (clock.now() - askedAt > LEAVE_LASTS_MS) continue
      if (isOpen()) nextProbeAt = clock.now() + PROBE_EVERY_MS
      return 0
    }
  }

  function msUntilProbe(): number {
    return isOpen() ? Math.max(0, nextProbeAt - clock.now()) : 0
  }

  function isOpen(): boolean {
    return failuresInARow >= FAILURES_THAT_OPEN_THE_BREAKER
  }

  function takeFromLedger(work: WorkKind): Promise<number> {
    return ledger.changeBudget(credential, (kept) => {
      const now = clock.now()
      const { budget, waitMs } = takeCall(kept ?? freshBudget(now), work, now)
      lastCallsLeft = callsLeft(budget, now)
      return { budget, answer: waitMs }
    })
  }

  function mustWait(waitMs: number): CloudflareError {
    return new CloudflareError(
      isOpen() ? 'breaker-open' : 'rate-limited',
      'not-executed',
      isOpen()
        ? 'Cloudflare is not answering; we ask again shortly.'
        : 'The call budget for Cloudflare is used up for now.',
      { retryAfterMs: waitMs },
    )
  }

  async function ended(error: CloudflareError | undefined, answers: AnswersFor = 'zone'): Promise<void> {
    const now = clock.now()
    const answered =
      error === undefined || !['unreachable', 'timeout', 'server-error', 'unreadable'].includes(error.kind)
    if (answered) {
      const wasOpen = isOpen()
      failuresInARow = 0
      lastAnswerAt = now
      silentSince = undefined
      if (wasOpen) queue.look()
    } else {
      failuresInARow += 1
      silentSince ??= now
      if (failuresInARow === FAILURES_THAT_OPEN_THE_BREAKER) nextProbeAt = now + PROBE_EVERY_MS
    }

    if (error?.kind === 'rate-limited') {
      const unexplainedMs = Math.min(FIRST_BLOCK_MS * 2 ** unexplainedBlocks, LONGEST_BLOCK_MS)
      if (error.retryAfterMs === undefined) unexplainedBlocks += 1
      const until = now + Math.min(error.retryAfterMs ?? unexplainedMs, LONGEST_BLOCK_MS)
      await ledger.changeBudget(credential, (kept) => ({
        budget: blockUntil(kept ?? freshBudget(now), until),
        answer: undefined,
      }))
    } else if (answered) {
      unexplainedBlocks = 0
      // Valid credentials have been refused now and then, and accepted a moment later (octodns-cloudflare, 2024).
      if (error?.kind !== 'unauthorised') refusalsInARow = 0
      else if (answers === 'credential') refusalsInARow += 1
    }
  }

  return {
    enter,
    ended,
    status: () => ({
      lastAnswerAt,
      silentSince,
      credentialRefused: refusalsInARow >= 2,
      callsLeft: lastCallsLeft,
    }),
  }
}

/**
 * Trying again must not multiply trouble: of all calls, at most one in ten is made only because an earlier one failed.
 * Ten may be saved up, so that a quiet system can help itself, and one comes back every ten seconds.
 */
export interface Retries {
  /** A call was made, first or repeated. */
  called(now: number): void
  /** Takes leave for one repeated call. 0: granted; otherwise how long until one will be (ms). */
  take(now: number): number
}

const EARNED_BY_A_CALL = 0.1
const MOST_SAVED = 10
const MS_FOR_ONE = 10_000

export function createRetries(): Retries {
  let saved = MOST_SAVED
  let at: number | undefined

  function refill(now: number): void {
    saved = Math.min(MOST_SAVED, saved + Math.max(0, now - (at ?? now)) / MS_FOR_ONE)
    at = now
  }

  return {
    called(now) {
      refill(now)
      saved = Math.min(MOST_SAVED, saved + EARNED_BY_A_CALL)
    },
    take(now) {
      refill(now)
      if (saved < 1) return Math.ceil((1 - saved) * MS_FOR_ONE)
      saved -= 1
      return 0
    },
  }
}
