import type { Name } from '#dns/name.ts'
import { type Change, operationCount } from '#dns/plan.ts'
import type { ForeignRecord, NewRecord, RecordId, ZoneRecord } from '#dns/record.ts'
import type { ListedZone, ZoneId } from '#dns/zone.ts'
import type { Clock } from '#platform/ports.ts'
import { type BatchDone, type Provider, ProviderError } from '#providers/provider.ts'

/** Zones in memory behind the contract, with nothing of any company's protocol: what the engine needs, and no more. */
export interface MemoryProvider extends Provider {
  readonly zone: ListedZone
  /** What the zone holds. */
  records(): readonly ZoneRecord[]
  /** By somebody else's hand. */
  change(...changes: readonly Change[]): void
  /** What becomes of the next batch: carried out without an answer, never carried out, or answered and carried out later. */
  next(fate: 'lost' | 'dropped' | { readonly lateMs: number }): void
  /** Batches that were sent. */
  readonly batches: number
}

const TIMEOUT_MS = 10_000

export function createMemoryProvider(options: {
  clock: Clock
  name: Name
  records?: readonly NewRecord[]
  recordQuota?: number
  batchLimit?: number
  latencyMs?: number
}): MemoryProvider {
  const { clock, name, records = [], recordQuota = 1_000, batchLimit = 200, latencyMs = 50 } = options
  const zone: ListedZone = {
    id: '1a'.repeat(16),
    name,
    status: 'active',
    type: 'full',
    paused: false,
    accountId: '2b'.repeat(16),
    plan: 'Free',
    nameServers: ['ns1.example.net', 'ns2.example.net'],
    permissions: ['#dns_records:edit', '#dns_records:read', '#zone:read'],
  }
  let held: ReadonlyMap<RecordId, ZoneRecord> = new Map()
  let ids = 0
  let batches = 0
  let lastAnswerAt: number | undefined
  const fates: Parameters<MemoryProvider['next']>[0][] = []

  /** All of it, or none: the first that does not fit throws. */
  function apply(changes: readonly Change[]): BatchDone {
    const after = new Map(held)
    const leaving = changes.flatMap((change) => (change.kind === 'post' ? [] : [change.record.id]))
    if (leaving.some((id) => !after.delete(id))) throw no('stale-view', 'There is no such record.')
    const patched = changes.flatMap((change): ZoneRecord[] =>
      change.kind === 'patch' ? [{ ...held.get(change.record.id)!, ...change.to }] : [],
    )
    const created = changes.flatMap((change): ZoneRecord[] =>
      change.kind === 'post' || change.kind === 'replace'
        ? [{ ...change.to, id: newId(), readOnly: false }]
        : [],
    )
    for (const record of [...patched, ...created]) {
      if (record.ttl !== 1 && record.ttl < 60) throw no('refused', 'The TTL is too short.')
      const beside = [...after.values()].filter((one) => one.name === record.name)
      if (beside.some((one) => excludes(one, record))) throw no('stale-view', 'Another record is in the way.')
      after.set(record.id, record)
    }
    if (after.size > Math.max(recordQuota, held.size)) throw no('quota', 'The zone is full.')
    held = after
    const gone = changes.flatMap((change) =>
      change.kind === 'delete' || change.kind === 'replace' ? [change.record.id] : [],
    )
    return { deleted: gone, patched, created }
  }

  function newId(): RecordId {
    ids += 1
    return ids.toString(16).padStart(32, '0') as RecordId
  }

  async function answered<Answer>(answer: () => Answer): Promise<Answer> {
    await clock.sleep(latencyMs)
    lastAnswerAt = clock.now()
    return answer()
  }

  function known(id: ZoneId): void {
    if (id !== zone.id) throw no('zone-missing', 'There is no such zone.')
  }

  async function batch(id: ZoneId, changes: readonly Change[]): Promise<BatchDone> {
    batches += 1
    if (operationCount(changes) > batchLimit) throw no('refused', 'The batch is too large.')
    const fate = fates.shift()
    if (fate === undefined) {
      return answered(() => {
        known(id)
        return apply(changes)
      })
    }
    const lateMs = fate === 'lost' ? latencyMs : fate === 'dropped' ? Number.POSITIVE_INFINITY : fate.lateMs
    if (lateMs < Number.POSITIVE_INFINITY) void clock.sleep(lateMs).then(() => attempt(changes))
    await clock.sleep(TIMEOUT_MS)
    throw new ProviderError('timeout', 'ambiguous', 'There was no answer in time.')
  }

  function attempt(changes: readonly Change[]): void {
    try {
      apply(changes)
    } catch {
      // Nobody waits for the answer any more.
    }
  }

  apply(records.map((to) => ({ kind: 'post', to })))
  return {
    zone,
    credential: 'memory',
    capabilities: { batchLimit },
    listZones: () => answered(() => [zone]),
    listRecords: (id) =>
      answered(() => {
        known(id)
        return { records: [...held.values()], others: [] as readonly ForeignRecord[] }
      }),
    recordQuota: () => answered(() => recordQuota),
    permit: async () => ({ used: false }),
    batch,
    status: () => ({ lastAnswerAt, silentSince: undefined, credentialRefused: false, callsLeft: undefined }),
    records: () => [...held.values()],
    change: (...changes) => void apply(changes),
    next: (fate) => void fates.push(fate),
    get batches() {
      return batches
    },
  }
}

function no(kind: 'refused' | 'stale-view' | 'quota' | 'zone-missing', message: string): ProviderError {
  return new ProviderError(kind, 'not-executed', message)
}

/** The same record twice, or an address or an alias beside an alias. */
function excludes(one: ZoneRecord, other: ZoneRecord): boolean {
  if (one.type === other.type) return one.type === 'CNAME' || one.value === other.value
  const types = new Set<string>([one.type, other.type])
  return types.has('CNAME') && (types.has('A') || types.has('AAAA'))
}
