import type { Name } from './name.ts'
import type { ForeignRecord, ZoneRecord } from './record.ts'
import { canBeProxied } from './record-type.ts'
import { AUTOMATIC } from './ttl.ts'
import { printValue } from './zone-text.ts'

export interface PrintedZone {
  readonly name: Name
  /** Of Cloudflare. */
  readonly nameServers: readonly string[]
}

/**
 * A zone file of every record, one line each, in the order of DNSSEC (RFC 4034 §6.1), then by type and data: the same
 * records give the same lines. Names are whole, octets that are no printable ASCII are `\DDD`, and what Cloudflare keeps
 * beside a record stands behind its semicolon, as in Cloudflare's own export; TTL 1 is automatic. `parseZoneFile` reads
 * it back.
 *
 * SOA and NS of the zone itself, without which it would be no zone file, are Cloudflare's and not records of the zone.
 * `readAt`: when the records were read (ms); its seconds are the serial.
 */
export function printZoneFile(
  zone: PrintedZone,
  records: readonly (ZoneRecord | ForeignRecord)[],
  readAt: number,
): string {
  const lines = records.map((record) => ({ key: orderKey(record), text: lineOf(record) }))
  lines.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
  const count = `${records.length} ${records.length === 1 ? 'record' : 'records'}`
  return [
    `;; ${zone.name}: ${count}, as Cloudflare held them on ${new Date(readAt).toISOString()}`,
    ';; TTL 1 is automatic. cf-proxied says whether visitors come through Cloudflare.',
    ";; SOA and NS of the domain itself are Cloudflare's own; an import leaves them out.",
    ...ownLines(zone, readAt),
    ...lines.map(({ text }) => text),
    '',
  ].join('\n')
}

/** Numbers of Cloudflare's SOA (Cloudflare docs, "DNS record types", SOA, 2026). */
const SOA_TIMES = '10000 2400 604800 1800'

function ownLines({ name, nameServers }: PrintedZone, readAt: number): string[] {
  const [first] = nameServers
  if (first === undefined) return []
  const serial = Math.floor(readAt / 1_000)
  return [
    `${name}.\t3600\tIN\tSOA\t${first}. dns.cloudflare.com. ${serial} ${SOA_TIMES}`,
    ...nameServers.map((server) => `${name}.\t86400\tIN\tNS\t${server}.`),
  ]
}

function lineOf(record: ZoneRecord | ForeignRecord): string {
  if ('content' in record) {
    const { name, type, content, ttl = AUTOMATIC } = record
    return `${name}.\t${ttl}\tIN\t${type}\t${otherData(type, content)}`
  }
  const { name, ttl, type, value } = record
  return `${name}.\t${ttl}\tIN\t${type}\t${printValue(type, value)}${noteOf(record)}`
}

function noteOf({ type, proxied, comment }: ZoneRecord): string {
  const words = [
    // A line break would begin a record of its own.
    (comment ?? '').replace(/\p{Cc}+/gu, ' ').trim(),
    canBeProxied(type) ? `cf_tags=cf-proxied:${proxied}` : '',
  ].filter((each) => each !== '')
  return words.length === 0 ? '' : ` ; ${words.join(' ')}`
}

/** Cloudflare shows names in the data of these without their last dot, which would make them relative. */
const ENDS_IN_NAME: readonly string[] = ['PTR', 'DNAME']
const NAME_SECOND: readonly string[] = ['HTTPS', 'SVCB']

function otherData(type: string, content: string): string {
  const plain = content.replace(/[\r\n]+/g, ' ')
  if (ENDS_IN_NAME.includes(type)) return whole(plain)
  if (!NAME_SECOND.includes(type)) return plain
  const [priority = '', target = '', ...parameters] = plain.split(' ')
  return [priority, whole(target), ...parameters].join(' ')
}

function whole(name: string): string {
  return name.endsWith('.') ? name : `${name}.`
}

function orderKey(record: ZoneRecord | ForeignRecord): string {
  const data = 'content' in record ? record.content : record.value
  // A blank sorts before every character of a name.
  return [record.name.split('.').reverse().join(' '), record.type, data].join('\n')
}
