import { parseIpv4, parseIpv6 } from '../ip.ts'
import { type Parsed, parsed, refused } from '../problems.ts'
import type { Value } from '../value.ts'
import { type TypeRules, WORDS } from './type-rules.ts'

/** A and AAAA, which differ in their family alone. Problems: `address-malformed`, `address-of-other-family`. */
export function addressRules(family: 4 | 6): TypeRules {
  return {
    parse: (text, _, path) => parseAddress(family, text, path),
    zoneText: WORDS,
    canBeProxied: true,
    standsBesideCname: false,
    standsBesideNs: false,
  }
}

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
