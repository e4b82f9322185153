import type { ApiRecord, SessionCustomer } from '#faces/dashboard/api.ts'
import { words } from './words.ts'

/** What a record is for, in a sentence for its owner. `records`: the zone, with it or without. */
export function purposeOf(
  record: Told,
  records: readonly ApiRecord[],
  store: Pick<SessionCustomer, 'domain' | 'targets'>,
): string {
  const said = words.purpose
  const { type, name, content } = record
  switch (type) {
    case 'A':
    case 'AAAA': {
      if (name.startsWith('*.')) return said.wildcard(name.slice(2))
      if (isOfStore(record, store)) return said.store(name)
      if (records.some((other) => other.type === 'MX' && other.content === name)) return said.mailHost
      return type === 'A' ? said.address(name) : said.addressV6(name)
    }
    case 'CNAME':
      if (name.includes('._domainkey.')) return said.dkim
      if (name.startsWith('_')) return said.proof
      if (name.startsWith('*.')) return said.wildcard(name.slice(2))
      return isOfStore(record, store) ? said.store(name) : said.alias(name, content)
    case 'MX':
      return mailPurpose(record, records)
    case 'TXT':
      return textPurpose(name, content)
    default:
      return said.types[type] ?? said.other
  }
}

type Told = Pick<ApiRecord, 'type' | 'name' | 'content'> & Partial<Pick<ApiRecord, 'priority'>>

function isOfStore(
  { name, content }: Told,
  { domain, targets }: Pick<SessionCustomer, 'domain' | 'targets'>,
): boolean {
  const isName = name === domain || (targets.servesWww && name === `www.${domain}`)
  return isName && [...targets.ipv4, ...targets.ipv6, targets.host, domain].includes(content)
}

function mailPurpose({ name, content, priority }: Told, records: readonly ApiRecord[]): string {
  const said = words.purpose.mail
  if (content === '' || content === '.') return said.none(name)
  const others = records.filter(
    (other) => other.type === 'MX' && other.name === name && other.content !== content,
  )
  if (others.length === 0) return said.only(name)
  const isFirst = others.every((other) => (other.priority ?? 0) >= (priority ?? 0))
  return isFirst ? said.first(name) : said.later(name)
}

function textPurpose(name: string, content: string): string {
  const said = words.purpose
  if (/^"?v=spf1\b/i.test(content)) return said.spf(name)
  if (name.startsWith('_dmarc.')) return said.dmarc
  if (name.includes('._domainkey.')) return said.dkimKey
  if (name.startsWith('_mta-sts.') || name.startsWith('_smtp._tls.')) return said.mailSafety
  if (name.startsWith('_acme-challenge.')) return said.certificate
  const service = SERVICES.find(({ form }) => form.test(content))
  if (service !== undefined) return said.proofFor(service.name)
  return /verif|validation|challenge|site-|=/i.test(content) ? said.proof : said.text
}

/** By the texts that they ask for. */
const SERVICES = [
  { form: /^google-site-verification=/i, name: 'Google' },
  { form: /^MS=/, name: 'Microsoft' },
  { form: /^facebook-domain-verification=/i, name: 'Facebook' },
  { form: /^apple-domain(-verification)?=/i, name: 'Apple' },
  { form: /^pinterest-site-verification=/i, name: 'Pinterest' },
  { form: /^stripe-verification=/i, name: 'Stripe' },
] as const
