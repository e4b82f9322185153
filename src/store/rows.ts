import type { Selectable } from 'kysely'
import type { Name } from '#dns/name.ts'
import { type Change, touchedNames } from '#dns/plan.ts'
import type { ForeignRecord, RecordId, ZoneRecord } from '#dns/record.ts'
import type { SetKey } from '#dns/record-set.ts'
import { isRecordType, type RecordType, rulesOf } from '#dns/record-type.ts'
import type { Value } from '#dns/value.ts'
import type { ZoneId } from '#dns/zone.ts'
import type { Intent, KnownSet, ManagedSet, NewIntent, Origin, SetRefusal } from './declared.ts'
import type { Edit, Holder, KeptPlan, SentEdit, ToldEdit } from './edits.ts'
import type { KnownZone, MirrorRecord } from './observed.ts'
import type { Dispatch, HistoryEntry, NewDispatch } from './operations.ts'
import type { Schema } from './schema.ts'

/** Rows ↔ values, for every table. What is in a row was put there by us; it is not checked again. */

/** The mirror of the operator's zones; a customer's connection will have its own. */
export const CALLERS = 'callers'

export function recordRow(
  zone: ZoneId,
  record: ZoneRecord | ForeignRecord,
  confirmedAt: number,
  at: number,
  of = { id: mirrorId(zone, record.id), holder: CALLERS, customer_id: null as string | null },
): Schema['dns_records_cache'] {
  const shared = {
    ...of,
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
      ttl: record.ttl ?? 1,
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

/** A row of what a customer's connection sees. */
export function cacheRow(
  holder: Holder,
  zone: ZoneId,
  { record, confirmedAt, goneAt }: MirrorRecord,
  at: number,
): Schema['dns_records_cache'] {
  const id = cacheId(holder, zone, record.id)
  const of = { id, holder: holderOf(holder), customer_id: holder.customerId }
  return { ...recordRow(zone, record, confirmedAt, at, of), gone_at: goneAt }
}

export function holderOf({ connectionId }: Holder): string {
  return `connection:${connectionId}`
}

export function cacheId(holder: Holder, zone: ZoneId, id: RecordId): string {
  return `${holder.customerId}/${holderOf(holder)}/${zone}/${id}`
}

/** With the zone: a list that shows a record under the id of another zone's must not move that one here. */
export function mirrorId(zone: ZoneId, id: RecordId): string {
  return `${CALLERS}/${zone}/${id}`
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
      : { ...shared, type: row.record_type, content: row.content, ttl: row.ttl },
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

export function refusalOf(row: { refusal: string | null } | undefined): SetRefusal | undefined {
  return row?.refusal ? JSON.parse(row.refusal) : undefined
}

export function dispatch(row: Selectable<Schema['dispatches']>, intents: readonly Intent[]): Dispatch {
  return {
    ...logged(row),
    changes: JSON.parse(row.changes),
    names: JSON.parse(row.names),
    intents,
  }
}

export function sentEdit(row: Selectable<Schema['dispatches']>, edit: Selectable<Schema['edits']>): SentEdit {
  const changes: Change[] = JSON.parse(edit.changes)
  return { ...logged(row), changes, names: [...touchedNames(changes)], intents: [], edit: editFrom(edit) }
}

function logged(row: Selectable<Schema['dispatches']>) {
  return {
    id: row.id,
    epoch: row.epoch,
    state: row.state as Dispatch['state'],
    at: row.at,
    unknownSince: row.doubtful_since,
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

/** As it is sent. */
export function editRow(edit: Edit, { changes, at }: NewDispatch): Schema['edits'] {
  return {
    id: edit.id,
    customer_id: edit.customerId,
    connection_id: edit.connectionId,
    zone_id: edit.zone,
    kind: edit.kind,
    request_id: edit.requestId,
    actor: edit.actor,
    changes: JSON.stringify(changes),
    before: JSON.stringify(edit.before),
    status: 'checking',
    outcome: null,
    error: edit.error,
    at,
    ended_at: null,
  }
}

function editFrom(row: Selectable<Schema['edits']>): Edit {
  return {
    id: row.id,
    customerId: row.customer_id,
    connectionId: row.connection_id,
    zone: row.zone_id,
    kind: row.kind as Edit['kind'],
    requestId: row.request_id,
    actor: row.actor,
    before: JSON.parse(row.before),
    hasEnded: row.ended_at !== null,
    error: row.error,
  }
}

export function toldEdit({
  id,
  kind,
  status,
  outcome,
  error,
}: Pick<Selectable<Schema['edits']>, 'id' | 'kind' | 'status' | 'outcome' | 'error'>): ToldEdit {
  return {
    id,
    kind: kind as Edit['kind'],
    status: status as ToldEdit['status'],
    records: outcome === null ? [] : JSON.parse(outcome),
    error,
  }
}

export function planRow(plan: KeptPlan): Schema['takeover_plans'] {
  return {
    id: plan.id,
    customer_id: plan.customerId,
    connection_id: plan.connectionId,
    zone_id: plan.zone,
    plan: plan.plan,
    fingerprint: plan.fingerprint,
    created_at: plan.createdAt,
    expires_at: plan.expiresAt,
  }
}

export function planFrom(row: Selectable<Schema['takeover_plans']>): KeptPlan {
  return {
    id: row.id,
    customerId: row.customer_id,
    connectionId: row.connection_id,
    zone: row.zone_id,
    plan: row.plan,
    fingerprint: row.fingerprint,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  }
}

/** The design's `priority` column, for those who read the table; ours is in the value. */
function priorityOf({ type, value }: ZoneRecord): number | null {
  return rulesOf(type).beginsWithPriority ? Number.parseInt(value, 10) : null
}
