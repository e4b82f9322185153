import { type Parsed, parsed, refused } from './problems.ts'

/** The types that can be declared. Everything else in a zone is left as it is. */
export const RECORD_TYPES = ['A', 'AAAA', 'CAA', 'CNAME', 'MX', 'NS', 'SRV', 'TXT'] as const

export type RecordType = (typeof RECORD_TYPES)[number]

/** Types are upper case, as everyone writes them. */
export function isRecordType(text: string): text is RecordType {
  return (RECORD_TYPES as readonly string[]).includes(text)
}

/** Problem: `type-unknown`, with the types that are supported. */
export function parseRecordType(text: string, path = 'type'): Parsed<RecordType> {
  return isRecordType(text)
    ? parsed(text)
    : refused({ code: 'type-unknown', path, type: text, supported: RECORD_TYPES })
}

/** Whether Cloudflare can stand in front of records of this type (Cloudflare docs, "Proxy status", 2026). */
export function canBeProxied(type: RecordType): boolean {
  return type === 'A' || type === 'AAAA' || type === 'CNAME'
}
