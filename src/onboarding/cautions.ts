import type { Name } from '#dns/name.ts'
import type { ZoneRecord } from '#dns/record.ts'
import { effectiveTtl } from '#dns/ttl.ts'
import { presentValue } from '#dns/value.ts'
import type { Warning } from './review.ts'
import { idsOf, type Situation, type Taken } from './taken.ts'
import { listed, nameWords } from './words.ts'
import { isAddress, leads, type ZoneView } from './zone-view.ts'

/** What is worth knowing of a name that is to move: long TTLs, wildcards, other tools, other answers in public. */
export function cautionsFor({ view, zone, observed }: Situation, { name, rows }: Taken): Warning[] {
  return [
    ...longTtl(name, rows),
    ...wildcard(view, name, rows),
    ...otherOwner(view, name),
    ...(zone.status === 'active' ? liveDiffers(view, name, observed.answers ?? []) : []),
  ]
}

/** Above this it is worth lowering the TTL first. */
const LONG_TTL = 3_600

function longTtl(name: Name, rows: Taken['rows']): Warning[] {
  const leaving = rows.flatMap((row) => (row.action === 'replace' ? [row.current] : goneRecord(row)))
  const seconds = Math.max(0, ...leaving.map(({ ttl, proxied }) => effectiveTtl(ttl, proxied)))
  if (seconds <= LONG_TTL) return []
  const changes = leaving
    .filter(({ ttl, proxied }) => effectiveTtl(ttl, proxied) > LONG_TTL)
    .map(({ id }) => id)
  return [{ code: 'long-ttl', message: nameWords.longTtl(name, seconds), changes }]
}

function goneRecord(row: Taken['rows'][number]): ZoneRecord[] {
  return row.action === 'delete' && !('content' in row.current) ? [row.current] : []
}

function wildcard(view: ZoneView, name: Name, rows: Taken['rows']): Warning[] {
  const answering = view.answering(name) ?? name
  const isShadowed = rows.length > 0 && answering !== name && view.at(answering).length > 0
  if (!isShadowed) return []
  return [{ code: 'wildcard', message: nameWords.wildcard(name, answering), changes: idsOf(rows) }]
}

const TOOLS: readonly (readonly [sign: RegExp, tool: string])[] = [
  [/external-dns/i, 'external-dns'],
  [/terraform/i, 'Terraform'],
  [/pulumi/i, 'Pulumi'],
  [/crossplane/i, 'Crossplane'],
  [/octodns/i, 'octoDNS'],
  [/dnscontrol/i, 'DNSControl'],
  [/^zonewright:/, 'A DNS operator'],
]

/** Another tool that says so, in a comment or, as external-dns does, in a TXT record at the name or beside it. */
function otherOwner(view: ZoneView, name: Name): Warning[] {
  const held = view.at(name).filter(leads)
  const registry = ['', 'a-', 'aaaa-', 'cname-'].flatMap((prefix) => view.at(`${prefix}${name}` as Name))
  const heritage = registry
    .filter(({ type }) => type === 'TXT')
    .map(({ value }) => presentValue('TXT', value))
  const signs = [
    ...held.map(({ comment }) => comment ?? ''),
    ...heritage.filter((text) => /^heritage=/.test(text)),
  ]
  const tool = TOOLS.find(([sign]) => signs.some((text) => sign.test(text)))?.[1]
  if (tool === undefined) return []
  return [
    { code: 'other-owner', message: nameWords.otherOwner(name, tool), changes: held.map(({ id }) => id) },
  ]
}

/** Addresses of a proxied name are Cloudflare's, and never compared. */
function liveDiffers(
  view: ZoneView,
  name: Name,
  answers: readonly { readonly name: Name; readonly addresses: readonly string[] }[],
): Warning[] {
  const live = answers.find((answer) => answer.name === name)?.addresses
  const held = view.at(name).filter(leads)
  const isComparable = held.length > 0 && held.every((record) => isAddress(record) && !record.proxied)
  if (live === undefined || !isComparable) return []
  const values = held.map(({ value }) => value as string)
  const isSame = live.length === values.length && values.every((value) => live.includes(value))
  if (isSame) return []
  const message = nameWords.liveDiffers(name, live.length === 0 ? 'nothing' : listed(live), listed(values))
  return [{ code: 'live-differs', message, changes: held.map(({ id }) => id) }]
}
