import type { ApiRecord } from '#faces/dashboard/api.ts'
import { words } from './words.ts'

/** What stops when a record goes, in a sentence for its owner. `others`: the rest of the zone. */
export function consequenceOf(record: ApiRecord, others: readonly ApiRecord[]): string {
  const { type, name, content } = record
  const said = words.remove.consequence
  const beside = others.filter((other) => other.id !== record.id && other.name === name)
  if (name.startsWith('*.') && (POINTING.includes(type) || type === 'CNAME')) return said.wildcard
  if (POINTING.includes(type)) {
    const left = beside.filter((other) => POINTING.includes(other.type))
    const mail = others.find((other) => other.type === 'MX' && other.content === name)
    if (left.length === 0 && mail !== undefined) return said.mailHost(mail.name)
    if (left.length === 0) return said.address(name)
    // Cloudflare answers for a proxied record in both families.
    return left.some((other) => other.type === 'A' || type === 'AAAA' || other.proxied)
      ? said.oneOfSeveral(name)
      : said.oneFamily(name)
  }
  if (type === 'CNAME') return name.includes('._domainkey.') ? said.dkim : said.alias(name)
  if (type === 'MX')
    return beside.some((other) => other.type === 'MX') ? said.mail(name) : said.lastMail(name)
  if (type === 'TXT') return textConsequence(name, content)
  return said.other
}

/** What stops when these go together, each sentence once. `left`: what stays of the zone. */
export function consequencesOf(going: readonly ApiRecord[], left: readonly ApiRecord[]): readonly string[] {
  return [...new Set(going.map((record) => consequenceOf(record, left)))]
}

const POINTING: readonly string[] = ['A', 'AAAA']

function textConsequence(name: string, content: string): string {
  const said = words.remove.consequence
  if (/^"?v=spf1\b/i.test(content)) return said.spf(name)
  if (name.startsWith('_dmarc.')) return said.dmarc
  if (name.includes('._domainkey.')) return said.dkim
  return /verif|validation|challenge|site-|=/i.test(content) ? said.verification : said.other
}
