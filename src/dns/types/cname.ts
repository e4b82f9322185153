import { parseHostValue } from '../host.ts'
import { NAME_LAST, type TypeRules } from './type-rules.ts'

/** `www.example.com` (RFC 1035 §3.3.1). Problems: those of a host name, `cname-not-single`, `cname-to-itself`. */
export const cname: TypeRules = {
  parse: (text, _, path) => parseHostValue(text, { underscores: true }, path),
  problemsIn(values, name, path) {
    if (values.length > 1) return [{ code: 'cname-not-single', path, count: values.length }]
    return (values as readonly string[]).includes(name) ? [{ code: 'cname-to-itself', path, name }] : []
  },
  zoneText: NAME_LAST,
  canBeProxied: true,
  standsBesideCname: false,
  standsBesideNs: false,
}
