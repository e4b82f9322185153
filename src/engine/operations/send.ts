import type { Clock } from '#platform/ports.ts'
import {
  type BatchDone,
  type Permit,
  type Provider,
  ProviderError,
  type ProviderErrorKind,
} from '#providers/provider.ts'
import type { Lease } from '#store/coordination.ts'
import type { Dispatch, NewDispatch } from '#store/operations.ts'
import type { Store } from '#store/store.ts'

/** Whoever is held up for longer between the dispatch and the call does not make it: others may have begun (ms). */
const LATEST_SEND_MS = 1_000
/** A dispatch needs so much of its lease left: the deadline of a call, and until it is sent (ms). */
const ROOM_FOR_A_CALL_MS = 11_000
/** No late commit has been seen after some 100 s, when Cloudflare's own edge gives up (ms). */
export const FENCE_MS = 120_000

/** What became of a batch, as far as its answer tells. It is in the log as `sent` until somebody says so there. */
export type Sent =
  /** The lease or what was asked for has changed: decide again. Nothing is in the log. */
  | { readonly outcome: 'not-begun' }
  /** Held up for too long, or not wanted any more: nothing was sent. */
  | { readonly outcome: 'withheld'; readonly dispatch: Dispatch }
  | { readonly outcome: 'done'; readonly dispatch: Dispatch; readonly done: BatchDone }
  /** Nothing was done, and it may work later. */
  | { readonly outcome: 'passing'; readonly dispatch: Dispatch; readonly error: ProviderError }
  /**
   * A definite no. A request that was delivered twice is refused for a `stale-view`, and was carried out: it is found
   * out by reading. But nothing of it can arrive later, so nothing is fenced.
   */
  | { readonly outcome: 'refused'; readonly dispatch: Dispatch; readonly error: ProviderError }
  /** Nobody knows. The log has it in doubt already, unless somebody else was first. */
  | {
      readonly outcome: 'unknown'
      readonly dispatch: Dispatch
      readonly error: ProviderError
      readonly isNews: boolean
    }

export interface Batch extends NewDispatch {
  readonly cloudflare: Provider
  readonly permit: Permit
  readonly lease: Lease
  /** Told once it is in the log, at the last moment: false, and it is not sent. */
  readonly begins?: (dispatch: Dispatch) => boolean
}

/** Writes a batch down, sends it, and says what became of it: the one way in which anything is changed at Cloudflare. */
export async function sendBatch(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  { cloudflare, permit, lease, begins = () => true, ...batch }: Batch,
): Promise<Sent> {
  const dispatch = await store.dispatch(lease, batch, ROOM_FOR_A_CALL_MS)
  if (dispatch === undefined) return { outcome: 'not-begun' }
  if (clock.now() - batch.at > LATEST_SEND_MS || !begins(dispatch)) return { outcome: 'withheld', dispatch }
  try {
    const done = await cloudflare.batch(lease.zone, batch.changes, permit)
    return { outcome: 'done', dispatch, done }
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error
    if (error.outcome !== 'not-executed') {
      const isNews = await logAsUnknown({ store, clock }, lease, dispatch)
      return { outcome: 'unknown', dispatch, error, isNews }
    }
    return { outcome: DEFINITE.has(error.kind) ? 'refused' : 'passing', dispatch, error }
  }
}

/** What goes on being refused, until something changes. */
const DEFINITE: ReadonlySet<ProviderErrorKind> = new Set(['refused', 'stale-view', 'quota'])

/**
 * Nobody knows what became of it: it is not sent again, but found out by reading, and fenced for as long as it may still
 * arrive. Without a lease: whoever sent it is long dead. False: it is known already.
 */
export function logAsUnknown(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  lease: Lease | undefined,
  dispatch: Dispatch,
): Promise<boolean> {
  const now = clock.now()
  return store.markUnknown(lease, dispatch, now, now + FENCE_MS)
}
