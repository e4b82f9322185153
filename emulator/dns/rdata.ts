/** Records as they are answered: dns-packet's answers, one a record. */
import type { Answer, CaaData as WireCaa } from 'dns-packet'
import type {
  CaaData,
  DsData,
  SrvData,
  SshfpData,
  StoredRecord,
  SvcbData,
  TlsaData,
  UriData,
} from '../records/record.ts'
import { serviceParameters } from '../records/svcb.ts'
import { txtStrings } from '../records/txt.ts'

/** What automatic means: 300 s. Proxied names are always automatic. */
export const AUTOMATIC_TTL = 300

/** Types that dns-packet knows by number alone: it calls them `UNKNOWN_65`, and takes their data as octets. */
export const TYPE_NUMBERS = { SVCB: 64, HTTPS: 65, URI: 256 } as const

export function ttlOf(records: readonly StoredRecord[]): number {
  // A set with several TTLs is answered with the lowest (RFC 2181 section 5.2 allows one only).
  return Math.min(...records.map(({ ttl }) => (ttl === 1 ? AUTOMATIC_TTL : ttl)))
}

export function answerFor(record: StoredRecord, owner: string, ttl: number): Answer {
  const { type, content } = record
  switch (type) {
    case 'A':
    case 'AAAA':
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return { type, name: owner, ttl, data: content }
    case 'MX':
      return { type, name: owner, ttl, data: { preference: record.priority ?? 0, exchange: content } }
    case 'SRV': {
      const { priority, weight, port, target } = record.data as SrvData
      return { type, name: owner, ttl, data: { priority, weight, port, target } }
    }
    case 'CAA': {
      const { flags, tag, value } = record.data as CaaData
      // dns-packet writes any tag; only its types know three.
      return { type, name: owner, ttl, data: { flags, tag: tag as WireCaa['tag'], value } }
    }
    case 'TXT':
      return { type, name: owner, ttl, data: txtStrings(content) ?? [] }
    case 'DS': {
      const { key_tag: keyTag, algorithm, digest_type: digestType, digest } = record.data as DsData
      return {
        type,
        name: owner,
        ttl,
        data: { keyTag, algorithm, digestType, digest: Buffer.from(digest, 'hex') },
      }
    }
    case 'SSHFP': {
      const { algorithm, type: hash, fingerprint } = record.data as SshfpData
      return octets(44, owner, ttl, [Buffer.of(algorithm, hash), Buffer.from(fingerprint, 'hex')])
    }
    case 'TLSA': {
      const { usage, selector, matching_type: matchingType, certificate } = record.data as TlsaData
      return octets(52, owner, ttl, [
        Buffer.of(usage, selector, matchingType),
        Buffer.from(certificate, 'hex'),
      ])
    }
    case 'HTTPS':
    case 'SVCB':
      return octets(TYPE_NUMBERS[type], owner, ttl, serviceBinding(record.data as SvcbData))
    case 'URI': {
      const { weight, target } = record.data as UriData
      const numbers = [twoOctets(record.priority ?? 0), twoOctets(weight)]
      return octets(TYPE_NUMBERS.URI, owner, ttl, [...numbers, Buffer.from(target)])
    }
  }
}

/** RFC 3597: any type can be sent as octets. dns-packet's own SSHFP and TLSA know some of their numbers only. */
function octets(number: number, name: string, ttl: number, parts: readonly Buffer[]): Answer {
  return { type: `UNKNOWN_${number}`, name, ttl, data: Buffer.concat(parts) } as unknown as Answer
}

/** RFC 9460 section 2.2. */
function serviceBinding({ priority, target, value }: SvcbData): Buffer[] {
  const labels = target.toLowerCase().split('.').filter(Boolean)
  const name = [...labels.flatMap((label) => [Buffer.of(label.length), Buffer.from(label)]), Buffer.of(0)]
  const parameters = (serviceParameters(value) ?? []).flatMap((parameter) => [
    twoOctets(parameter.key),
    twoOctets(parameter.value.length),
    parameter.value,
  ])
  return [twoOctets(priority), ...name, ...parameters]
}

function twoOctets(number: number): Buffer {
  return Buffer.of(number >> 8, number & 255)
}
