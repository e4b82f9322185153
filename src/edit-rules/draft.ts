import { addressKind } from '#dns/ip.ts'
import { isWithin, type Name, parseName, parseNameIn } from '#dns/name.ts'
import { type Parsed, type Problem, parsed, refused } from '#dns/problems.ts'
import type { NewRecord } from '#dns/record.ts'
import { canBeProxied, parseRecordType } from '#dns/record-type.ts'
import { AUTOMATIC, parseTtl } from '#dns/ttl.ts'
import { parseValue, type Value } from '#dns/value.ts'
import { commentProblems, EDITABLE_TYPES, type EditableType, isEditableType } from './editing.ts'

/** A record as a form has it, before anybody looked at it. */
export interface RecordDraft {
  readonly type: string
  /** Relative to the zone, `@` for the zone's own, or whole. */
  readonly name: string
  readonly content: string
  /** For MX; 10 unless said. */
  readonly priority?: number | null | undefined
  readonly proxied?: boolean | undefined
  /** Seconds. */
  readonly ttl?: number | undefined
  readonly comment?: string | null | undefined
}

/** What a record is to say from now on; what is left out stays as it is. */
export type RecordEdit = Pick<NewRecord, 'name' | 'type' | 'value'> &
  Partial<Pick<NewRecord, 'ttl' | 'proxied' | 'comment'>>

/**
 * A record to be created: what the draft leaves out is automatic, not proxied, without a comment. Everything that is
 * wrong at once; the `path` of each problem is the field of the draft.
 *
 *     www                            in example.com: www.example.com
 *     www.example.com                in example.com: www.example.com
 *     www.example.com.example.com    in example.com: name-doubled
 *     www.example.net                in example.com: name-outside
 */
export function parseDraft(draft: RecordDraft, zone: Name): Parsed<NewRecord> {
  const edit = parseEdit(draft, zone)
  return edit.ok ? parsed({ ttl: AUTOMATIC, proxied: false, comment: null, ...edit.value }) : edit
}

/** As `parseDraft`, for a record that exists. */
export function parseEdit(draft: RecordDraft, zone: Name): Parsed<RecordEdit> {
  const type = parseType(draft.type)
  const name = parseOwner(draft.name, zone)
  const value = type.ok ? parseContent(type.value, draft, zone) : undefined
  const ttl = draft.ttl === undefined ? undefined : parseTtl(draft.ttl)
  const problems = [type, name, value, ttl].flatMap((field) =>
    field === undefined || field.ok ? [] : field.problems,
  )
  problems.push(...commentProblems(draft.comment, 'comment'))
  if (type.ok) problems.push(...proxyProblems(type.value, value?.ok ? value.value : undefined, draft))
  if (type.ok && name.ok && value?.ok && type.value === 'CNAME' && value.value === (name.value as string)) {
    problems.push({ code: 'cname-to-itself', path: 'content', name: name.value })
  }
  if (problems.length > 0 || !type.ok || !name.ok || !value?.ok) return refused(...problems)
  return parsed({
    name: name.value,
    type: type.value,
    value: value.value,
    ...(draft.proxied !== undefined && { proxied: draft.proxied }),
    // Cloudflare chooses the TTL of a proxied record (docs, "Time to Live (TTL)", 2026).
    ...(draft.proxied ? { ttl: AUTOMATIC } : ttl?.ok && { ttl: ttl.value }),
    ...(draft.comment !== undefined && { comment: draft.comment || null }),
  })
}

const DEFAULT_MX_PRIORITY = 10
/** A relative name hardly ever ends like this; whoever means it writes it whole. */
const ENDINGS_OF_WHOLE_NAMES = ['com', 'net', 'org', 'info', 'biz']

function parseType(text: string): Parsed<EditableType> {
  const type = parseRecordType(text.trim().toUpperCase())
  if (type.ok && isEditableType(type.value)) return parsed(type.value)
  return refused({ code: 'type-unknown', path: 'type', type: text, supported: EDITABLE_TYPES })
}

function parseOwner(text: string, zone: Name): Parsed<Name> {
  const path = 'name'
  const typed = text.trim()
  if (typed === '' || typed === '@') return parsed(zone)
  const whole = parseName(typed, path)
  if (!whole.ok) return whole
  const isWhole =
    isWithin(whole.value, zone) || /[.\u3002\uff0e\uff61]$/.test(typed) || seemsWhole(whole.value, zone)
  if (isWhole && !isWithin(whole.value, zone)) {
    return refused({ code: 'name-outside', path, name: whole.value, domain: zone })
  }
  const name = isWhole ? whole : parseNameIn(zone, typed, path)
  if (!name.ok) return name
  const beside = name.value.slice(0, -(zone.length + 1))
  return isWithin(beside as Name, zone)
    ? refused({ code: 'name-doubled', path, name: name.value, meant: beside })
    : name
}

function seemsWhole(name: Name, zone: Name): boolean {
  const labels = name.split('.')
  const last = labels.at(-1)!
  return labels.length > 1 && (ENDINGS_OF_WHOLE_NAMES.includes(last) || zone.endsWith(`.${last}`))
}

function parseContent(type: EditableType, { content, priority }: RecordDraft, zone: Name): Parsed<Value> {
  const path = 'content'
  const typed = type === 'TXT' ? content : content.trim()
  if (typed === '') return refused({ code: 'content-missing', path })
  if (type === 'CNAME' && typed === '@') return parsed(zone as string as Value)
  if (type !== 'MX') return parseValue(type, typed, { mxPriority: 0 }, path)

  const server = typed === '@' ? zone : typed
  if (priority === undefined || priority === null) {
    return parseValue('MX', server, { mxPriority: DEFAULT_MX_PRIORITY }, path)
  }
  if (!Number.isInteger(priority) || priority < 0 || priority > 65_535) {
    const text = `${priority}`
    return refused({ code: 'number-out-of-range', path: 'priority', field: 'priority', text, most: 65_535 })
  }
  return parseValue('MX', `${priority} ${server}`, { mxPriority: 0 }, path)
}

/** What would send visitors to a machine of their own, or cannot be reached by Cloudflare. */
function proxyProblems(type: EditableType, value: Value | undefined, { proxied }: RecordDraft): Problem[] {
  const problems: Problem[] = []
  const kind = value === undefined ? 'public' : addressKind(type, value)
  if (kind === 'local') problems.push({ code: 'address-local', path: 'content', text: value! })
  if (proxied && !canBeProxied(type)) problems.push({ code: 'type-not-proxied', path: 'proxied', type })
  if (proxied && kind === 'private') problems.push({ code: 'address-private', path: 'proxied', text: value! })
  return problems
}
