import type { Parsed } from './problems.ts'
import { type RecordType, rulesOf } from './record-type.ts'

export { type CaaParts, caaParts } from './types/caa.ts'
export { type MxParts, mxParts } from './types/mx.ts'
export { type SrvParts, srvParts } from './types/srv.ts'
export { textOctets, textValue } from './types/txt.ts'

/**
 * The data of one record in its canonical form; equal data are equal strings.
 *
 *     A      192.0.2.1                     MX     10 mail.example.com, or 0 . for no mail
 *     AAAA   2001:db8::1 (RFC 5952)        SRV    10 5 443 host.example.com
 *     CNAME  www.example.com               CAA    0 issue "letsencrypt.org"
 *     NS     ns1.example.com               TXT    "v=spf1 -all"
 */
export type Value = string & { readonly [valueBrand]: true }

export interface ValueDefaults {
  /** For an MX value that is a mail server alone. */
  readonly mxPriority: number
}

/** Reads what a caller wrote for one record. `path` names the value in the problems. */
export function parseValue(
  type: RecordType,
  text: string,
  defaults: ValueDefaults,
  path = 'value',
): Parsed<Value> {
  return rulesOf(type).parse(text, defaults, path)
}

/** As a caller would write it: plain text for TXT, the canonical form for all others. `parseValue` reads it back. */
export function presentValue(type: RecordType, value: Value): string {
  return rulesOf(type).present?.(value) ?? value
}

declare const valueBrand: unique symbol
