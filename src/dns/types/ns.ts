import { parseHostValue } from '../host.ts'
import { NAME_LAST, type TypeRules } from './type-rules.ts'

/** `ns1.example.com` (RFC 1035 §3.3.11). Problems: those of a host name. */
export const ns: TypeRules = {
  parse: (text, _, path) => parseHostValue(text, { underscores: false }, path),
  zoneText: NAME_LAST,
  canBeProxied: false,
  standsBesideCname: false,
  standsBesideNs: true,
}
