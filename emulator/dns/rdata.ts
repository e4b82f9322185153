/** Records as they are answered: dns-packet's answers, one a record. */
import type { Answer, CaaData as WireCaa } from 'dns-packet'
import type { CaaData, SrvData, StoredRecord } from '../records/record.ts'
import { txtStrings } from '../records/txt.ts'

/** What automatic means: 300 s. Proxied names are always automatic. */
export const AUTOMATIC_TTL = 300

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
  }
}
