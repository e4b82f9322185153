import type { Name } from '#dns/name.ts'
import { conflictsAt } from '#dns/neighbours.ts'
import type { Change, PatchFields } from '#dns/plan.ts'
import { describeProblem, type Problem } from '#dns/problems.ts'
import type { NewRecord, RecordFields, ZoneRecord } from '#dns/record.ts'
import { keyOf, type SetKey } from '#dns/record-set.ts'
import { canBeProxied } from '#dns/record-type.ts'
import { AUTOMATIC } from '#dns/ttl.ts'
import { type DeletionSafeguard, deletionSafeguards } from '#edit-rules/deletion-safeguards.ts'
import type { RecordEdit } from '#edit-rules/draft.ts'
import { EDITABLE_TYPES, isEditableType, isProxiable, whyLocked } from '#edit-rules/editing.ts'
import { DnsError } from '../errors.ts'
import type { AnyRecord } from '../operations/record-text.ts'
import { words } from './words.ts'

/** What is known where an edit wants to go. */
export interface Around {
  readonly zone: Name
  /** Every record of the zone. */
  readonly records: readonly AnyRecord[]
  /** Who declared the sets that are kept as they were declared: by `keyOf`. */
  readonly keptBy: ReadonlyMap<string, string>
}

/** Each of these says which changes carry an edit out, or throws the `DnsError` that says why there can be none. */
export function creation(record: NewRecord, around: Around): readonly Change[] {
  if (!isEditableType(record.type)) {
    throw invalid({ code: 'type-unknown', path: 'type', type: record.type, supported: EDITABLE_TYPES })
  }
  mustNotBeKept(record, around)
  mustFit(record, around.records, around.zone)
  return [{ kind: 'post', to: record }]
}

/** None: it says so already. */
export function alteration(record: AnyRecord, edit: RecordEdit, around: Around): readonly Change[] {
  const current = mustBeOpen(record, around)
  if (edit.type !== current.type) {
    throw new DnsError('invalid', words.typeFixed, { details: { field: 'type' } })
  }
  const to = { ...fieldsOf(current, edit), ...commentOf(current, edit) }
  if (to.proxied && !isProxiable(to.type, to.value)) {
    throw invalid({ code: 'address-private', path: 'proxied', text: to.value })
  }
  const isSame =
    to.name === current.name &&
    to.value === current.value &&
    to.ttl === current.ttl &&
    to.proxied === current.proxied &&
    !('comment' in to)
  if (isSame) return []
  mustNotBeKept(to, around)
  mustFit(
    to,
    around.records.filter(({ id }) => id !== current.id),
    around.zone,
  )
  return [{ kind: 'patch', record: current, to }]
}

export function removal(record: AnyRecord, around: Around): readonly Change[] {
  return [{ kind: 'delete', record: mustBeOpen(record, around) }]
}

/** Several as one change. `acknowledged`: the brakes of which whoever asks has heard; throws where there are others. */
export function removals(
  records: readonly AnyRecord[],
  acknowledged: readonly DeletionSafeguard[],
  around: Around,
): readonly Change[] {
  const changes = records.flatMap((record) => removal(record, around))
  const brakes = deletionSafeguards(changes, { name: around.zone, records: around.records })
  if (brakes.some((brake) => !acknowledged.includes(brake))) {
    throw new DnsError('conflict', words.much, { details: { brakes } })
  }
  return changes
}

/** Throws if changes would touch what is kept as it was declared, or belongs to another product. */
export function assertEditable(changes: readonly Change[], { keptBy }: Around): void {
  for (const change of changes) {
    const touched = [
      ...(change.kind === 'post' ? [] : [change.record]),
      ...(change.kind === 'delete' ? [] : [change.to]),
    ]
    for (const record of touched) {
      const readOnly = 'readOnly' in record && record.readOnly === true
      const caller = keptBy.get(keyOf(record))
      const reason = readOnly || caller !== undefined ? whyLocked({ ...record, readOnly }, caller) : undefined
      if (reason !== undefined) throw locked(reason, record)
    }
  }
}

function fieldsOf(current: ZoneRecord, { name, type, value, ttl, proxied }: RecordEdit): RecordFields {
  const isProxied = canBeProxied(type) && (proxied ?? current.proxied)
  return { name, type, value, proxied: isProxied, ttl: isProxied ? AUTOMATIC : (ttl ?? current.ttl) }
}

function commentOf(current: ZoneRecord, { comment }: RecordEdit): Pick<PatchFields, 'comment'> {
  return comment === undefined || comment === current.comment ? {} : { comment }
}

function mustBeOpen(record: AnyRecord, { keptBy }: Around): ZoneRecord {
  const reason = whyLocked(record, keptBy.get(keyOf(record)))
  if (reason !== undefined) throw locked(reason, record)
  return record as ZoneRecord
}

function mustNotBeKept(key: SetKey, { keptBy }: Around): void {
  const caller = keptBy.get(keyOf(key))
  if (caller !== undefined) throw locked(whyLocked(key, caller)!, key)
}

/** Throws if Cloudflare would refuse the record beside these (docs, "Records with the same name", 2026). */
function mustFit(to: RecordFields, others: readonly AnyRecord[], zone: Name): void {
  const atName = others.filter(({ name }) => name === to.name)
  const alike = atName.filter(({ type }) => type === to.type)
  if (alike.some((record) => 'value' in record && record.value === to.value)) {
    throw conflict(words.identical(to.name, to.type), to.type)
  }
  if (to.type === 'CNAME' && alike.length > 0) throw conflict(words.secondCname(to.name), to.type)
  const [problem] = conflictsAt(to, atName, zone)
  if (problem !== undefined) {
    throw conflict(describeProblem(problem), 'with' in problem ? problem.with : to.type)
  }
}

function conflict(message: string, beside: string): DnsError {
  return new DnsError('conflict', message, { details: { with: beside } })
}

function locked(reason: string, { name, type }: { name: Name; type: string }): DnsError {
  return new DnsError('locked', reason, { details: { name, type } })
}

function invalid(...problems: Problem[]): DnsError {
  return new DnsError('invalid', problems.map(describeProblem).join(' '), { problems })
}
