import type { Name } from '#dns/name.ts'
import { describeProblem } from '#dns/problems.ts'
import { canBeProxied as typeCanBeProxied } from '#dns/record-type.ts'
import { presentValue } from '#dns/value.ts'
import { parseDraft } from '#edit-rules/draft.ts'
import { type EditableType, isProxiable } from '#edit-rules/editing.ts'
import type { ApiRecord, RecordFields, RecordInput } from '#faces/dashboard/api.ts'
import { splitName } from '../names.ts'

/** A form as it stands; everything that can be typed is text. */
export interface Draft {
  readonly type: EditableType
  readonly name: string
  readonly content: string
  readonly priority: string
  readonly proxied: boolean
  /** Seconds; 1: automatic. */
  readonly ttl: number
}

export type FieldName = keyof Draft

export interface Judged {
  /** One sentence for each field that is wrong. */
  readonly problems: Partial<Record<FieldName, string>>
  /** As it will be in the zone; undefined while something is wrong. */
  readonly saved: { readonly name: string; readonly type: string; readonly content: string } | undefined
}

export const emptyDraft: Draft = { type: 'A', name: '', content: '', priority: '10', proxied: false, ttl: 1 }

export function draftOf(record: ApiRecord, zone: string): Draft {
  const [own, suffix] = splitName(record.name, zone)
  return {
    // Only editable records are put into a form.
    type: record.type as EditableType,
    name: suffix === '' ? '@' : own,
    content: record.content,
    priority: `${record.priority ?? emptyDraft.priority}`,
    proxied: record.proxied,
    ttl: record.ttl ?? emptyDraft.ttl,
  }
}

/** What is shown of a record, and nothing of what is known about it. */
export function shownOf({ type, name, content, priority, proxied, ttl, comment }: ApiRecord): RecordFields {
  return { type, name, content, priority, proxied, ttl, comment }
}

/** Mail providers print "10 mail.example.net" in one piece; the form has a field for each half. */
export function tidied(draft: Draft): Draft {
  const both = draft.type === 'MX' ? /^\s*(\d+)\s+(\S+)\s*$/.exec(draft.content) : null
  return both === null ? draft : { ...draft, priority: both[1]!, content: both[2]! }
}

/** Whether a name is written out, so that the zone is not to be read behind it. */
export function isWhole(name: string, zone: string): boolean {
  const typed = name.trim().toLowerCase().replace(/\.$/, '')
  return typed === '@' || typed === zone || typed.endsWith(`.${zone}`)
}

/** What is asked of the server. */
export function inputOf(typed: Draft): RecordInput {
  const draft = tidied(typed)
  const { type, name, content, ttl } = draft
  const proxied = draft.proxied && canBeProxied(draft)
  return {
    type,
    name: name.trim() === '' ? '@' : name.trim(),
    content,
    ...(type === 'MX' && { priority: priorityOf(draft) }),
    ...(typeCanBeProxied(type) && { proxied }),
    ttl: proxied ? 1 : ttl,
  }
}

/** The server's own judgement, before it is asked. */
export function judge(draft: Draft, zone: string): Judged {
  const parsed = parseDraft(inputOf(draft), zone as Name)
  if (!parsed.ok) {
    const problems: Partial<Record<FieldName, string>> = {}
    for (const problem of parsed.problems) problems[problem.path as FieldName] ??= describeProblem(problem)
    return { problems, saved: undefined }
  }
  const { name, type, value } = parsed.value
  return { problems: {}, saved: { name, type, content: presentValue(type, value) } }
}

/** Whether Cloudflare can stand in front of it: by its type, and by what has been typed so far. */
export function canBeProxied({ type, content }: Draft): boolean {
  return typeCanBeProxied(type) && (content.trim() === '' || isProxiable(type, content.trim()))
}

/** NaN for what is not a number, which is then told like any other number that is wrong. */
function priorityOf({ priority }: Draft): number {
  return priority.trim() === '' ? Number.NaN : Number(priority)
}
