import { LEASE_MS, type ZoneContext } from './context.ts'
import { createNotifier } from './declared/notify-callers.ts'
import type { Waiters } from './declared/waiters.ts'
import { createReader } from './observed/reader.ts'
import { createWriter } from './operations/writer.ts'
import type { Rest } from './rota.ts'

/**
 * Keeps one zone: nobody else in this process reads it from Cloudflare or writes to it. When nothing is to be done, and
 * nothing is remembered that is not in the store, it ends, and says when the zone needs one again.
 */
export interface ZoneWorker {
  readonly waiters: Waiters
  /** Whether the zone was ours when we last looked. */
  readonly isHolder: boolean
  /** There is something new to do. */
  wake(): void
  /** Somebody else waits for a read that begins after now. */
  wantRead(): void
  /** Resolves once a good read that began after now was kept; rejects if there can be none before `deadline` (ms). */
  readAnew(deadline: number): Promise<void>
  /** Finishes the call that is under way, and makes no other. */
  stop(): Promise<void>
}

const LONGEST_NAP_MS = 60_000
/** After a turn that failed (ms). */
const LATER_MS = 1_000
/** Until we ask again for a zone that somebody else holds; we are woken when it is let go of (ms). */
const NOT_OURS_MS = 10_000

/**
 * @param rest what was left of the one before
 * @param idle told whenever there is nothing to do for a while; with a rest, it is the end of this worker
 */
export function createZoneWorker(
  context: ZoneContext,
  rest: Rest | undefined,
  idle: (rest: Rest | undefined) => void,
): ZoneWorker {
  const { zone, store, clock, log, owner, zoneLock } = context
  zoneLock.keep(zone.id)
  const notifier = createNotifier(context)
  const reader = createReader(context, notifier, rest?.providerError)
  const writer = createWriter(context, reader, notifier)
  let stopped = false
  let isHolder = rest?.isHolder ?? false
  /** Nothing waits in the store for us. */
  let isQuiet = false
  let nap = new AbortController()
  const life = live()

  async function live(): Promise<void> {
    while (!stopped) {
      const idleMs = await zoneLock.runExclusive(zone.id, turn).catch((error: unknown) => {
        log.error({ zone: zone.name, err: error }, 'unexpected error in a zone; retrying')
        return LATER_MS
      })
      if (idleMs > 0 && !stopped) {
        // Somebody's edit may have come into doubt, of which nobody tells us.
        const napMs = Math.min(idleMs, LONGEST_NAP_MS)
        if (isAtRest()) {
          stopped = true
          idle({ until: clock.now() + napMs, isHolder, providerError: reader.providerError })
          return
        }
        idle(undefined)
        await clock.sleep(napMs, nap.signal)
      }
      if (nap.signal.aborted) nap = new AbortController()
    }
  }

  /** Whoever calls us from now on calls another one. */
  function isAtRest(): boolean {
    const isCalled = nap.signal.aborted
    const isWaitedFor = notifier.waiters.waiting.length > 0 || notifier.awaitsRead
    return isQuiet && !isCalled && !isWaitedFor && reader.isAtRest && writer.isAtRest
  }

  /** At most one read or one batch: one of them at a time, and never both. Returns how long to be idle (ms). */
  async function turn(): Promise<number> {
    isQuiet = false
    const now = clock.now()
    const asideMs = zoneLock.yieldedUntil(zone.id) - now
    if (asideMs > 0) {
      isHolder = false
      return asideMs
    }
    const lease = await store.holdLease(zone.id, owner, now, now + LEASE_MS)
    isHolder = lease !== undefined
    if (lease === undefined) {
      isQuiet = true
      return NOT_OURS_MS
    }
    const state = await store.zoneState(zone.id)

    // Calls are awaited, so a dispatch without an outcome is from a turn that failed, or from a process that died.
    const unanswered = state.dispatches.filter(({ state }) => state === 'sent')
    for (const dispatch of unanswered) await writer.markUnknown(lease, dispatch)
    if (unanswered.length > 0) return 0

    const waiting = await store.waitingIntents(zone.id)
    context.events.queue({ zone: zone.name, waiting: waiting.length })
    isQuiet = waiting.length === 0 && state.dispatches.length === 0
    const msUntilRead = reader.msUntilDue(state, waiting.length > 0)
    if (msUntilRead > 0) return Math.min(msUntilRead, await writer.write(lease, state, waiting))
    const oldest = waiting[0] ?? state.dispatches[0]?.intents[0]
    await reader.read(lease, oldest?.at ?? now)
    return 0
  }

  function wake(): void {
    nap.abort(null)
  }

  return {
    waiters: notifier.waiters,
    get isHolder() {
      return isHolder
    },
    wake,
    wantRead() {
      reader.want()
    },
    readAnew(deadline) {
      const done = reader.readAnew(deadline)
      wake()
      return done
    },
    async stop() {
      stopped = true
      wake()
      await life
    },
  }
}
