import type { Change } from '#dns/plan.ts'
import type { RecordId, ZoneRecord } from '#dns/record.ts'
import { keyOf } from '#dns/record-set.ts'
import { type BatchDone, type Provider, ProviderError } from '#providers/provider.ts'
import type { Lease } from '#store/coordination.ts'
import type { Refused } from '#store/declared.ts'
import type { Store } from '#store/store.ts'
import type { VirtualClock } from '../support/virtual-clock.ts'
import type { Mutation } from './replica.ts'
import type { Bias } from './scenario.ts'

/**
 * Engines that are broken in one way or in several, to show that the checks would see it. They are made by lying to
 * the real engine about its store and its client; nothing in the engine knows of them.
 */
export interface Mutant {
  readonly name: string
  readonly about: string
  /** A new one for each seed: a mutation may remember. */
  mutation(): Mutation
  readonly bias: Bias
  /** Seeds that catch it, with this bias. */
  readonly caughtBy: readonly number[]
}

type StoreLie = (store: Store, shared: Shared) => Store
type ClientLie = (client: Provider, clock: VirtualClock, shared: Shared) => Provider

/** What all replicas of one world know together, behind the engine's back. */
interface Shared {
  /** The last lease that anybody was given, by zone. */
  readonly leases: Map<string, Lease>
  /** Why the last batch was refused, by zone. */
  readonly blamed: Map<string, Refused['refusal']>
  /** Sets that nobody remembers: zone and `keyOf`. */
  readonly forgotten: Set<string>
}

/** The rules of the engine, one by one; each mutant lacks some. */
const without = {
  lease: (store): Store => ({
    ...store,
    holdLease: (zone, _owner, now, until) => store.holdLease(zone, 'everybody', now, until),
  }),
  /** The lease is believed to last, and nobody looks again when the batch is sent. */
  recheck: (store, { leases }): Store => ({
    ...store,
    async holdLease(zone, owner, now, until) {
      const lease = await store.holdLease(zone, owner, now, until)
      if (lease) leases.set(zone, lease)
      return lease
    },
    dispatch: (lease, batch) =>
      store.dispatch(leases.get(lease.zone) ?? lease, batch, Number.NEGATIVE_INFINITY),
  }),
  /** What a batch has done is written down whoever has the zone by now, and whatever was found out meanwhile. */
  cas: (store, { leases }): Store => ({
    ...store,
    async holdLease(zone, owner, now, until) {
      const lease = await store.holdLease(zone, owner, now, until)
      if (lease) leases.set(zone, lease)
      return lease
    },
    async settle(lease, dispatch, settlement) {
      // Asked for each time: the zone may change hands while the store is reached.
      const holder = () => leases.get(lease.zone) ?? lease
      if (await store.settle(holder(), dispatch, settlement)) return true
      const seen = [...settlement.patched, ...settlement.created]
      const resolved = [{ dispatch, ended: settlement.sets, again: [] }]
      const read = { at: settlement.at, seen, gone: settlement.deleted, resolved, settled: [], drifted: [] }
      await store.keepTrustedRead(holder(), read)
      return true
    },
  }),
  fence: (store): Store => ({
    ...store,
    async zoneState(zone) {
      const state = await store.zoneState(zone)
      return { ...state, dispatches: state.dispatches.map((one) => ({ ...one, changes: [] })) }
    },
  }),
  /** The reader does not know what must be in a list. */
  guard: (store): Store => ({ ...store, recordsOf: async () => [] }),
  /** Nobody knows any more where a late commit may have happened. */
  taint: (store): Store => ({
    ...store,
    async setState(zone, key) {
      return { ...(await store.setState(zone, key)), hasUnknownOutcome: false }
    },
    async zoneState(zone) {
      const state = await store.zoneState(zone)
      return {
        ...state,
        dispatches: state.dispatches.map((one) =>
          one.state === 'fenced' ? { ...one, names: [], changes: [] } : one,
        ),
      }
    },
  }),
  /** All that was in a refused batch is refused, whoever is to blame. */
  bisection: (store, { blamed }): Store => ({
    ...store,
    requeue(lease, dispatch, refused, at) {
      const refusal = blamed.get(lease.zone)
      blamed.delete(lease.zone)
      const everything = refusal && dispatch.intents.map((intent) => ({ intent, refusal }))
      return store.requeue(lease, dispatch, everything ?? refused, at)
    },
  }),
  /** A zone that was full once is full. */
  room: (store): Store => ({
    ...store,
    markFull: (zone, until) =>
      until > 0 ? store.markFull(zone, Number.MAX_SAFE_INTEGER) : Promise.resolve(),
  }),
  /** Of a zone that is missing in one list nothing is remembered: no set there is ours any more. */
  patience: (store, { forgotten }): Store => ({
    ...store,
    async rememberZones(credential, listed, at) {
      const known = await store.rememberZones(credential, listed, at)
      for (const { id } of known.filter(({ missingSince }) => missingSince !== null)) {
        for (const { key } of await store.managedSets(id)) forgotten.add(`${id} ${keyOf(key)}`)
      }
      return known
    },
    async setState(zone, key) {
      const state = await store.setState(zone, key)
      return forgotten.has(`${zone} ${keyOf(key)}`) ? { ...state, managed: undefined } : state
    },
    addIntent(intent, notAfter) {
      forgotten.delete(`${intent.zone} ${keyOf(intent.key)}`)
      return store.addIntent(intent, notAfter)
    },
  }),
  /** Callers' sets are kept as if no customer had sent anything. */
  editsInDoubt: (store): Store => ({
    ...store,
    async setState(zone, key) {
      const state = await store.setState(zone, key)
      const { dispatches } = await store.zoneState(zone)
      const isOurs = dispatches.some(
        ({ edit, state, names }) => !edit && state !== 'sent' && names.includes(key.name),
      )
      return { ...state, hasUnknownOutcome: state.hasUnknownOutcome && isOurs }
    },
    async zoneState(zone) {
      const state = await store.zoneState(zone)
      return { ...state, dispatches: state.dispatches.filter(({ edit }) => !edit) }
    },
  }),
  /** Ids that a customer's late change may reach are used again. */
  editsInFence: (store): Store => ({
    ...store,
    async zoneState(zone) {
      const state = await store.zoneState(zone)
      return {
        ...state,
        dispatches: state.dispatches.map((one) => (one.edit ? { ...one, changes: [] } : one)),
      }
    },
  }),
  /** Customers edit as if no caller had sent anything. */
  upsertsInDoubt: (store): Store => ({
    ...store,
    async zoneState(zone) {
      const state = await store.zoneState(zone)
      return { ...state, dispatches: state.dispatches.filter(({ edit }) => edit) }
    },
  }),
  /** Customers edit where nobody knows what there is. */
  doubts: (store): Store => ({
    ...store,
    zoneState: async (zone) => ({ ...(await store.zoneState(zone)), dispatches: [] }),
  }),
  /** Customers decide on lists that are older than what they were told. */
  whatWasTold: (store): Store => ({
    ...store,
    edits: { ...store.edits, confirmedSince: async () => [] },
  }),
} satisfies Record<string, StoreLie>

const withClient = {
  /** Remembers why a batch was refused, so that all of it can be. */
  remembersRefusals: (client, _clock, { blamed }): Provider => ({
    ...client,
    batch(zone, changes, permit) {
      blamed.delete(zone)
      return client.batch(zone, changes, permit).catch((error: unknown) => {
        if (error instanceof ProviderError && isRefusal(error))
          blamed.set(zone, { code: 'refused', message: error.message, details: {} })
        throw error
      })
    },
  }),
  /** Reads that nobody waits for show what the first one showed. */
  noRereads: (client): Provider => {
    const first = new Map<string, Awaited<ReturnType<Provider['listRecords']>>>()
    return {
      ...client,
      async listRecords(zone, work, errand) {
        const known = first.get(zone)
        if (work === 'background' && known) return known
        const list = await client.listRecords(zone, work, errand)
        first.set(zone, list)
        return list
      },
    }
  },
  /** Two reads that shall vouch for each other are one. */
  oneReadForTwo: (client, clock): Provider => {
    const last = new Map<string, { at: number; list: Awaited<ReturnType<Provider['listRecords']>> }>()
    return {
      ...client,
      async listRecords(zone, work, errand) {
        const known = last.get(zone)
        if (known && clock.now() - known.at < 8_000) return known.list
        const list = await client.listRecords(zone, work, errand)
        last.set(zone, { at: clock.now(), list })
        return list
      },
    }
  },
  /** An unknown outcome counts as done. */
  trust: (client): Provider => ({
    ...client,
    batch: (zone, changes, permit) =>
      client.batch(zone, changes, permit).catch((error: unknown) => {
        if (isUnknown(error)) return asIfDone(changes)
        throw error
      }),
  }),
  /** An unknown outcome counts as not done: it is sent again. */
  noDoubt: (client): Provider => ({
    ...client,
    batch: (zone, changes, permit) =>
      client.batch(zone, changes, permit).catch((error: unknown) => {
        if (isUnknown(error)) throw new ProviderError('server-error', 'not-executed', 'taken for not done')
        throw error
      }),
  }),
  /** After any trouble every change is sent by itself, on the belief that nothing had been done. */
  replay: (client): Provider => ({
    ...client,
    async batch(zone, changes, permit) {
      try {
        return await client.batch(zone, changes, permit)
      } catch (error) {
        if (!(error instanceof ProviderError)) throw error
        for (const change of changes) {
          const leave = await client.permit('machines', 20_000).catch(() => undefined)
          if (leave) await client.batch(zone, [change], leave).catch(() => undefined)
        }
        return asIfDone(changes)
      }
    },
  }),
} satisfies Record<string, ClientLie>

function mutant(
  name: string,
  about: string,
  lies: {
    readonly store?: readonly StoreLie[]
    readonly client?: readonly ClientLie[]
    /** Told to the part that keeps callers' sets, or to customers' edits. */
    readonly engine?: readonly StoreLie[]
    readonly edits?: readonly StoreLie[]
    readonly editors?: readonly ClientLie[]
  },
  caughtBy: readonly number[],
  bias: Bias = 'races',
): Mutant {
  return {
    name,
    about,
    bias,
    caughtBy,
    mutation() {
      const shared: Shared = { leases: new Map(), blamed: new Map(), forgotten: new Set() }
      const toStore =
        (told: readonly StoreLie[] = []) =>
        (store: Store) =>
          told.reduce((kept, lie) => lie(kept, shared), store)
      const toClient =
        (told: readonly ClientLie[] = []) =>
        (client: Provider, clock: VirtualClock) =>
          told.reduce((asked, lie) => lie(asked, clock, shared), client)
      return {
        store: toStore(lies.store),
        client: toClient(lies.client),
        engineStore: toStore(lies.engine),
        editsStore: toStore(lies.edits),
        editorsClient: toClient(lies.editors),
      }
    },
  }
}

const { lease, recheck, cas, fence, guard, taint, bisection, room, patience } = without
const { editsInDoubt, editsInFence, upsertsInDoubt, doubts, whatWasTold } = without
const { remembersRefusals, noRereads, oneReadForTwo, trust, noDoubt, replay } = withClient

/** A to H are those of the model behind the design, each with one rule more than the one before. */
export const mutants: readonly Mutant[] = [
  mutant(
    'A',
    'nobody coordinates, every outcome is trusted',
    { store: [lease, recheck, cas, fence, guard], client: [trust, noRereads] },
    [1],
  ),
  mutant(
    'B',
    'a rollback is assumed, and changes are replayed one by one',
    { store: [lease, recheck, cas, fence, guard], client: [replay, noRereads] },
    [1],
  ),
  mutant(
    'C',
    'a lease, looked at once',
    { store: [recheck, cas, fence, guard], client: [noDoubt, noRereads] },
    [3],
  ),
  mutant(
    'D',
    'C, and confirmed only if nothing has changed',
    { store: [recheck, fence, guard], client: [noDoubt, noRereads] },
    [3],
  ),
  mutant(
    'E',
    'D, and unknown outcomes are read back',
    { store: [recheck, fence, guard], client: [oneReadForTwo, noRereads] },
    [1],
  ),
  mutant(
    'F',
    'E, and the lease is looked at again when the batch is sent',
    { store: [fence, guard], client: [oneReadForTwo, noRereads] },
    [1],
  ),
  mutant('G', 'F, and zones are read again', { store: [fence, guard], client: [oneReadForTwo] }, [2]),
  mutant('H', 'G, and two reads agree on what became of a change', { store: [fence, guard] }, [3]),
  mutant(
    'without-fence',
    'ids that a late commit may reach are used again',
    { store: [fence] },
    [1060],
    'races',
  ),
  mutant('without-lease', 'all replicas write at once', { store: [lease] }, [1]),
  mutant(
    'without-recheck',
    'the lease is not looked at again when the batch is sent',
    { store: [recheck] },
    [16],
  ),
  mutant('without-lease-and-recheck', 'both of them', { store: [lease, recheck] }, [1]),
  mutant('without-guard', 'any list is believed', { store: [guard] }, [3]),
  mutant('without-taint', 'a change is over when it was read back', { store: [taint] }, [2022, 2061], 'none'),
  mutant('without-rereads', 'a zone is read only when somebody waits', { client: [noRereads] }, [3]),
  mutant('without-cas', 'confirmed whatever has changed', { store: [cas] }, [17, 55], 'stalls'),
  mutant(
    'without-bisection',
    'all that is in a refused batch is refused',
    { store: [bisection], client: [remembersRefusals] },
    [16, 22],
    'none',
  ),
  mutant('without-room', 'a zone that was full once is full for ever', { store: [room] }, [17, 49], 'none'),
  mutant(
    'without-patience',
    'a zone that is missing once is taken for gone, and its sets are forgotten',
    { store: [patience] },
    [1938],
    'none',
  ),
  mutant('without-doubt', 'an unknown outcome is sent again', { client: [noDoubt] }, [4]),
  mutant('trust', 'an unknown outcome counts as done', { client: [trust] }, [1]),
  mutant(
    'edits-are-not-fenced',
    "ids that a customer's late edit may reach are used again",
    { engine: [editsInFence] },
    [156],
    'customers',
  ),
  mutant(
    'upserts-ignore-edits-in-doubt',
    'a set is declared where nobody knows what became of an edit',
    { engine: [editsInDoubt] },
    [5],
    'customers',
  ),
  mutant(
    'edits-ignore-upserts-in-doubt',
    'a customer edits where nobody knows what became of a set',
    { edits: [upsertsInDoubt] },
    [62],
    'customers',
  ),
  mutant(
    'edits-ignore-doubt',
    'a customer edits where nobody knows what became of anything',
    { edits: [doubts] },
    [41],
    'customers',
  ),
  mutant('edits-trust', 'an edit of unknown outcome counts as done', { editors: [trust] }, [7], 'customers'),
  mutant(
    'edits-without-doubt',
    'an edit of unknown outcome counts as not done',
    { editors: [noDoubt] },
    [2],
    'customers',
  ),
  mutant(
    'edits-on-one-read',
    'one list tells what became of an edit',
    { editors: [oneReadForTwo] },
    [20],
    'customers',
  ),
  mutant('edits-without-lease', 'customers edit while others write', { edits: [lease] }, [5], 'customers'),
  mutant('edits-without-guard', 'customers edit on any list', { edits: [whatWasTold] }, [936], 'customers'),
]

function isRefusal({ kind, outcome }: ProviderError): boolean {
  return ['refused', 'stale-view', 'quota'].includes(kind) && outcome === 'not-executed'
}

function isUnknown(error: unknown): boolean {
  return error instanceof ProviderError && error.outcome !== 'not-executed'
}

let made = 0

function asIfDone(changes: readonly Change[]): BatchDone {
  const newId = () => {
    made += 1
    return made.toString(16).padStart(32, '0') as RecordId
  }
  return {
    deleted: changes.flatMap((change) =>
      change.kind === 'delete' || change.kind === 'replace' ? [change.record.id] : [],
    ),
    patched: changes.flatMap((change): ZoneRecord[] =>
      change.kind === 'patch' ? [{ ...change.record, ...change.to }] : [],
    ),
    created: changes.flatMap((change): ZoneRecord[] =>
      change.kind === 'post' || change.kind === 'replace'
        ? [{ ...change.to, id: newId(), readOnly: false }]
        : [],
    ),
  }
}
