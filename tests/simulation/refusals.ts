import { type Asking, NOT_OURS_CODES } from './actors.ts'
import { isAlone, type LastingSpan } from './lasting.ts'
import type { NetworkCall } from './network.ts'
import type { Noted } from './noting.ts'
import type { Scenario } from './scenario.ts'
import type { History } from './truth.ts'

/** What an answer is judged by that is not "done". */
export interface Circumstances {
  readonly scenario: Scenario
  readonly lasting: readonly LastingSpan[]
  readonly truth: History
  readonly tooLarge: ReadonlySet<string>
}

/** What was sent, and what Cloudflare refused of it. */
interface Sent {
  readonly noted: Noted
  readonly calls: readonly NetworkCall[]
}

/** A bad record was in the batch; the record quota is exceeded; more operations than a batch takes. */
const [BAD_RECORD, ZONE_FULL, TOO_MANY] = [9007, 81045, 9207]

/** Batches of several names that were refused, and sent again as they were: one of them is bad, or they are too many. */
export function refusedAgain({ noted, calls }: Sent): string[] {
  return refusals({ noted, calls }).flatMap(({ code, refused, next }) => {
    if (![BAD_RECORD, ZONE_FULL, TOO_MANY].includes(code) || refused.names.length === 1) return []
    if (next?.owner !== refused.owner) return []
    const isWhole = refused.generations.every((generation) => next.generations.includes(generation))
    return isWhole ? [`a batch was refused (${code}), and sent again`] : []
  })
}

/** Names where a batch of that name alone was larger than Cloudflare takes. */
export function namesTooLarge({ noted, calls }: Sent): ReadonlySet<string> {
  const alone = refusals({ noted, calls }).filter(
    ({ code, refused }) => code === TOO_MANY && refused.names.length === 1,
  )
  return new Set(alone.flatMap(({ refused }) => refused.names))
}

/** Each refusal that its replica knows of, with the dispatch that it is about and the next one in that zone. */
function refusals({ noted, calls }: Sent) {
  return calls.flatMap(({ zone, sentAt, refusal: code }) => {
    if (code === undefined) return []
    const here = noted.dispatches.filter((one) => one.zone === zone)
    const index = here.findLastIndex(({ at }) => at <= sentAt)
    const refused = here[index]
    return refused?.wasReturned ? [{ code, refused, next: here[index + 1] }] : []
  })
}

/** A refusal of what was accepted is told to whoever asks for it next; and a full zone is remembered for so long (ms). */
const LONGEST_REFUSED_MS = 600_000
/** A refusal of our own is given from a read of the last 15 s, and a list may lag behind by 30 s (ms). */
const OLD_PICTURE_MS = 45_000
/** How long a zone that is secondary no more is taken for one: until the zones are listed again, and that may fail once (ms). */
const LISTED_EVERY_MS = 600_000

/** Whether a final no is what Cloudflare says in earnest, about this very set. */
export function isRefusedRightly(
  asking: Asking,
  { scenario, lasting, truth, tooLarge }: Circumstances,
): boolean {
  const { outcome, key, wanted, keyText, arrivedAt, answeredAt } = asking
  if (scenario.ownership === 'strict' && NOT_OURS_CODES.has(outcome)) {
    const wasTheirs = truth.wasTheirs(key.name, arrivedAt - LONGEST_REFUSED_MS, answeredAt)
    // What others change while nobody knows whether we have made it is no longer as we would have made it.
    return wasTheirs || truth.isExcused(key.name, arrivedAt, answeredAt)
  }
  if (outcome === 'conflict' && truth.stoodInTheWay(keyText, arrivedAt - OLD_PICTURE_MS, answeredAt))
    return true
  return lasting.some((span) => {
    const { fault, zone, name, form } = span.lasting
    const isInZone = key.name.endsWith(`.${zone}`)
    const lasts = (longerMs: number) => span.from <= answeredAt && arrivedAt <= span.to + longerMs
    switch (outcome) {
      case 'conflict':
        // What could not leave is in the way of what was to take its place.
        return fault === 'F14' && key.name === name && lasts(LONGEST_REFUSED_MS)
      case 'refused':
        return (
          ((fault === 'F14' && key.name === name) || (fault === 'F28' && tooLarge.has(key.name))) &&
          lasts(LONGEST_REFUSED_MS)
        )
      case 'quota-exceeded': {
        const fewest = truth.fewestIn(keyText, arrivedAt - OLD_PICTURE_MS, answeredAt)
        const grows = wanted !== null && wanted.values.length > fewest
        return fault === 'F17' && isInZone && grows && lasts(LONGEST_REFUSED_MS)
      }
      case 'zone-read-only':
        return fault === 'F27' && form === 'read-only' && isInZone && lasts(LISTED_EVERY_MS)
      default:
        return false
    }
  })
}

/** After a credential or a zone was refused twice, it is asked once a minute; and this is what an answer takes (ms). */
const PROBED_AFTER_MS = 60_000 + 25_000

/**
 * Where lasting trouble is the only one, it keeps only those from what they ask for whom it concerns: those who were
 * in one batch with a bad set, or whose batches have to be smaller, are answered "done" at their first question.
 */
export function isLeftUndoneRightly(asking: Asking, circumstances: Circumstances): boolean {
  if (!isAlone(circumstances.scenario)) return true
  if (isRefusedRightly(asking, circumstances)) return true
  const { key, arrivedAt, answeredAt } = asking
  return circumstances.lasting.some(({ lasting: { fault, zone }, from, to }) => {
    const isConcerned =
      fault === 'F22' || fault === 'F23' || (fault === 'F27' && key.name.endsWith(`.${zone}`))
    const afterMs = fault === 'F27' ? LISTED_EVERY_MS : PROBED_AFTER_MS
    return isConcerned && from <= answeredAt && arrivedAt <= to + afterMs
  })
}
