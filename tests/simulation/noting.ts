import { type Change, operationCount } from '#dns/plan.ts'
import { keyOf } from '#dns/record-set.ts'
import type { Budget } from '#providers/cloudflare/budget.ts'
import type { Intent } from '#store/declared.ts'
import type { Holder } from '#store/edits.ts'
import type { Dispatch } from '#store/operations.ts'
import type { Store } from '#store/store.ts'
import type { VirtualClock } from '../support/virtual-clock.ts'
import { textOfSet } from './sets.ts'

/** What the shared database has seen: the order in which intents were accepted, and what was sent for them. */
export interface Noted {
  readonly intents: Intent[]
  readonly dispatches: NotedDispatch[]
  /** Times in which nobody may call, as they were written down. */
  readonly blocks: { readonly credential: string; readonly from: number; readonly until: number }[]
  readonly edits: NotedEdit[]
}

/** What a customer has changed, as it was written down before it was sent. */
export interface NotedEdit extends Holder {
  readonly id: string
  readonly requestId: string
  readonly at: number
  readonly changes: readonly Change[]
}

export interface NotedDispatch {
  readonly id: string
  readonly at: number
  readonly zone: string
  /** Names the life of the replica that sent it. */
  readonly owner: string
  readonly names: readonly string[]
  /** `keyOf` of each set. */
  readonly sets: readonly string[]
  readonly generations: readonly number[]
  /** Nothing of it was done, and the replica knows. */
  wasReturned: boolean
  /** Since when nobody knew what became of it. */
  doubtedAt?: number
  readonly operations: number
  readonly changes: readonly Change[]
  /** Sets that would not be as their intents say, once this batch is carried out. */
  readonly unlike: readonly string[]
}

/** A store that keeps notes; nothing goes wrong in it. */
export function notingStore(
  store: Store,
  noted: Noted,
  clock: VirtualClock,
  note: (text: string) => void,
): Store {
  return {
    ...store,
    async addIntent(wanted, notAfter) {
      const intent = await store.addIntent(wanted, notAfter)
      noted.intents.push(intent)
      note(
        `intent ${intent.generation} ${intent.origin} ${keyOf(intent.key)} = ${intent.wanted?.values.join(' ') ?? 'nothing'}`,
      )
      return intent
    },
    async addCorrection(wanted, managedAs) {
      const intent = await store.addCorrection(wanted, managedAs)
      note(
        `correction ${intent?.generation} ${keyOf(wanted.key)} = ${wanted.wanted?.values.join(' ') ?? 'nothing'}`,
      )
      return intent
    },
    async dispatch(lease, batch, minimumLeft) {
      const dispatch = await store.dispatch(lease, batch, minimumLeft)
      if (dispatch === undefined) return undefined
      if (batch.edit) {
        const { id, requestId, customerId, connectionId } = batch.edit
        noted.edits.push({ id, requestId, customerId, connectionId, at: clock.now(), changes: batch.changes })
      }
      noted.dispatches.push({
        id: dispatch.id,
        at: clock.now(),
        zone: lease.zone,
        owner: lease.owner,
        names: batch.names,
        sets: batch.intents.map(({ key }) => keyOf(key)),
        generations: batch.intents.map(({ generation }) => generation),
        wasReturned: false,
        operations: operationCount(dispatch.changes),
        changes: dispatch.changes,
        unlike: await unlikeTheirIntents(store, dispatch),
      })
      note(
        `dispatch ${dispatch.id.slice(0, 6)} by ${lease.owner.slice(0, 4)}: ${dispatch.changes.map(lineOf).join('; ')}`,
      )
      return dispatch
    },
    async settle(lease, dispatch, settlement) {
      const kept = await store.settle(lease, dispatch, settlement)
      note(`settle ${dispatch.id.slice(0, 6)}: ${kept}`)
      return kept
    },
    async requeue(lease, dispatch, refused, at) {
      const kept = await store.requeue(lease, dispatch, refused, at)
      const its = noted.dispatches.findLast(({ id }) => id === dispatch.id)
      if (its && kept) its.wasReturned = true
      note(`undispatch ${dispatch.id.slice(0, 6)}: ${kept}, ${refused.length} refused`)
      return kept
    },
    async markUnknown(lease, dispatch, at, fenceUntil) {
      const kept = await store.markUnknown(lease, dispatch, at, fenceUntil)
      const its = noted.dispatches.findLast(({ id }) => id === dispatch.id)
      if (its && kept) its.doubtedAt ??= clock.now()
      note(`doubt ${dispatch.id.slice(0, 6)}: ${kept}`)
      return kept
    },
    async keepTrustedRead(lease, read) {
      const kept = await store.keepTrustedRead(lease, read)
      const { seen, gone, resolved, drifted } = read
      const told = resolved.map(
        ({ dispatch, again }) => `${dispatch.id.slice(0, 6)} ${again.length === 0 ? 'done' : 'not done'}`,
      )
      note(
        `believe ${kept}: seen ${seen.map(({ id }) => id.slice(0, 6))} gone ${gone.map((id) => id.slice(0, 6))} drifted ${drifted.map(keyOf)} resolved ${told}`,
      )
      return kept
    },
    async changeBudget(credential, decide) {
      return store.changeBudget(credential, (kept: Parameters<typeof decide>[0]) => {
        const decided = decide(kept)
        const until = (decided.budget as Budget).blockedUntil
        const known = (kept as Budget | undefined)?.blockedUntil ?? 0
        if (until > known) noted.blocks.push({ credential, from: clock.now(), until })
        return decided
      })
    },
  }
}

async function unlikeTheirIntents(store: Store, { intents, changes, names }: Dispatch): Promise<string[]> {
  const [first] = intents
  if (first === undefined) return []
  const mirror = await store.recordsAt(first.zone, names)
  const leaving = new Set(changes.flatMap((change) => (change.kind === 'post' ? [] : [change.record.id])))
  const arriving = changes.flatMap((change) => (change.kind === 'delete' ? [] : [change.to]))
  const staying = mirror.flatMap(({ record, goneAt }) =>
    goneAt === null && !leaving.has(record.id) && 'value' in record ? [record] : [],
  )
  const after = [...staying, ...arriving]
  return intents.flatMap(({ key, wanted }) => {
    const held = after.filter(({ name, type }) => name === key.name && type === key.type)
    const text = held
      .map(({ ttl, value }) => `${ttl} ${value}`)
      .sort()
      .join(', ')
    return text === textOfSet(wanted) ? [] : [`${keyOf(key)}: ${text} instead of ${textOfSet(wanted)}`]
  })
}

function lineOf(change: Dispatch['changes'][number]): string {
  const to = change.kind === 'delete' ? '' : ` ${change.to.name} ${change.to.type} ${change.to.value}`
  return `${change.kind}${change.kind === 'post' ? '' : ` ${change.record.id.slice(0, 6)}`}${to}`
}
