import { isIpv4Like, parseIpv6 } from './ip.ts'
import { type Name, parseName } from './name.ts'
import { type Parsed, parsed, refused } from './problems.ts'
import type { Value } from './value.ts'

/**
 * The name that a record points to: a whole name, never an address, never a wildcard.
 * `underscores`: a CNAME may point to `_dkim`-like names, a mail or name server may not be called so (RFC 2181 §11).
 * Problems: those of `parseName`, `host-is-address`, `host-is-wildcard`, `host-underscore`.
 */
export function parseHost(
  text: string,
  { underscores }: { underscores: boolean },
  path: string,
): Parsed<Name> {
  if (isAddress(text)) return refused({ code: 'host-is-address', path, text })
  const host = parseName(text, path)
  if (!host.ok) return host
  if (host.value.startsWith('*')) return refused({ code: 'host-is-wildcard', path, text })
  const label = underscores ? undefined : host.value.split('.').find((each) => each.includes('_'))
  return label === undefined ? host : refused({ code: 'host-underscore', path, label })
}

/** A host name that is the whole data of a record. */
export function parseHostValue(...host: Parameters<typeof parseHost>): Parsed<Value> {
  const name = parseHost(...host)
  return name.ok ? parsed(name.value as string as Value) : name
}

function isAddress(text: string): boolean {
  const bare = text.replace(/^\[(.*)\]$/, '$1')
  return isIpv4Like(bare) || parseIpv6(bare) !== undefined
}
