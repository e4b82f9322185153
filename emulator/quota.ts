/** The call budget: so many calls in any five minutes, and past it five minutes of 429 for everything. */

export const WINDOW_MS = 300_000

export interface Quota {
  /**
   * Counts a call of `payer` at `nowMs`. Zero when it may pass; otherwise how many milliseconds the block lasts yet.
   * Calls that are blocked do not count.
   */
  spend(payer: string, nowMs: number): number
}

export function createQuota(callsPerWindow: number): Quota {
  const payers = new Map<string, { calls: number[]; first: number; blockedUntil: number }>()

  return {
    spend(payer, nowMs) {
      const account = payers.get(payer) ?? { calls: [], first: 0, blockedUntil: 0 }
      payers.set(payer, account)
      if (nowMs < account.blockedUntil) return account.blockedUntil - nowMs

      while (account.first < account.calls.length && account.calls[account.first]! <= nowMs - WINDOW_MS) {
        account.first += 1
      }
      if (account.first > 10_000) {
        account.calls = account.calls.slice(account.first)
        account.first = 0
      }
      if (account.calls.length - account.first < callsPerWindow) {
        account.calls.push(nowMs)
        return 0
      }
      payers.set(payer, { calls: [], first: 0, blockedUntil: nowMs + WINDOW_MS })
      return WINDOW_MS
    },
  }
}
