import type { Name } from '#dns/name.ts'
import { presentValue, type Value } from '#dns/value.ts'
import { isSpf } from './spf.ts'

/**
 * What a text is to those who read it. Of some kinds a name may hold one text: of two, receivers heed neither. Any other
 * text is a kind of its own, its value.
 *
 *     @              v=spf1 -all           spf
 *     _dmarc         v=DMARC1; p=none      dmarc1
 *     k1._domainkey  p=MIIB…               dkim
 *     @              MS=ms12345678         "MS=ms12345678"
 */
export function kindOfText(name: Name, value: Value): string {
  // A key need not say that it is one (RFC 6376 §3.6.1); more than one at a name are undefined (§3.6.2.2).
  if (name.includes('._domainkey.')) return 'dkim'
  if (isSpf({ type: 'TXT', value })) return 'spf'
  return VERSION.exec(presentValue('TXT', value))?.[1]?.toLowerCase() ?? value
}

/** DMARC (RFC 7489 §6.6.3), MTA-STS (RFC 8461 §3.1), TLS reports (RFC 8460 §3) and BIMI. */
const VERSION = /^v\s*=\s*(DMARC1|STSv1|TLSRPTv1|BIMI1)\b/i
