import { parseCaa } from './caa.ts'
import { parseHost } from './host.ts'
import { parseIpv4, parseIpv6 } from './ip.ts'
import { parseMx } from './mx.ts'
import { type Parsed, parsed, refused } from './problems.ts'
import type { RecordType } from './record-type.ts'
import { parseSrv } from './srv.ts'
import { parseText, presentText } from './text.ts'

export { type CaaParts, caaParts } from './caa.ts'
export { type MxParts, mxParts } from './mx.ts'
export { type SrvParts, srvParts } from './srv.ts'
export { textOctets, textValue } from './text.ts'

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
  switch (type) {
    case 'A':
      return parseAddress(4, text, path)
    case 'AAAA':
      return parseAddress(6, text, path)
    case 'CNAME':
      return asValue(parseHost(text, { underscores: true }, path))
    case 'NS':
      return asValue(parseHost(text, { underscores: false }, path))
    case 'MX':
      return parseMx(text, defaults, path)
    case 'SRV':
      return parseSrv(text, path)
    case 'CAA':
      return parseCaa(text, path)
    case 'TXT':
      return parseText(text, path)
  }
}

/** As a caller would write it: plain text for TXT, the canonical form for all others. `parseValue` reads it back. */
export function presentValue(type: RecordType, value: Value): string {
  return type === 'TXT' ? presentText(value) : value
}

declare const valueBrand: unique symbol

function parseAddress(family: 4 | 6, text: string, path: string): Parsed<Value> {
  const ipv4 = parseIpv4(text)
  const ipv6 = parseIpv6(text)
  const wanted = family === 4 ? ipv4 : ipv6
  if (wanted !== undefined) return parsed(wanted as Value)
  const other = family === 4 ? ipv6 : ipv4
  return other === undefined
    ? refused({ code: 'address-malformed', path, text, family })
    : refused({ code: 'address-of-other-family', path, text, family: family === 4 ? 6 : 4 })
}

function asValue(host: Parsed<string>): Parsed<Value> {
  return host.ok ? parsed(host.value as Value) : host
}
