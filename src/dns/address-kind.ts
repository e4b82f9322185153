import type { RecordType } from './record-type.ts'
import type { Value } from './value.ts'

/**
 * Where the address of a record is: `local` to the machine or link of whoever asks (127.0.0.0/8, 169.254.0.0/16, ::1,
 * fe80::/10, and the unspecified ones), in a `private` network (RFC 1918, RFC 6598, RFC 4193), or `public`, as is all
 * that is no address. The ranges for documentation count as public.
 */
export function addressKind(type: RecordType, value: Value): 'local' | 'private' | 'public' {
  if (type === 'A') return kindOfIpv4(value)
  return type === 'AAAA' ? kindOfIpv6(value) : 'public'
}

function kindOfIpv4(text: string): 'local' | 'private' | 'public' {
  const [a = 0, b = 0] = text.split('.').map(Number)
  if (a === 0 || a === 127 || (a === 169 && b === 254)) return 'local'
  const isPrivate =
    a === 10 ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) ||
    (a === 100 && b >= 64 && b < 128)
  return isPrivate ? 'private' : 'public'
}

/** In the form of RFC 5952. */
function kindOfIpv6(text: string): 'local' | 'private' | 'public' {
  if (text.startsWith('::ffff:') && text.includes('.')) return kindOfIpv4(text.slice('::ffff:'.length))
  if (text === '::' || text === '::1' || /^fe[89ab][0-9a-f]:/.test(text)) return 'local'
  return /^f[cd][0-9a-f]{2}:/.test(text) ? 'private' : 'public'
}
