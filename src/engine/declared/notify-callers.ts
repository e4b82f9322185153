import { bySet, keyOf } from '#dns/record-set.ts'
import type { ProviderError } from '#providers/provider.ts'
import type { Intent, Refused } from '#store/declared.ts'
import type { SettledSet } from '#store/operations.ts'
import type { ZoneContext } from '../context.ts'
import type { ZoneRead } from '../observed/snapshot-check.ts'
import { providerErrorOf, refusedError } from '../operations/provider-errors.ts'
import { isFulfilled } from './decide.ts'
import { createWaiters, type Done, type Waiters } from './waiters.ts'

/** Tells the requests that wait, and whoever counts, what became of an intent. The store has kept it before. */
export interface Notifier {
  readonly waiters: Waiters
  /** Cloudflare holds it. With `onceShown`, callers are told when a read that begins after now has shown it too. */
  settled(set: SettledSet): void
  /** It was so already. */
  unchanged(intent: Intent): void
  refused(intent: Intent, refusal: Refused['refusal']): void
  /** A good read: those who waited to see it are told, if it shows what they asked for. */
  shown(read: ZoneRead): Promise<void>
  /** Somebody waits for a read to show what was done. */
  readonly awaitsRead: boolean
  /**
   * Nothing was done, and it is tried again at `until` (ms): those who cannot wait so long are told now, but for
   * the generations of `others`, whom it does not concern.
   */
  delayed(error: ProviderError, until: number, others?: ReadonlySet<number>): Promise<void>
  /** We reach Cloudflare again. */
  relieved(): void
}

export function createNotifier({ zone, store, clock, log, events }: ZoneContext): Notifier {
  const waiters = createWaiters()
  let held: { intent: Intent; done: Done; since: number }[] = []

  function settled({ intent, before, refusal, onceShown = false }: SettledSet): void {
    if (refusal) {
      refused(intent, refusal)
      return
    }
    const outcome = intent.wanted === null ? 'deleted' : before.length === 0 ? 'created' : 'updated'
    events.change({ kind: outcome, origin: intent.origin, outcome: 'done' })
    if (onceShown) held.push({ intent, done: { outcome }, since: clock.now() })
    else waiters.done(intent.generation, { outcome })
  }

  function refused(intent: Intent, refusal: Refused['refusal']): void {
    const { generation, wanted, origin, caller, requestId } = intent
    events.change({ kind: wanted === null ? 'deleted' : 'updated', origin, outcome: 'refused' })
    log.warn(
      { zone: zone.name, set: keyOf(intent.key), caller, code: refusal.code, requestId },
      `refused: ${refusal.message}`,
    )
    waiters.fail(generation, refusedError(refusal))
  }

  async function shown({ startedAt, records }: ZoneRead): Promise<void> {
    const ripe = held.filter(({ since }) => since <= startedAt)
    held = held.filter(({ since }) => since > startedAt)
    if (ripe.length === 0) return
    const sets = bySet(records)
    const seen = ripe.filter(({ intent }) => isFulfilled(intent, sets))
    for (const { intent, done } of seen) waiters.done(intent.generation, done)
    // Others may wait elsewhere.
    if (seen.length > 0) await store.showEnds(seen.map(({ intent }) => intent.generation))
  }

  async function delayed(error: ProviderError, until: number, others?: ReadonlySet<number>): Promise<void> {
    const providerError = providerErrorOf(error)
    waiters.providerError = providerError
    for (const generation of waiters.outOfTimeBy(until)) {
      if (others?.has(generation)) continue
      if (await store.withdrawIntent(generation)) waiters.fail(generation, providerError)
    }
  }

  return {
    waiters,
    settled,
    unchanged({ generation, wanted }) {
      waiters.done(generation, { outcome: wanted === null ? 'deleted' : 'unchanged' })
    },
    refused,
    shown,
    get awaitsRead() {
      return held.length > 0
    },
    delayed,
    relieved() {
      waiters.providerError = undefined
    },
  }
}
