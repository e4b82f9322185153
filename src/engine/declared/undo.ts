import { planChanges } from '#dns/plan.ts'
import type { ZoneRecord } from '#dns/record.ts'
import { bySet } from '#dns/record-set.ts'
import { type DeletionSafeguard, deletionSafeguards } from '#edit-rules/deletion-safeguards.ts'
import type { Clock } from '#platform/ports.ts'
import type { Intent, WantedSet } from '#store/declared.ts'
import type { HistoryEntry } from '#store/operations.ts'
import type { Store } from '#store/store.ts'
import { servedText, textOf } from '../operations/record-text.ts'
import { recordsOfSet } from './decide.ts'

/** What undoing an entry would do; nothing is done yet. */
export interface UndoPlan {
  readonly entry: HistoryEntry
  /** The set as it was before; null: it was not there. */
  readonly towards: WantedSet | null
  /** Why this needs somebody's explicit word. */
  readonly brakes: readonly (DeletionSafeguard | 'changed-since')[]
}

/** Undefined: there is no such entry, or it changed nothing. */
export async function planUndo(store: Store, id: string): Promise<UndoPlan | undefined> {
  const entry = await store.historyEntry(id)
  if (entry === undefined || entry.outcome !== 'done') return undefined
  const towards = setOf(entry, entry.before)
  const records = (await store.recordsOf(entry.zone))
    .filter(({ goneAt }) => goneAt === null)
    .map(({ record }) => record)
  const plan = planChanges(
    records.filter((record) => 'value' in record),
    [towards === null ? { kind: 'delete', key: entry.key } : { kind: 'upsert', set: towards }],
  )
  const zone = (await store.knownZones()).find(({ id }) => id === entry.zone)
  const brakes = deletionSafeguards(plan, { name: zone?.name ?? '', records })
  // What came after the entry would be lost with it, whoever made it.
  const isAsItLeftIt = linesOf(recordsOfSet(entry, bySet(records))) === linesOf(entry.after)
  const isHarmless = isAsItLeftIt || plan.length === 0
  return { entry, towards, brakes: isHarmless ? brakes : [...brakes, 'changed-since'] }
}

/** Writes the undo down as an intent like any other; whoever keeps the zone carries it out. */
export async function undo(
  store: Store,
  { entry, towards }: UndoPlan,
  { clock, requestId }: { clock: Clock; requestId: string },
): Promise<Intent> {
  const [known] = (await store.setsAt(entry.zone, [entry.key.name])).filter(
    ({ key }) => key.type === entry.key.type,
  )
  return store.addIntent({
    zone: entry.zone,
    key: entry.key,
    wanted: towards,
    caller: known?.managed?.caller ?? entry.actor.label,
    origin: 'undo',
    requestId,
    at: clock.now(),
    waitsUntil: null,
    adopts: true,
  })
}

function linesOf(records: readonly ZoneRecord[]): string {
  return textOf(records, servedText)
}

/** Records that disagree about their TTL agree with the first of them afterwards; one that is proxied has the name proxied. */
function setOf({ key }: HistoryEntry, records: readonly ZoneRecord[]): WantedSet | null {
  const [first] = records
  if (first === undefined) return null
  return {
    ...key,
    ttl: first.ttl,
    proxied: records.some(({ proxied }) => proxied),
    values: [...new Set(records.map(({ value }) => value))].sort(),
  }
}
