import fc from 'fast-check'
import { expect } from 'vitest'
import type { Name } from '#dns/name.ts'
import { conflictsAt } from '#dns/neighbours.ts'
import { applyChanges } from '#dns/plan.ts'
import type { RecordId, ZoneRecord } from '#dns/record.ts'
import { canBeProxied, type RecordType } from '#dns/record-type.ts'
import { aName, anyRecordsIn, aValue, expectParsed } from '#dns/testing.ts'
import { parseZoneText, printZoneText } from '#dns/zone-text.ts'
import { advised, chosen } from './chosen.ts'
import {
  type AnyRecord,
  type ForeignRecord,
  isOther,
  type OnboardingInput,
  type OnboardingZone,
  type Shop,
} from './input.ts'
import { planOnboarding } from './plan.ts'
import type { OnboardingPlan, ReviewedChange } from './review.ts'

/** Zones, stores and reviews as text, for the tests of this room. The old server is 198.51.100.1, ours 203.0.113.7. */

export const example = aName('example.com')

export function aStore(facts: Partial<Shop> = {}): Shop {
  return {
    name: example,
    ipv4: [aValue('A', '203.0.113.7')],
    ipv6: [],
    servesWww: true,
    ...facts,
  }
}

export function aZone(facts: Partial<OnboardingZone> = {}): OnboardingZone {
  return {
    id: '0123456789abcdef0123456789abcdef',
    name: example,
    status: 'active',
    type: 'full',
    paused: false,
    plan: 'free',
    nameServers: ['ada.ns.cloudflare.com', 'bob.ns.cloudflare.com'],
    ...facts,
  }
}

/**
 * Records of example.com, a line each; after a semicolon what zone text cannot say: `proxied`, `read-only`, and every
 * other word as the comment. HTTPS and SVCB are read too. Ids are `1`, `2`, … in the order of the lines.
 */
export function zoneRecords(text: string): AnyRecord[] {
  const lines = text.split('\n').map((line) => line.trim())
  return lines.filter((line) => line !== '').map((line, index) => recordIn(line, `${index + 1}` as RecordId))
}

export function onboardingOf(before: string, facts: Partial<OnboardingInput> = {}): OnboardingInput {
  return { store: aStore(), zone: aZone(), records: zoneRecords(before), ...facts }
}

export interface Expected extends Partial<OnboardingInput> {
  readonly before: string
  /** Rows that change, as `reviewLines` says them; kept ones are counted by nobody. */
  readonly review: readonly string[]
  /** Codes of the warnings, in order. */
  readonly warnings?: readonly string[]
  /** The zone when what was advised is done. */
  readonly after: string
}

/** Plans, compares the review, does what is advised, compares the zone, and sees that a second plan has no advice left. */
export function expectOnboarding({
  before,
  review,
  warnings = [],
  after,
  ...facts
}: Expected): OnboardingPlan {
  const input = onboardingOf(before, facts)
  const plan = planOnboarding(input)
  expect(plan.blocked).toBeUndefined()
  expect(reviewLines(plan)).toEqual(review)
  expect(plan.warnings.map(({ code }) => code)).toEqual(warnings)
  const records = applied(input.records, plan, advised(plan))
  expect(zoneLines(records)).toEqual(zoneLines(zoneRecords(after)))
  const again = planOnboarding({ ...input, records })
  expect(again.changes.filter(({ action, selected }) => action !== 'keep' && selected)).toEqual([])
  return plan
}

/** Sees that the plan is blocked with this code, and that every record is a kept row. */
export function expectBlocked(
  code: string,
  before: string,
  facts: Partial<OnboardingInput> = {},
): OnboardingPlan {
  const input = onboardingOf(before, facts)
  const plan = planOnboarding(input)
  expect(plan.blocked?.code).toBe(code)
  expect(plan.changes.filter(({ action }) => action !== 'keep')).toEqual([])
  expect(chosen(plan, advised(plan)).ok).toBe(false)
  return plan
}

/**
 * What changes, a line each: ☑ or ☐, then `+`, `-` or `~`, the record, and the group unless it is the name.
 *
 *     ☑ ~ @ A 198.51.100.1 → 203.0.113.7
 *     ☐ - ftp CNAME example.com [pin ftp.example.com]
 */
export function reviewLines(plan: OnboardingPlan): string[] {
  return plan.changes.filter(({ action }) => action !== 'keep').map(lineOf)
}

/** The reason of the row that holds this record: `@ MX 10 mail.example.net`. */
export function reasonFor(plan: OnboardingPlan, record: string): string | undefined {
  return plan.changes.find((row) => 'current' in row && factsOf(row.current) === record)?.reason
}

export function warningFor(plan: OnboardingPlan, code: string): string | undefined {
  return plan.warnings.find((warning) => warning.code === code)?.message
}

/** The zone after a selection, as Cloudflare would leave it. Throws if the selection is refused. */
export function applied(
  records: readonly AnyRecord[],
  plan: OnboardingPlan,
  selected: Iterable<string>,
): AnyRecord[] {
  const choice = chosen(plan, selected)
  if (!choice.ok) throw new Error(JSON.stringify(choice.problems))
  const known = records.filter((record): record is ZoneRecord => !isOther(record))
  let count = 0
  const newId = () => `new-${records.length}-${++count}` as RecordId
  return [
    ...applyChanges(known, choice.changes, newId),
    ...records.filter(isOther).filter((record) => !choice.deletedOthers.includes(record)),
  ]
}

/** Zone text with what it cannot say, in a fixed order and without ids. */
export function zoneLines(records: readonly AnyRecord[]): string[] {
  return records.map(printed).sort()
}

/** What a record says after its type. */
function dataOf(record: AnyRecord): string {
  return isOther(record) ? record.content : record.value
}

const MARK: Record<ReviewedChange['action'], string> = { add: '+', replace: '~', delete: '-', keep: '=' }

function lineOf(row: ReviewedChange): string {
  const tick = row.selected ? '☑' : '☐'
  const record =
    row.action === 'add'
      ? factsOf({ ...row.proposed, id: row.id as RecordId, readOnly: false })
      : factsOf(row.current)
  const to = row.action === 'replace' ? [`→ ${row.proposed.value}`] : []
  const group = row.group === row.name || row.group === undefined ? [] : [`[${row.group}]`]
  return [tick, MARK[row.action], record, ...to, ...group].join(' ')
}

function factsOf(record: AnyRecord): string {
  return `${ownerOf(record.name)} ${record.type} ${dataOf(record)}`
}

function ownerOf(name: Name): string {
  return name === example
    ? '@'
    : name.endsWith(`.${example}`)
      ? name.slice(0, -(example.length + 1))
      : `${name}.`
}

function printed(record: AnyRecord): string {
  if (isOther(record)) return factsOf(record)
  const [, line = ''] = printZoneText([record], example).split('\n')
  const { proxied, readOnly, comment } = record
  const flags = [proxied ? 'proxied' : '', readOnly ? 'read-only' : '', comment ?? ''].filter(
    (flag) => flag !== '',
  )
  return flags.length === 0 ? line : `${line} ; ${flags.join(' ')}`
}

function recordIn(line: string, id: RecordId): AnyRecord {
  const [text = '', said = ''] = line.split(' ; ')
  const words = said.split(' ').filter((word) => word !== '')
  const other = /^(\S+)\s+(HTTPS|SVCB|LOC|A)\s+(.*)$/.exec(text)
  if (other && (other[2] !== 'A' || said === 'unreadable')) return otherIn(other, id)
  const records = expectParsed(parseZoneText(text, example))
  const proxied = words.includes('proxied')
  const comment = words.filter((word) => word !== 'proxied' && word !== 'read-only').join(' ')
  return {
    ...records[0]!,
    id,
    proxied,
    readOnly: words.includes('read-only'),
    comment: comment === '' ? null : comment,
  }
}

function otherIn([, owner = '', type = '', content = '']: RegExpExecArray, id: RecordId): ForeignRecord {
  return { id, name: owner === '@' ? example : aName(`${owner}.${example}`), type, content }
}

const NAMES = ['@', 'www', 'mail', 'mx', 'ftp', 'shop', '*', '_x.shop', 'deep.ftp']

const TEXTS: Record<RecordType, readonly string[]> = {
  A: ['198.51.100.1', '198.51.100.2', '203.0.113.7', '192.0.2.1'],
  AAAA: ['2001:db8::1', '2001:db8::2', '2001:db8:7::7', '100::'],
  CNAME: [
    'example.com',
    'www.example.com',
    'mail.example.com',
    'ftp.example.com',
    'old.example.net',
    'shops.example.net',
    'x.pages.dev',
  ],
  MX: [
    '10 example.com',
    '10 www.example.com',
    '20 mail.example.com',
    '30 any.example.com',
    '10 mx.example.net',
    '0 .',
  ],
  TXT: [
    'v=spf1 a mx -all',
    'v=spf1 a:www.example.com ip4:198.51.100.1 ~all',
    'proof',
    'heritage=external-dns',
  ],
  NS: ['ns1.example.net', 'ns2.example.net'],
  SRV: ['10 5 443 example.com'],
  CAA: ['0 issue "letsencrypt.org"', '0 issue ";"'],
}

const anyKnown: fc.Arbitrary<ZoneRecord> = fc
  .tuple(
    fc.constantFrom<RecordType>('A', 'A', 'A', 'AAAA', 'CNAME', 'CNAME', 'MX', 'TXT', 'NS', 'SRV', 'CAA'),
    fc.constantFrom(...NAMES),
  )
  .chain(([type, owner]) =>
    fc.record({
      id: fc.constant('' as RecordId),
      name: fc.constant(owner === '@' ? example : aName(`${owner}.example.com`)),
      type: fc.constant(type),
      value: fc.constantFrom(...TEXTS[type].map((text) => aValue(type, text))),
      ttl: fc.constantFrom(1, 300, 86_400),
      proxied: canBeProxied(type) ? fc.boolean() : fc.constant(false),
      comment: fc.constantFrom(null, 'by hand', 'terraform'),
      readOnly: fc.nat(20).map((chance) => chance === 0),
    }),
  )
  .map((record) => (record.proxied ? { ...record, ttl: 1 } : record))

const anyOther: fc.Arbitrary<AnyRecord> = fc.record({
  id: fc.constant('' as RecordId),
  name: fc.constantFrom(example, aName('www.example.com')),
  type: fc.constantFrom('HTTPS', 'LOC'),
  content: fc.constantFrom('1 . ipv4hint=198.51.100.1', '1 . alpn=h2', '1 old.example.net.'),
})

/** What Cloudflare would hold: no record twice, one CNAME a name, nobody beside whom they cannot stand. */
const anyZone: fc.Arbitrary<AnyRecord[]> = fc
  .array(fc.oneof({ weight: 9, arbitrary: anyKnown }, { weight: 1, arbitrary: anyOther }), { maxLength: 14 })
  .map((records) => {
    const held: AnyRecord[] = []
    for (const record of records) {
      const atName = held.filter(({ name }) => name === record.name)
      const isTwice = atName.some((each) => dataOf(each) === dataOf(record) && each.type === record.type)
      const isSecondCname = record.type === 'CNAME' && atName.some(({ type }) => type === 'CNAME')
      const toItself = record.type === 'CNAME' && dataOf(record) === record.name
      const isAlone = isOther(record) || conflictsAt(record, atName, example).length === 0
      if (!isTwice && !isSecondCname && !toItself && isAlone) {
        held.push({ ...record, id: `${held.length + 1}` as RecordId })
      }
    }
    return held
  })

/** Zones as Cloudflare would hold them, of few names that meet often, and stores of every kind in them. */
export const anyInput: fc.Arbitrary<OnboardingInput> = fc.record({
  store: fc
    .record({
      name: fc.constantFrom(example, example, example, aName('www.example.com'), aName('shop.example.com')),
      ipv4: fc.constant([aValue('A', '203.0.113.7')]),
      ipv6: fc.constantFrom([], [aValue('AAAA', '2001:db8:7::7')]),
      host: fc.constantFrom(undefined, undefined, aName('shops.example.net')),
      servesWww: fc.boolean(),
    })
    .chain((store) =>
      fc.constantFrom(store, store, { ...store, ipv4: [], ipv6: [], host: aName('shops.example.net') }),
    ),
  zone: fc.constant(aZone()),
  records: fc.oneof(anyZone, anyZone, anyUntidyZone()),
  caaIssuers: fc.constant(['letsencrypt.org']),
})

/** Zones of the whole range of #dns, as far as Cloudflare would hold them. */
function anyUntidyZone(): fc.Arbitrary<AnyRecord[]> {
  return anyRecordsIn(example).map((records) => {
    const held: ZoneRecord[] = []
    for (const record of records) {
      const atName = held.filter(({ name }) => name === record.name)
      const isSecondCname = record.type === 'CNAME' && atName.some(({ type }) => type === 'CNAME')
      const isTwice = atName.some(({ type, value }) => type === record.type && value === record.value)
      if (!isTwice && !isSecondCname && conflictsAt(record, atName, example).length === 0) held.push(record)
    }
    return held
  })
}
