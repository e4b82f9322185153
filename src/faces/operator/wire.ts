import { isUtf8 } from 'node:buffer'
import { type Name, parseName, parseNameIn } from '#dns/name.ts'
import { describeProblem, type Parsed } from '#dns/problems.ts'
import { parseRecordSet, type RecordSet, type SetDefaults, type SetKey } from '#dns/record-set.ts'
import { parseRecordType } from '#dns/record-type.ts'
import { effectiveTtl } from '#dns/ttl.ts'
import { presentValue } from '#dns/value.ts'
import type { Health, RemoveAnswer, UpsertAnswer } from '#engine/zones.ts'
import { invalidRequest, type OperatorRefusal, refusalOf } from './on-error.ts'

/** A set's name in the caller's own words, which its answers repeat. */
export interface NameAsSent {
  readonly domain: string
  readonly subdomain: string
}

export type Read<T> = ({ readonly ok: true } & T) | { readonly ok: false; readonly refusal: OperatorRefusal }

/**
 * The set in the body of `POST /records`:
 *
 *     {"record":{"type":"A","domain":"example.com","subdomain":"www","values":["192.0.2.1"],"ttl":600},"operation":"upsert"}
 *
 * By hand, not with a schema: this runs some hundred times a second. Members we do not know are ignored, as Go does.
 */
export function readUpsert(
  body: Uint8Array,
  defaults: SetDefaults,
): Read<{ set: RecordSet; sent: NameAsSent }> {
  const json = jsonIn(body)
  if (!isObject(json)) return refused(invalidRequest('The body is not a JSON object in UTF-8'))
  if (json.operation !== 'upsert') return refused(invalidRequest('The operation must be "upsert"'))
  if (!isObject(json.record)) return refused(invalidRequest('The record is missing'))

  const { type, domain, subdomain, values, ttl } = json.record
  if (typeof type !== 'string' || typeof domain !== 'string' || typeof subdomain !== 'string') {
    return refused(missingTexts({ type, domain, subdomain }))
  }
  const set = parseRecordSet({ name: nameIn(domain, subdomain), type, ttl, values }, defaults)
  return set.ok ? { ok: true, set: set.value, sent: { domain, subdomain } } : refused(refusalOf(set.problems))
}

/** The key in a path `/records/TYPE/DOMAIN/SUBDOMAIN`. A key that is refused names a set that can never have been ours. */
export function readKey(path: { type: string; domain: string; subdomain: string }): Read<{ key: SetKey }> {
  const name = nameIn(path.domain, path.subdomain)
  const type = parseRecordType(path.type)
  if (name.ok && type.ok) return { ok: true, key: { name: name.value, type: type.value } }
  return refused(refusalOf([name, type].flatMap((part) => (part.ok ? [] : part.problems))))
}

/** The answer to an upsert. */
export function upsertReply(sent: NameAsSent, { outcome, set, warnings }: UpsertAnswer): string {
  const message = [UPSERT_WORDS[outcome], ...warnings.map(describeProblem)].join('. ')
  return JSON.stringify({ success: true, record: recordToWire(sent, set), message })
}

/** The answer to a GET of a set that exists. */
export function recordReply(sent: NameAsSent, set: RecordSet): string {
  return JSON.stringify({ success: true, record: recordToWire(sent, set) })
}

/** The answer to a DELETE. */
export function removeReply(outcome: RemoveAnswer['outcome']): string {
  return JSON.stringify({ success: true, message: REMOVE_WORDS[outcome] })
}

/** The answer to `GET /health`. `now` in milliseconds; `reason` only for those who may know. */
export function healthReply({ healthy }: Health, now: number, reason?: string): string {
  const message = healthy ? 'DNS server is operational' : 'DNS provider API is unavailable'
  return JSON.stringify({
    status: healthy ? 'healthy' : 'unhealthy',
    message: reason === undefined ? message : `${message}: ${reason}`,
    timestamp: `${new Date(now).toISOString().slice(0, 19)}Z`,
  })
}

/** The body of everything that is refused. */
export function refusalReply({ code, message, details = {} }: OperatorRefusal): string {
  return JSON.stringify({ success: false, error: { code, message, details } })
}

const UPSERT_WORDS: Readonly<Record<UpsertAnswer['outcome'], string>> = {
  created: 'Record created successfully',
  updated: 'Record updated successfully',
  unchanged: 'Record is up to date',
  accepted: 'Record accepted; it will be at Cloudflare shortly',
}

const REMOVE_WORDS: Readonly<Record<RemoveAnswer['outcome'], string>> = {
  deleted: 'Record deleted successfully',
  absent: 'Record does not exist (already deleted)',
  'left-in-place': 'Record is not managed by Zonewright; left in place',
  'not-yours': 'Record is not managed for this caller; nothing was deleted',
  accepted: 'Deletion accepted; the record will be gone shortly',
}

function recordToWire({ domain, subdomain }: NameAsSent, { type, name, values, ttl }: RecordSet) {
  return {
    type,
    domain,
    subdomain,
    fqdn: name,
    values: values.map((value) => presentValue(type, value)),
    ttl: effectiveTtl(ttl, false),
  }
}

function nameIn(domain: string, subdomain: string): Parsed<Name> {
  const parent = parseName(domain, 'domain')
  return parent.ok ? parseNameIn(parent.value, subdomain, 'subdomain') : parent
}

function missingTexts(fields: Readonly<Record<string, unknown>>): OperatorRefusal {
  const names = Object.keys(fields).filter((name) => typeof fields[name] !== 'string')
  const problems = names.map((path) => ({
    path,
    code: 'not-text',
    message: `record.${path} must be a text.`,
  }))
  const message = `${names.map((name) => `record.${name}`).join(', ')} must be given, as text; the subdomain of the domain itself is "@".`
  return { status: 400, code: 'INVALID_RECORD', message, details: { problems } }
}

function jsonIn(body: Uint8Array): unknown {
  if (!isUtf8(body)) return undefined
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'))
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function refused(refusal: OperatorRefusal): { ok: false; refusal: OperatorRefusal } {
  return { ok: false, refusal }
}
