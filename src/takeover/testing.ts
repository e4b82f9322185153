import { expect } from 'vitest'
import type { Name } from '#dns/name.ts'
import { applyChanges } from '#dns/plan.ts'
import type { RecordId, ZoneRecord } from '#dns/record.ts'
import { aName, aValue, expectParsed } from '#dns/testing.ts'
import { parseZoneText, printZoneText } from '#dns/zone-text.ts'
import { advised, chosen } from './chosen.ts'
import {
  type AnyRecord,
  isOther,
  type OtherRecord,
  type Store,
  type TakeoverInput,
  type TakeoverZone,
} from './input.ts'
import { planTakeover } from './plan.ts'
import type { ReviewedChange, TakeoverPlan } from './review.ts'

/** Zones, stores and reviews as text, for the tests of this room. The old server is 198.51.100.1, ours 203.0.113.7. */

export const example = aName('example.com')

export function aStore(facts: Partial<Store> = {}): Store {
  return {
    name: example,
    ipv4: [aValue('A', '203.0.113.7')],
    ipv6: [],
    servesWww: true,
    ...facts,
  }
}

export function aZone(facts: Partial<TakeoverZone> = {}): TakeoverZone {
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

export function takeoverOf(before: string, facts: Partial<TakeoverInput> = {}): TakeoverInput {
  return { store: aStore(), zone: aZone(), records: zoneRecords(before), ...facts }
}

export interface Expected extends Partial<TakeoverInput> {
  readonly before: string
  /** Rows that change, as `reviewLines` says them; kept ones are counted by nobody. */
  readonly review: readonly string[]
  /** Codes of the warnings, in order. */
  readonly warnings?: readonly string[]
  /** The zone when what was advised is done. */
  readonly after: string
}

/** Plans, compares the review, does what is advised, compares the zone, and sees that a second plan has no advice left. */
export function expectTakeover({ before, review, warnings = [], after, ...facts }: Expected): TakeoverPlan {
  const input = takeoverOf(before, facts)
  const plan = planTakeover(input)
  expect(plan.blocked).toBeUndefined()
  expect(reviewLines(plan)).toEqual(review)
  expect(plan.warnings.map(({ code }) => code)).toEqual(warnings)
  const records = applied(input.records, plan, advised(plan))
  expect(zoneLines(records)).toEqual(zoneLines(zoneRecords(after)))
  const again = planTakeover({ ...input, records })
  expect(again.changes.filter(({ action, selected }) => action !== 'keep' && selected)).toEqual([])
  return plan
}

/** Sees that the plan is blocked with this code, and that every record is a kept row. */
export function expectBlocked(
  code: string,
  before: string,
  facts: Partial<TakeoverInput> = {},
): TakeoverPlan {
  const input = takeoverOf(before, facts)
  const plan = planTakeover(input)
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
export function reviewLines(plan: TakeoverPlan): string[] {
  return plan.changes.filter(({ action }) => action !== 'keep').map(lineOf)
}

/** The reason of the row that holds this record: `@ MX 10 mail.example.net`. */
export function reasonFor(plan: TakeoverPlan, record: string): string | undefined {
  return plan.changes.find((row) => 'current' in row && factsOf(row.current) === record)?.reason
}

export function warningFor(plan: TakeoverPlan, code: string): string | undefined {
  return plan.warnings.find((warning) => warning.code === code)?.message
}

/** The zone after a selection, as Cloudflare would leave it. Throws if the selection is refused. */
export function applied(
  records: readonly AnyRecord[],
  plan: TakeoverPlan,
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
  const data = isOther(record) ? record.content : record.value
  return `${ownerOf(record.name)} ${record.type} ${data}`
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

function otherIn([, owner = '', type = '', content = '']: RegExpExecArray, id: RecordId): OtherRecord {
  return { id, name: owner === '@' ? example : aName(`${owner}.${example}`), type, content }
}
