/** `GET …/dns_records`: filters, order, pages. */

import { notEmulated } from '../errors.ts'
import { type Page, pageOf } from '../paging.ts'
import type { UnknownChoices } from '../unknowns.ts'
import type { StoredRecord } from './record.ts'

/** The records that pass the filters of `query`, in its order, and the page of them that it asks for. */
export function listRecords(
  records: readonly StoredRecord[],
  query: URLSearchParams,
  choices: UnknownChoices,
): Page<StoredRecord> {
  for (const name of UNSUPPORTED) {
    if (query.has(name)) throw notEmulated(`filter ${name}`)
  }
  const sorted = records.filter(filterOf(query)).sort(orderOf(query))
  return pageOf(sorted, query, { perPage: 100, minimum: 5, maximum: 5_000 }, choices)
}

const UNSUPPORTED = ['include_shadow_metadata', 'shadowed_by_name', 'shadowing_name']

type Test = (record: StoredRecord) => boolean

function filterOf(query: URLSearchParams): Test {
  const tests: Test[] = [...textTests(query), ...otherTests(query)]
  const tagTests = tagTestsOf(query)
  // Tag filters join among themselves by tag_match and then count as one.
  if (tagTests.length > 0) tests.push(joined(tagTests, query.get('tag_match')))
  const search = query.get('search')?.toLowerCase()
  const passes = joined(tests, query.get('match'))
  return (record) => passes(record) && (search === undefined || searchText(record).includes(search))
}

function joined(tests: readonly Test[], match: string | null): Test {
  if (tests.length === 0) return () => true
  return match === 'any'
    ? (record) => tests.some((test) => test(record))
    : (record) => tests.every((test) => test(record))
}

/** All text filters ignore case; they see the full name, so `name.exact=www` finds nothing. */
function textTests(query: URLSearchParams): Test[] {
  const fields = { name: nameOf, content: contentOf, comment: commentOf }
  return Object.entries(fields).flatMap(([field, read]) =>
    Object.entries(COMPARISONS).flatMap(([suffix, compare]) =>
      query.getAll(`${field}${suffix}`).map((wanted): Test => {
        const text = wanted.toLowerCase()
        return (record) => compare(read(record).toLowerCase(), text)
      }),
    ),
  )
}

type Comparison = (have: string, want: string) => boolean

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  '': (have, want) => have === want,
  '.exact': (have, want) => have === want,
  '.contains': (have, want) => have.includes(want),
  '.startswith': (have, want) => have.startsWith(want),
  '.endswith': (have, want) => have.endsWith(want),
}

function nameOf(record: StoredRecord): string {
  return record.name
}

function contentOf(record: StoredRecord): string {
  return record.content
}

function commentOf(record: StoredRecord): string {
  return record.comment ?? ''
}

function otherTests(query: URLSearchParams): Test[] {
  return [
    ...query.getAll('type').map(
      (type): Test =>
        (record) =>
          record.type === type,
    ),
    ...query.getAll('proxied').map(
      (proxied): Test =>
        (record) =>
          String(record.proxied) === proxied,
    ),
    ...query.getAll('comment.present').map((): Test => (record) => record.comment !== null),
    ...query.getAll('comment.absent').map((): Test => (record) => record.comment === null),
  ]
}

function tagTestsOf(query: URLSearchParams): Test[] {
  const has = (record: StoredRecord, passes: (tag: string) => boolean) =>
    record.tags.some((tag) => passes(tag.toLowerCase()))
  const tests: Test[] = [
    ...query.getAll('tag.present').map(
      (name): Test =>
        (record) =>
          has(record, named(name)),
    ),
    ...query.getAll('tag.absent').map(
      (name): Test =>
        (record) =>
          !has(record, named(name)),
    ),
  ]
  for (const [suffix, compare] of Object.entries(COMPARISONS)) {
    if (suffix === '') continue
    for (const wanted of query.getAll(`tag${suffix}`)) {
      const [name = '', ...value] = wanted.toLowerCase().split(':')
      tests.push((record) =>
        has(record, (tag) => named(name)(tag) && compare(tag.slice(name.length + 1), value.join(':'))),
      )
    }
  }
  return tests
}

function named(name: string): (tag: string) => boolean {
  return (tag) => tag.split(':')[0] === name.toLowerCase()
}

function searchText(record: StoredRecord): string {
  return [record.name, record.type, record.content, record.comment ?? '', ...record.tags]
    .join('\n')
    .toLowerCase()
}

type Order = (left: StoredRecord, right: StoredRecord) => number

function orderOf(query: URLSearchParams): Order {
  const key = ORDERS[query.get('order') ?? '']
  const sign = query.get('direction') === 'desc' ? -1 : 1
  return (left, right) => sign * (key?.(left, right) ?? 0) || defaultOrder(left, right)
}

const ORDERS: Readonly<Record<string, Order>> = {
  type: (left, right) => compareText(left.type, right.type),
  name: (left, right) => compareText(left.name, right.name),
  content: (left, right) => compareText(left.content, right.content),
  ttl: (left, right) => left.ttl - right.ttl,
  proxied: (left, right) => Number(left.proxied) - Number(right.proxied),
}

/** By type, then name, then newest first: seen on fifteen rows in August 2025. */
function defaultOrder(left: StoredRecord, right: StoredRecord): number {
  return (
    compareText(left.type, right.type) || compareText(left.name, right.name) || right.sequence - left.sequence
  )
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}
