import { WORK_KINDS, type WorkKind } from '#providers/provider.ts'

/**
 * How many calls a credential may still make. Cloudflare allows 1,200 in any 5 minutes and then blocks everything for
 * the next 5 (docs, "Rate limits", 2026-04); its headers do not tell how many are left (measured 2026-09-29), so we count.
 * We use 80 %: with a burst of b and r per second, b + 300 r ≤ 960 holds for 60 and 3.
 *
 * Three kinds of work share it. Each has a share of its own that the others cannot use up, and may borrow what the
 * others are not using: people before machines, machines before background.
 */

/** What Cloudflare counts over, and the longest that it blocks (ms). */
const WINDOW_MS = 300_000
const BURST = 60
const CALLS_PER_SECOND = 3
/** How often a call comes back, all kinds of work together. */
export const MS_PER_CALL = 1_000 / CALLS_PER_SECOND
const SHARE: Readonly<Record<WorkKind, number>> = { people: 0.5, machines: 0.3, background: 0.2 }

/** Calls left for each kind of work, as of `at` (ms); nobody calls before `blockedUntil` (ms). */
export interface Budget {
  readonly left: Readonly<Record<WorkKind, number>>
  readonly at: number
  readonly blockedUntil: number
}

export function freshBudget(now: number): Budget {
  return { left: perKind((kind) => BURST * SHARE[kind]), at: now, blockedUntil: 0 }
}

/** One call for `work`, if there is one: otherwise how long to wait before asking again. */
export function takeCall(budget: Budget, work: WorkKind, now: number): { budget: Budget; waitMs: number } {
  const current = refill(budget, now)
  if (current.blockedUntil > now) return { budget: current, waitMs: current.blockedUntil - now }

  const lender = [work, ...WORK_KINDS.filter((kind) => kind !== work)].find((kind) =>
    kind === work ? current.left[kind] >= 1 : current.left[kind] >= keptBackFrom(work, kind) + 1,
  )
  if (lender === undefined) {
    return { budget: current, waitMs: msUntilOne(current, work) }
  }
  return { budget: { ...current, left: { ...current.left, [lender]: current.left[lender] - 1 } }, waitMs: 0 }
}

/** Cloudflare said to wait: nobody calls until then. A later word never shortens an earlier one. */
export function blockUntil(budget: Budget, until: number): Budget {
  return { ...budget, blockedUntil: Math.max(budget.blockedUntil, until) }
}

/** Whole calls left for all kinds together. */
export function callsLeft(budget: Budget, now: number): number {
  const { left, blockedUntil } = refill(budget, now)
  return blockedUntil > now ? 0 : Math.floor(WORK_KINDS.reduce((sum, kind) => sum + left[kind], 0))
}

/** What `borrower` leaves in the share of `lender`: the more urgent the lender, the more stays for it. */
function keptBackFrom(borrower: WorkKind, lender: WorkKind): number {
  const lenderGoesFirst = WORK_KINDS.indexOf(lender) < WORK_KINDS.indexOf(borrower)
  return BURST * SHARE[lender] * (lenderGoesFirst ? 0.5 : 0.25)
}

/**
 * A clock that was set back refills nothing, and never takes away. When it went back by more than a window, the time
 * that was kept came from a wrong clock: to wait for it would be to wait for hours.
 */
function refill(budget: Budget, now: number): Budget {
  const at = budget.at - now > WINDOW_MS ? now : budget.at
  const seconds = Math.max(0, now - at) / 1000
  const left = perKind((kind) =>
    Math.min(BURST * SHARE[kind], budget.left[kind] + seconds * CALLS_PER_SECOND * SHARE[kind]),
  )
  return { left, at: Math.max(now, at), blockedUntil: Math.min(budget.blockedUntil, now + WINDOW_MS) }
}

function msUntilOne({ left }: Budget, work: WorkKind): number {
  const missing = 1 - left[work]
  return Math.ceil((missing / (CALLS_PER_SECOND * SHARE[work])) * 1000)
}

function perKind(amount: (kind: WorkKind) => number): Record<WorkKind, number> {
  return { people: amount('people'), machines: amount('machines'), background: amount('background') }
}
