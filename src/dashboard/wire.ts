import { isProxiable } from '#access/editing.ts'
import type { Customer } from '#customers/customers.ts'
import { mxParts } from '#dns/mx.ts'
import type { RecordFields as DnsFields, ZoneRecord } from '#dns/record.ts'
import { presentValue } from '#dns/value.ts'
import type { AnyRecord, TakeoverZone } from '#takeover/input.ts'
import type { ReviewedChange } from '#takeover/review.ts'
import type { CachedRecord, EditEntry, StoredPlan } from '#zones/edits.ts'
import type {
  ApiChange,
  ApiHistoryEntry,
  ApiPlan,
  ApiRecord,
  ApiZone,
  RecordFields,
  SessionCustomer,
} from './api.ts'

/** A record as the pages show it; `locked`: why it cannot be changed here. */
export function recordToWire({ record, locked }: CachedRecord): ApiRecord {
  const fields = fieldsToWire(record)
  return {
    id: record.id,
    ...fields,
    proxiable: isProxiable(fields.type, fields.content),
    editable: locked === undefined,
    ...(locked !== undefined && { reason: locked }),
  }
}

/** A record that was changed just now. */
export function editedToWire(record: ZoneRecord): ApiRecord {
  return recordToWire({ record })
}

/** The customer's own view of themselves. */
export function customerToWire({ id, email, domain, targets }: Customer): SessionCustomer {
  const { ipv4, ipv6, host, servesWww } = targets
  return { id, email, domain, targets: { ipv4, ipv6, ...(host !== undefined && { host }), servesWww } }
}

export function zoneToWire(zone: Omit<TakeoverZone, 'paused' | 'recordQuota'>): ApiZone {
  const { id, name, status, type, plan, nameServers } = zone
  return { id, name, status, type, plan, nameServers }
}

export function planToWire({ id, plan, expiresAt }: StoredPlan): ApiPlan {
  return {
    id,
    domain: plan.domain,
    zone: plan.zone === null ? null : zoneToWire(plan.zone),
    changes: plan.changes.map(changeToWire),
    warnings: plan.warnings.map(({ code, message, changes }) => ({
      code,
      message,
      ...(changes !== undefined && { changes }),
    })),
    ...(plan.blocked !== undefined && { blocked: plan.blocked }),
    expiresAt: timeToWire(expiresAt),
  }
}

export function entryToWire({ id, at, actor, changes }: EditEntry): ApiHistoryEntry {
  const sets = changes.map(({ type, name, before, after }) => ({
    type,
    name,
    before: before.map(fieldsToWire),
    after: after.map(fieldsToWire),
  }))
  return { id, at: timeToWire(at), actor, summary: summaryOf(sets), changes: sets, undoable: false }
}

/** RFC 3339, UTC. `at` in ms. */
export function timeToWire(at: number): string {
  return new Date(at).toISOString()
}

function changeToWire(change: ReviewedChange): ApiChange {
  const { id, action, type, name, selected, locked, group, reason } = change
  return {
    id,
    action,
    type,
    name,
    ...('current' in change && { current: { id: change.current.id, ...fieldsToWire(change.current) } }),
    ...('proposed' in change && { proposed: fieldsToWire(change.proposed) }),
    selected,
    locked,
    ...(group !== undefined && { group }),
    reason,
  }
}

function fieldsToWire(record: AnyRecord | (DnsFields & { readonly comment?: string | null })): RecordFields {
  const { type, name } = record
  // A type that #dns cannot say.
  if ('content' in record) {
    return { type, name, content: record.content, priority: null, proxied: false, ttl: null, comment: null }
  }
  const mx = record.type === 'MX' ? mxParts(record.value) : undefined
  return {
    type,
    name,
    content: mx?.exchange ?? presentValue(record.type, record.value),
    priority: mx?.priority ?? null,
    proxied: record.proxied,
    ttl: record.ttl,
    comment: record.comment ?? null,
  }
}

function summaryOf(sets: ApiHistoryEntry['changes']): string {
  const [first] = sets
  if (first === undefined) return 'Nothing was changed'
  if (sets.length > 1) return `Changed ${sets.length} record sets`
  const verb = first.before.length === 0 ? 'Added' : first.after.length === 0 ? 'Deleted' : 'Changed'
  return `${verb} ${first.type} ${first.name}`
}
