import type { Selectable } from 'kysely'
import type { Name } from '#dns/name.ts'
import type { RecordId, ZoneRecord } from '#dns/record.ts'
import type { SetKey } from '#dns/record-set.ts'
import { isRecordType, type RecordType } from '#dns/record-type.ts'
import type { Value } from '#dns/value.ts'
import type { Schema } from './schema.ts'
import type {
  Dispatch,
  ForeignRecord,
  HistoryEntry,
  Intent,
  KnownSet,
  KnownZone,
  ManagedSet,
  MirrorRecord,
  NewIntent,
  Origin,
  Refusal,
  ZoneId,
} from './store.ts'

/** Rows ↔ values, for every table. What is in a row was put there by us; it is not checked again. */

/** The mirror of the operator's zones; a customer's connection will have its own. */
export const CALLERS = 'callers'

export function recordRow(
  zone: ZoneId,
  record: ZoneRecord | ForeignRecord,
  confirmedAt: number,
  at: number,
): Schema['dns_records_cache'] {
  const shared = {
    id: mirrorId(record.id),
    customer_id: null,
    holder: CALLERS,
    zone_id: zone,
    cloudflare_record_id: record.id,
    record_type: record.type,
    name: record.name,
    confirmed_at: confirmedAt,
    gone_at: null,
    synced_at: at,
  }
  if (!('value' in record)) {
    return {
      ...shared,
      content: record.content,
      priority: null,
      proxied: 0,
      ttl: 1,
      comment: null,
      read_only: 1,
    }
  }
  return {
    ...shared,
    content: record.value,
    priority: priorityOf(record),
    proxied: record.proxied ? 1 : 0,
    ttl: record.ttl,
    comment: record.comment,
    read_only: record.readOnly ? 1 : 0,
  }
}

export function mirrorId(id: RecordId): string {
  return `${CALLERS}/${id}`
}

export function mirrorRecord(row: Selectable<Schema['dns_records_cache']>): MirrorRecord {
  const shared = { id: row.cloudflare_record_id as RecordId, name: row.name as Name }
  return {
    record: isRecordType(row.record_type)
      ? {
          ...shared,
          type: row.record_type,
          value: row.content as Value,
          ttl: row.ttl,
          proxied: row.proxied === 1,
          comment: row.comment,
          readOnly: row.read_only === 1,
        }
      : { ...shared, type: row.record_type, content: row.content },
    confirmedAt: row.confirmed_at,
    goneAt: row.gone_at,
  }
}

export function knownZone(row: Selectable<Schema['zones']>): KnownZone {
  return {
    id: row.zone_id,
    name: row.name as Name,
    status: row.status,
    type: row.type,
    paused: row.paused === 1,
    accountId: row.account_id,
    plan: row.plan,
    nameServers: JSON.parse(row.name_servers),
    permissions: JSON.parse(row.permissions),
    seenAt: row.seen_at,
    missingSince: row.missing_since,
  }
}

function keyOfRow(row: { name: string; type: string }): SetKey {
  return { name: row.name as Name, type: row.type as RecordType }
}

export function intent(row: Selectable<Schema['intents']>): Intent {
  return {
    generation: row.generation,
    zone: row.zone_id,
    key: keyOfRow(row),
    wanted: row.wanted === null ? null : JSON.parse(row.wanted),
    caller: row.caller,
    origin: row.origin as Origin,
    requestId: row.request_id,
    at: row.at,
    waitsUntil: row.waits_until,
    adopts: row.adopts === 1,
  }
}

/** All of a new intent but its generation. */
export function intentRow(wanted: NewIntent) {
  return {
    zone_id: wanted.zone,
    name: wanted.key.name,
    type: wanted.key.type,
    wanted: wanted.wanted === null ? null : JSON.stringify(wanted.wanted),
    caller: wanted.caller,
    origin: wanted.origin,
    request_id: wanted.requestId,
    at: wanted.at,
    waits_until: wanted.waitsUntil,
    adopts: wanted.adopts ? 1 : 0,
  }
}

export function managedSet(row: Selectable<Schema['record_sets']>): ManagedSet | undefined {
  if (row.wanted === null) return undefined
  return {
    zone: row.zone_id,
    key: keyOfRow(row),
    wanted: JSON.parse(row.wanted),
    caller: row.caller,
    generation: row.generation,
    settled: row.settled === 1,
    proxied: row.proxied === 1,
    since: row.since,
  }
}

export function knownSet(row: Selectable<Schema['record_sets']>): KnownSet {
  return { key: keyOfRow(row), managed: managedSet(row), refusal: refusalOf(row) }
}

export function refusalOf(row: { refusal: string | null } | undefined): Refusal | undefined {
  return row?.refusal ? JSON.parse(row.refusal) : undefined
}

export function dispatch(row: Selectable<Schema['dispatches']>, intents: readonly Intent[]): Dispatch {
  return {
    id: row.id,
    epoch: row.epoch,
    state: row.state as Dispatch['state'],
    changes: JSON.parse(row.changes),
    names: JSON.parse(row.names),
    intents,
    at: row.at,
    doubtfulSince: row.doubtful_since,
    fenceUntil: row.fence_until,
  }
}

export function historyEntry(row: Selectable<Schema['history']>): HistoryEntry {
  return {
    id: row.id,
    zone: row.zone_id,
    at: row.at,
    actor: { kind: row.actor_kind as HistoryEntry['actor']['kind'], label: row.actor },
    requestId: row.request_id,
    key: keyOfRow(row),
    before: JSON.parse(row.before),
    after: JSON.parse(row.after),
    outcome: row.outcome as HistoryEntry['outcome'],
    reason: row.reason,
  }
}

/** The design's `priority` column, for those who read the table; ours is in the value. */
function priorityOf({ type, value }: ZoneRecord): number | null {
  return type === 'MX' || type === 'SRV' ? Number.parseInt(value, 10) : null
}
