import type { ApiRecord } from '#faces/dashboard/api.ts'
import { words } from '../words.ts'
import { joinedSpf } from './spf.ts'

export interface Advice {
  readonly text: string
  /** The record to change in place of this one, and what it would say then. */
  readonly instead?: { readonly label: string; readonly record: ApiRecord; readonly content: string }
}

/** What DNS allows and mail does not, before it is saved. `others`: the rest of the zone. */
export function adviceOn(
  { type, name, content }: { readonly type: string; readonly name: string; readonly content: string },
  others: readonly ApiRecord[],
  zone: string,
): Advice | undefined {
  const said = words.form.advice
  const beside = (form: RegExp) =>
    type === 'TXT' && form.test(content)
      ? others.find((other) => other.type === 'TXT' && other.name === name && form.test(other.content))
      : undefined
  const host = type === 'MX' ? content.replace(/^\d+ /, '') : content
  if (['MX', 'CNAME'].includes(type) && /^[^.\s]+$/.test(host)) return { text: said.short(host, zone) }
  const spf = beside(SPF)
  if (spf !== undefined) {
    const joined = joinedSpf(spf.content, content)
    const label = joined === undefined ? said.instead : said.spfJoin
    return insteadOf(spf, said.spf(spf.content), label, joined)
  }
  const dmarc = name.startsWith('_dmarc.') ? beside(DMARC) : undefined
  if (dmarc !== undefined) return insteadOf(dmarc, said.dmarc(dmarc.content), said.instead)
  const elsewhere = others.filter(
    (other) => other.type === 'MX' && other.name === name && providerOf(other.content) !== providerOf(host),
  )
  if (type !== 'MX' || host === '.' || elsewhere.length === 0) return undefined
  return { text: said.mail(name, [...new Set(elsewhere.map((other) => other.content))].slice(0, 2)) }
}

function insteadOf(record: ApiRecord, text: string, label: string, content = record.content): Advice {
  return record.editable ? { text, instead: { label, record, content } } : { text }
}

/** As far as a name tells: its last two labels. */
function providerOf(host: string): string {
  return host.toLowerCase().replace(/\.$/, '').split('.').slice(-2).join('.')
}

/** Two of them are an error that makes receivers heed neither (RFC 7208 §3.2 and §4.5). */
const SPF = /^v=spf1(?: |$)/i
/** Likewise (RFC 7489 §6.6.3). */
const DMARC = /^v=DMARC1\s*(?:;|$)/i
