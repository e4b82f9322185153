import type { ApiRecord } from '#dashboard/api.ts'
import { words } from '../words.ts'

/** What DNS allows and mail does not: a sentence before it is saved. `others`: the rest of the zone. */
export function adviceOn(
  { type, name, content }: { readonly type: string; readonly name: string; readonly content: string },
  others: readonly ApiRecord[],
  zone: string,
): string | undefined {
  const said = words.form.advice
  const beside = (form: RegExp) =>
    type === 'TXT' && form.test(content)
      ? others.find((other) => other.type === 'TXT' && other.name === name && form.test(other.content))
      : undefined
  const host = type === 'MX' ? content.replace(/^\d+ /, '') : content
  if (['MX', 'CNAME'].includes(type) && /^[^.\s]+$/.test(host)) return said.short(host, zone)
  const spf = beside(SPF)
  if (spf !== undefined) return said.spf(spf.content)
  const dmarc = name.startsWith('_dmarc.') ? beside(DMARC) : undefined
  return dmarc && said.dmarc(dmarc.content)
}

/** Two of them are an error that makes receivers heed neither (RFC 7208 §3.2 and §4.5). */
const SPF = /^v=spf1(?: |$)/i
/** Likewise (RFC 7489 §6.6.3). */
const DMARC = /^v=DMARC1\s*(?:;|$)/i
