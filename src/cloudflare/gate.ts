import type { Clock, Random } from '#src/world.ts'
import { type Budget, blockUntil, callsLeft, freshBudget, takeCall, type WorkKind } from './budget.ts'
import { CloudflareError } from './errors.ts'
import { createRetries } from './retries.ts'

/** Where budgets are kept: durable and shared, so that neither a restart nor a second process starts with a full one. */
export interface BudgetLedger {
  /** Runs `decide` on the stored budget (undefined: none yet) with nobody else in between, and keeps what it returns. */
  changeBudget<T>(
    credential: string,
    decide: (budget: Budget | undefined) => { budget: Budget; answer: T },
  ): Promise<T>
}

/** Stands before every call that a credential makes. */
export interface Gate {
  /** Resolves when the call may be made; rejects with `rate-limited` or `breaker-open` if that is further off than `patienceMs`. */
  enter(work: WorkKind, patienceMs: number, errand?: Errand): Promise<void>
  /** To be told of the end of every call; it is how the gate learns that Cloudflare is down, back, or asks us to wait. */
  ended(error: CloudflareError | undefined, answers?: AnswersFor): Promise<void>
  /** What we last heard, from memory. */
  status(): GateStatus
}

/** `again`: the same was tried just before, and Cloudflare did not do it. */
export type Errand = 'first' | 'again'

/** Whether a refusal says something about the credential, or only about what it may do in one zone. */
export type AnswersFor = 'credential' | 'zone'

export interface GateStatus {
  /** Of the last call that Cloudflare answered, whatever the answer; undefined before the first. */
  readonly lastAnswerAt: number | undefined
  /** Since when calls have been going unanswered; undefined while they are answered. */
  readonly silentSince: number | undefined
  readonly credentialRefused: boolean
  readonly callsLeft: number | undefined
}

const LEAVE_LASTS_MS = 1_000
const FAILURES_THAT_OPEN_THE_BREAKER = 5
const PROBE_EVERY_MS = 30_000
const FIRST_BLOCK_MS = 60_000
const LONGEST_BLOCK_MS = 300_000

/** `credential` names the budget: a hash, never the secret. */
export function createGate(options: {
  credential: string
  ledger: BudgetLedger
  clock: Clock
  random: Random
}): Gate {
  const { credential, ledger, clock, random } = options
  const retries = createRetries()
  let failuresInARow = 0
  let nextProbeAt = 0
  let unexplainedBlocks = 0
  let lastAnswerAt: number | undefined
  let silentSince: number | undefined
  let refusalsInARow = 0
  let lastCallsLeft: number | undefined

  async function enter(work: WorkKind, patienceMs: number, errand: Errand = 'first'): Promise<void> {
    const patientUntil = clock.now() + patienceMs
    let mayRepeat = errand === 'first'
    for (;;) {
      const retryWaitMs = mayRepeat ? 0 : retries.take(clock.now())
      mayRepeat ||= retryWaitMs === 0
      const askedAt = clock.now()
      const waitMs = retryWaitMs || breakerWaitMs() || (await budgetWaitMs(work))
      // Leave that took long to get may be out of date: it is asked for again.
      if (waitMs === 0 && clock.now() - askedAt > LEAVE_LASTS_MS) continue
      if (waitMs === 0) {
        retries.called(clock.now())
        return
      }
      // Waiters of one moment do not come back in one moment.
      const jitteredMs = waitMs + Math.floor(random.fraction() * 100)
      if (clock.now() + jitteredMs > patientUntil) throw mustWait(waitMs)
      await clock.sleep(jitteredMs)
    }
  }

  function breakerWaitMs(): number {
    if (failuresInARow < FAILURES_THAT_OPEN_THE_BREAKER) return 0
    const now = clock.now()
    if (now < nextProbeAt) return nextProbeAt - now
    nextProbeAt = now + PROBE_EVERY_MS
    return 0
  }

  async function budgetWaitMs(work: WorkKind): Promise<number> {
    const waitMs = await takeFromLedger(work)
    // The probe was not made, so it is still to be made.
    if (waitMs > 0 && failuresInARow >= FAILURES_THAT_OPEN_THE_BREAKER) nextProbeAt = clock.now()
    return waitMs
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
    const open = failuresInARow >= FAILURES_THAT_OPEN_THE_BREAKER
    return new CloudflareError(
      open ? 'breaker-open' : 'rate-limited',
      'not-executed',
      open
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
      failuresInARow = 0
      lastAnswerAt = now
      silentSince = undefined
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
