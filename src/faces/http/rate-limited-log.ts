import type { Clock, Log } from '#platform/ports.ts'

/**
 * Says at info what anybody can cause: at most `most` lines a second, and then with the next one how many were left out.
 */
export function rateLimitedLog(log: Log, clock: Clock, most: number): (facts: object, words: string) => void {
  let since = 0
  let said = 0
  let unsaid = 0
  return (facts, words) => {
    const now = clock.now()
    const isSameSecond = now >= since && now < since + 1000
    if (!isSameSecond) {
      if (unsaid > 0) log.info({ unsaid }, 'similar messages suppressed')
      since = now
      said = 0
      unsaid = 0
    }
    if (said < most) {
      said += 1
      log.info(facts, words)
    } else unsaid += 1
  }
}
