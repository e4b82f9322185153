/** A record that was asked for becomes one that can be stored, or is refused: the first fault found, in this order. */
import { known, notEmulated } from '../errors.ts'
import { ownerName } from '../names.ts'
import type { Zone } from '../state.ts'
import { chosenRefusal, type UnknownChoices } from '../unknowns.ts'
import { parseRdata } from './content.ts'
import type { JsonObject, RecordFields } from './fields.ts'
import { MAXIMUM_TTL, PLAN_LIMITS, type PlanLimits } from './limits.ts'
import {
  isProxiable,
  type Rdata,
  RECORD_TYPES,
  type RecordSettings,
  type RecordType,
  type StoredRecord,
} from './record.ts'

/** All that a caller can say about a record, in stored form. */
export interface SoundRecord extends Rdata {
  readonly name: string
  readonly type: RecordType
  readonly ttl: number
  readonly proxied: boolean
  readonly comment: string | null
  readonly tags: readonly string[]
  readonly settings: RecordSettings
}

/**
 * Name, type, content, TTL, proxying, comment, tags, settings: in that order. That the name comes first is known
 * from the answer to `{}` (9000); the rest is likely. `current` is the record to be changed, whose type stays.
 */
export function soundRecord(
  fields: RecordFields,
  zone: Zone,
  choices: UnknownChoices,
  current?: StoredRecord,
): SoundRecord {
  const limits = PLAN_LIMITS[zone.plan]
  const name = fields.name === undefined ? undefined : ownerName(fields.name, zone.name)
  if (name === undefined) throw known('nameInvalid')

  const type = soundType(fields.type, choices)
  if (current !== undefined && current.type !== type) throw chosenRefusal(choices.typeChange)

  const rdata = parseRdata(type, name, fields, choices)
  const ttl = soundTtl(fields.ttl ?? 1, limits)
  const proxied = fields.proxied ?? false
  if (proxied) refuseUnproxiable(type, rdata.content, choices)

  return {
    ...rdata,
    name,
    type,
    // Proxied answers live 300 s whatever was asked, and the API keeps 1.
    ttl: proxied ? 1 : ttl,
    proxied,
    comment: soundComment(fields.comment ?? '', limits, choices),
    tags: soundTags(fields.tags ?? [], limits, choices),
    settings: soundSettings(fields.settings ?? {}, limits, choices),
  }
}

function soundType(text: string | undefined, choices: UnknownChoices): RecordType {
  const type = RECORD_TYPES.find((known) => known === text)
  if (type !== undefined) return type
  if (text !== undefined && TYPES_WITHOUT_EMULATION.has(text)) {
    throw notEmulated(`${text} records`)
  }
  throw chosenRefusal(choices.invalidType)
}

const TYPES_WITHOUT_EMULATION = new Set('CERT DNSKEY LOC NAPTR OPENPGPKEY SMIMEA'.split(' '))

function soundTtl(ttl: number, { minimumTtl }: PlanLimits): number {
  if (ttl !== 1 && !(ttl >= minimumTtl && ttl <= MAXIMUM_TTL)) throw known('ttlRange', minimumTtl)
  return ttl
}

function refuseUnproxiable(type: RecordType, content: string, choices: UnknownChoices): void {
  if (isProxiable(type, content)) return
  if (type === 'A' || type === 'AAAA') {
    throw known('proxiedTarget', content)
  }
  throw chosenRefusal(choices.notProxiable)
}

function soundComment(comment: string, limits: PlanLimits, choices: UnknownChoices): string | null {
  if ([...comment].length > limits.commentCharacters) {
    throw known('commentLength', limits.commentCharacters)
  }
  if (/[\r\n]/.test(comment)) throw chosenRefusal(choices.commentNewline)
  return comment === '' ? null : comment
}

function soundTags(tags: readonly string[], limits: PlanLimits, choices: UnknownChoices): readonly string[] {
  if (tags.length > limits.tags) {
    throw known('tagQuota', tags.length, limits.tags)
  }
  const wellFormed = tags.every((tag) => /^(?!cf-)[A-Za-z0-9_-]{1,32}(:.{0,100})?$/iu.test(tag))
  if (!wellFormed) throw chosenRefusal(choices.tagInvalid)
  return tags
}

function soundSettings(settings: JsonObject, limits: PlanLimits, choices: UnknownChoices): RecordSettings {
  const { flatten_cname, ipv4_only, ipv6_only } = settings
  for (const value of [flatten_cname, ipv4_only, ipv6_only]) {
    const isFlag = value === undefined || value === null || typeof value === 'boolean'
    if (!isFlag) throw known('malformedBody')
  }
  if (flatten_cname === true && !limits.flattenSingleNames) throw chosenRefusal(choices.flattenOnFree)
  return {
    ...(typeof flatten_cname === 'boolean' && { flatten_cname }),
    ...(typeof ipv4_only === 'boolean' && { ipv4_only }),
    ...(typeof ipv6_only === 'boolean' && { ipv6_only }),
  }
}
