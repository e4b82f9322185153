/** The types whose value is asked for as `data`, with a field for each part; `content` is made of it. */
import { known } from '../errors.ts'
import { hostName } from '../names.ts'
import { chosenRefusal, type UnknownChoices } from '../unknowns.ts'
import type { ApiError } from '../wire.ts'
import type { JsonObject } from './fields.ts'
import type { Rdata, RecordType } from './record.ts'
import { serviceParameters } from './svcb.ts'

export interface GivenValue {
  readonly content?: string | undefined
  readonly priority?: number | undefined
  readonly data?: JsonObject | undefined
}

export type Parser = (given: GivenValue, choices: UnknownChoices, name: string) => Rdata

export const DATA_TYPES = [
  'CAA',
  'DS',
  'HTTPS',
  'SRV',
  'SSHFP',
  'SVCB',
  'TLSA',
  'URI',
] as const satisfies RecordType[]

/**
 * By type. A field that is missing is 9101, whatever `content` says: a record with content alone was refused so
 * (apache/libcloud issue 1512). The forms of `content` are those of octodns-cloudflare's fixtures.
 */
export const DATA_PARSERS: Readonly<Record<(typeof DATA_TYPES)[number], Parser>> = {
  CAA({ data = {} }, { caaData }) {
    const flags = Number(required(data, 'flags'))
    const tag = required(data, 'tag')
    const value = required(data, 'value')
    const sound = isBelow(256, flags) && typeof tag === 'string' && /^[a-z0-9]{1,15}$/i.test(tag)
    if (!sound || typeof value !== 'string' || !/^[\x20-\x7e]*$/.test(value)) throw chosenRefusal(caaData)
    const parts = { flags, tag: tag.toLowerCase(), value }
    return { content: `${flags} ${parts.tag} ${quoted(value)}`, data: parts }
  },
  DS({ data = {} }, { recordData }) {
    const parts = {
      algorithm: number(data, 'algorithm', 256, recordData),
      digest: hexadecimal(data, 'digest', recordData),
      digest_type: number(data, 'digest_type', 256, recordData),
      key_tag: number(data, 'key_tag', 65_536, recordData),
    }
    const { algorithm, digest, digest_type, key_tag } = parts
    return { content: `${key_tag} ${algorithm} ${digest_type} ${digest}`, data: parts }
  },
  HTTPS: serviceBinding,
  SRV({ data: sent, priority: sentBeside }, { srvData }) {
    const data = { priority: sentBeside, ...sent }
    const priority = number(data, 'priority', 65_536, srvData)
    const weight = number(data, 'weight', 65_536, srvData)
    const port = number(data, 'port', 65_536, srvData)
    const target = host(data, srvData)
    return { content: `${weight} ${port} ${target}`, priority, data: { port, priority, target, weight } }
  },
  SSHFP({ data = {} }, { recordData }) {
    const algorithm = number(data, 'algorithm', 256, recordData)
    const type = number(data, 'type', 256, recordData)
    const fingerprint = hexadecimal(data, 'fingerprint', recordData)
    return { content: `${algorithm} ${type} ${fingerprint}`, data: { algorithm, fingerprint, type } }
  },
  SVCB: serviceBinding,
  TLSA({ data = {} }, { recordData }) {
    const usage = number(data, 'usage', 256, recordData)
    const selector = number(data, 'selector', 256, recordData)
    const matching_type = number(data, 'matching_type', 256, recordData)
    const certificate = hexadecimal(data, 'certificate', recordData)
    return {
      content: `${usage} ${selector} ${matching_type} ${certificate}`,
      data: { certificate, matching_type, selector, usage },
    }
  },
  URI({ data: sent, priority: sentBeside }, { recordData }) {
    const data = { priority: sentBeside, ...sent }
    const priority = number(data, 'priority', 65_536, recordData)
    const weight = number(data, 'weight', 65_536, recordData)
    const target = required(data, 'target')
    // RFC 7553 section 4.4: a URI, so printable ASCII, and never empty.
    if (typeof target !== 'string' || !/^[\x21-\x7e]+$/.test(target)) throw chosenRefusal(recordData)
    return { content: `${weight} ${quoted(target)}`, priority, data: { target, weight } }
  },
}

/** Whether `value` is a whole number from 0 to `limit` - 1. */
export function isBelow(limit: number, value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < limit
}

/** HTTPS and SVCB: the target keeps its trailing dot, unlike every other host. */
function serviceBinding({ data = {} }: GivenValue, { recordData }: UnknownChoices): Rdata {
  const priority = number(data, 'priority', 65_536, recordData)
  const target = required(data, 'target')
  const isHost = typeof target === 'string' && (target === '.' || hostName(target) !== undefined)
  const value = data.value ?? ''
  if (!isHost || typeof value !== 'string' || serviceParameters(value) === undefined) {
    throw chosenRefusal(recordData)
  }
  // RFC 9460 section 2.4.1: priority 0 is an alias, and its parameters mean nothing.
  const content = value === '' ? `${priority} ${target}` : `${priority} ${target} ${value}`
  return { content, data: { priority, target, value } }
}

function number(data: JsonObject, key: string, limit: number, otherwise: ApiError): number {
  const value = required(data, key)
  if (!isBelow(limit, value)) throw chosenRefusal(otherwise)
  return value
}

function hexadecimal(data: JsonObject, key: string, otherwise: ApiError): string {
  const value = required(data, key)
  if (typeof value !== 'string' || !/^([0-9a-f]{2})+$/i.test(value)) throw chosenRefusal(otherwise)
  return value
}

function host(data: JsonObject, otherwise: ApiError): string {
  const text = required(data, 'target')
  const target = text === '.' ? '.' : typeof text === 'string' ? hostName(text) : undefined
  if (target === undefined) throw chosenRefusal(otherwise)
  return target
}

function required(data: JsonObject, key: string): unknown {
  const value = data[key]
  if (value === undefined || value === null || value === '') throw known('dataMissing', key)
  return value
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`
}
