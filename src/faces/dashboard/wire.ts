import type { Customer } from '#connections/customers.ts'
import type { PatchFields } from '#dns/plan.ts'
import type { RecordFields as DnsFields, ZoneRecord } from '#dns/record.ts'
import { mxParts, presentValue } from '#dns/value.ts'
import { isProxiable } from '#edit-rules/editing.ts'
import type { CachedRecord, EditEntry, EditedSet, StoredPlan } from '#engine/edits/edits.ts'
import type { AnyRecord, OnboardingZone } from '#onboarding/input.ts'
import type { ReviewedChange } from '#onboarding/review.ts'
import { isUndoable } from '#onboarding/undo.ts'
import type { PlanOrigin } from '#onboarding/wanted-set.ts'
import type {
  ApiChange,
  ApiHistoryEntry,
  ApiPlan,
  ApiPlanOrigin,
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

/** Whether a record says what a page has shown of it. */
export function isUnchangedSince(record: AnyRecord, was: RecordFields): boolean {
  const is = fieldsToWire(record)
  return FIELDS.every((field) => is[field] === was[field])
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

export function zoneToWire(zone: Omit<OnboardingZone, 'paused' | 'recordQuota'>): ApiZone {
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
    ...(plan.origin !== undefined && { origin: originToWire(plan.origin) }),
  }
}

/** `mayUndo`: there is a grant to undo anything with. */
export function entryToWire(entry: EditEntry, mayUndo: boolean): ApiHistoryEntry {
  const { id, at, actor, changes } = entry
  const sets = changes.map(({ type, name, before, after, isLeftOut }) => ({
    type,
    name,
    before: before.map(fieldsToWire),
    after: after.map(fieldsToWire),
    ...(isLeftOut && { isLeftOut }),
  }))
  // What callers declared is kept as they declared it, and would be put back.
  const isOurs = actor.kind === 'customer' || actor.kind === 'outside'
  const undoable = mayUndo && isOurs && isUndoable(changes)
  return { id, at: timeToWire(at), actor, summary: summaryOf(entry), changes: sets, undoable }
}

/** RFC 3339, UTC. `at` in ms. */
export function timeToWire(at: number): string {
  return new Date(at).toISOString()
}

function originToWire({ kind, undoes }: PlanOrigin): ApiPlanOrigin {
  return { kind, ...(undoes && { undoes: { historyId: undoes.entry, at: timeToWire(undoes.at) } }) }
}

const FIELDS: readonly (keyof RecordFields)[] = [
  'type',
  'name',
  'content',
  'priority',
  'proxied',
  'ttl',
  'comment',
]

function changeToWire(change: ReviewedChange): ApiChange {
  const { id, action, type, name, selected, locked, group, reason } = change
  return {
    id,
    action,
    type,
    name,
    ...('current' in change && { current: { id: change.current.id, ...fieldsToWire(change.current) } }),
    ...('proposed' in change && { proposed: proposedToWire(change) }),
    selected,
    locked,
    ...(group !== undefined && { group }),
    reason,
  }
}

/** A comment that is not proposed otherwise stays. */
function proposedToWire(change: ReviewedChange & { readonly proposed: PatchFields }): RecordFields {
  const { comment } = change.action === 'replace' ? change.current : change.proposed
  return fieldsToWire({ ...(comment !== undefined && { comment }), ...change.proposed })
}

/** What a record says, as the pages show it. */
export function fieldsToWire(
  record: AnyRecord | (DnsFields & { readonly comment?: string | null }),
): RecordFields {
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

function summaryOf({ kind, changes }: EditEntry): string {
  const [first] = changes
  if (first === undefined) return 'Nothing was changed'
  const count = changes.length === 1 ? '1 change' : `${changes.length} changes`
  switch (kind) {
    case 'confirm':
      return `Confirmed the review: ${count}`
    case 'import':
      return `Imported a zone file: ${count}`
    case 'undo':
      return `Undid an earlier change: ${count}`
    case 'mend':
      return `Mended what was found: ${count}`
    default:
      return changes.length === 1
        ? `${verbFor(first)} ${first.type} ${first.name}`
        : `${kind === 'delete' ? 'Deleted' : 'Changed'} records of ${namesIn(changes)}`
  }
}

/** Two, and how many more. */
function namesIn(changes: readonly EditedSet[]): string {
  const names = [...new Set(changes.map(({ name }) => name))]
  const more = names.length - 2
  return more > 0 ? `${names.slice(0, 2).join(', ')} and ${more} more` : names.join(' and ')
}

function verbFor({ before, after }: EditedSet): string {
  if (before.length === after.length) return 'Changed'
  return before.length < after.length ? 'Added' : 'Deleted'
}
