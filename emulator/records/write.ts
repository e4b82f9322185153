/** Create, replace, patch and delete: one record each, inside a transaction of its zone. */

import { known } from '../errors.ts'
import type { Zone } from '../state.ts'
import type { Microseconds } from '../time.ts'
import { chosenRefusal, type UnknownChoices } from '../unknowns.ts'
import { refuseConflict } from './coexist.ts'
import type { JsonObject, RecordFields } from './fields.ts'
import type { StoredRecord } from './record.ts'
import { type SoundRecord, soundRecord } from './validate.ts'

/** What writing needs beside the record. */
export interface WriteContext {
  readonly zone: Zone
  readonly choices: UnknownChoices
  readonly at: Microseconds
  newId(): string
  nextSequence(): number
}

export function createRecord(
  context: WriteContext,
  fields: RecordFields,
  meta: JsonObject = {},
): StoredRecord {
  const sound = soundRecord(fields, context.zone, context.choices)
  refuseConflict(sound, context.zone, context.choices)
  const record: StoredRecord = {
    ...sound,
    id: context.newId(),
    sequence: context.nextSequence(),
    meta,
    ...(sound.comment !== null && { commentModifiedOn: context.at }),
    ...(sound.tags.length > 0 && { tagsModifiedOn: context.at }),
    createdOn: context.at,
    modifiedOn: context.at,
  }
  context.zone.records.change(undefined, record)
  return record
}

/** PUT: what is left out returns to its default; id, created_on and meta stay. */
export function replaceRecord(context: WriteContext, id: string, fields: RecordFields): StoredRecord {
  return rewrite(context, editable(context, id), fields)
}

/** PATCH: what is left out stays; an empty comment and an empty list of tags clear. `data` is replaced whole. */
export function patchRecord(context: WriteContext, id: string, fields: RecordFields): StoredRecord {
  const current = editable(context, id)
  return rewrite(context, current, merged(current, fields))
}

/** Gives back what was deleted. */
export function deleteRecord(context: WriteContext, id: string): StoredRecord {
  const current = editable(context, id)
  context.zone.records.change(current, undefined)
  return current
}

/** 404 and 81044 for an id that the zone does not have. */
export function recordById(zone: Zone, id: string): StoredRecord {
  const record = zone.records.get(id)
  if (record === undefined) throw known('recordMissing')
  return record
}

function editable(context: WriteContext, id: string): StoredRecord {
  const record = recordById(context.zone, id)
  if (record.meta.read_only === true) throw chosenRefusal(context.choices.readOnlyRecord)
  return record
}

function rewrite(context: WriteContext, current: StoredRecord, fields: RecordFields): StoredRecord {
  const sound = soundRecord(fields, context.zone, context.choices, current)
  refuseConflict(sound, context.zone, context.choices, current)
  const record: StoredRecord = {
    ...sound,
    id: current.id,
    sequence: current.sequence,
    meta: current.meta,
    ...changeTimes(context, current, sound),
    createdOn: current.createdOn,
    modifiedOn: context.at,
  }
  context.zone.records.change(current, record)
  return record
}

function changeTimes(
  context: WriteContext,
  current: StoredRecord,
  sound: SoundRecord,
): Partial<StoredRecord> {
  const comment = sound.comment === current.comment ? current.commentModifiedOn : context.at
  const sameTags = sound.tags.join('\n') === current.tags.join('\n')
  const tags = sameTags ? current.tagsModifiedOn : context.at
  return {
    ...(sound.comment !== null && comment !== undefined && { commentModifiedOn: comment }),
    ...(sound.tags.length > 0 && tags !== undefined && { tagsModifiedOn: tags }),
  }
}

function merged(current: StoredRecord, changes: RecordFields): RecordFields {
  const data = changes.data ?? (current.data && { ...current.data, ...priorityOf(changes) })
  return {
    name: changes.name ?? current.name,
    type: changes.type ?? current.type,
    content: changes.content ?? current.content,
    priority: changes.priority ?? current.priority,
    data,
    ttl: changes.ttl ?? current.ttl,
    proxied: changes.proxied ?? current.proxied,
    comment: changes.comment ?? current.comment ?? undefined,
    tags: changes.tags ?? current.tags,
    settings: changes.settings ?? { ...current.settings },
  }
}

function priorityOf(changes: RecordFields): { priority?: number } {
  return changes.priority === undefined ? {} : { priority: changes.priority }
}
