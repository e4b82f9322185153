/** `GET /zones`: filters, order, pages. */
import { type Page, pageOf } from '../paging.ts'
import type { Zone } from '../state.ts'
import type { UnknownChoices } from '../unknowns.ts'

export function listZones(
  zones: readonly Zone[],
  query: URLSearchParams,
  choices: UnknownChoices,
): Page<Zone> {
  const sorted = zones.filter(filterOf(query)).sort(orderOf(query))
  return pageOf(sorted, query, { perPage: 20, minimum: 5, maximum: choices.zonesPerPageMaximum }, choices)
}

type Test = (zone: Zone) => boolean

function filterOf(query: URLSearchParams): Test {
  const tests: Test[] = [
    ...query.getAll('name').map((wanted): Test => textTest(wanted, (zone) => zone.name)),
    ...query.getAll('account.name').map((wanted): Test => textTest(wanted, (zone) => zone.account.name)),
    ...query.getAll('account.id').map(
      (id): Test =>
        (zone) =>
          zone.account.id === id,
    ),
    ...query.getAll('status').map(
      (status): Test =>
        (zone) =>
          zone.status === status,
    ),
  ]
  const types = query.getAll('type').flatMap((list) => list.split(','))
  // Internal zones stay hidden until somebody asks for them.
  const typePasses: Test = (zone) =>
    types.length === 0 ? zone.type !== 'internal' : types.includes(zone.type)
  const passes: Test =
    query.get('match') === 'any' && tests.length > 0
      ? (zone) => tests.some((test) => test(zone))
      : (zone) => tests.every((test) => test(zone))
  return (zone) => typePasses(zone) && passes(zone)
}

/** `name=example.com` is exact; `name=contains:foo` and its sisters still work here, unlike on records. */
function textTest(wanted: string, read: (zone: Zone) => string): Test {
  const operator = /^([a-z_]+):(.*)$/s.exec(wanted)
  const compare = operator === null ? undefined : OPERATORS[operator[1]!]
  if (operator === null || compare === undefined) return (zone) => read(zone) === wanted.toLowerCase()
  const [name, text] = [operator[1]!, operator[2]!]
  return name.endsWith('_case_sensitive')
    ? (zone) => compare(read(zone), text)
    : (zone) => compare(read(zone).toLowerCase(), text.toLowerCase())
}

type Comparison = (have: string, want: string) => boolean

const OPERATORS: Readonly<Record<string, Comparison>> = {
  equal: (have, want) => have === want,
  not_equal: (have, want) => have !== want,
  starts_with: (have, want) => have.startsWith(want),
  ends_with: (have, want) => have.endsWith(want),
  contains: (have, want) => have.includes(want),
  starts_with_case_sensitive: (have, want) => have.startsWith(want),
  ends_with_case_sensitive: (have, want) => have.endsWith(want),
  contains_case_sensitive: (have, want) => have.includes(want),
}

type Key = (zone: Zone) => string

function orderOf(query: URLSearchParams): (left: Zone, right: Zone) => number {
  const key = ORDERS[query.get('order') ?? 'name'] ?? ORDERS.name!
  const sign = query.get('direction') === 'desc' ? -1 : 1
  return (left, right) => sign * compareText(key(left), key(right)) || compareText(left.name, right.name)
}

const ORDERS: Readonly<Record<string, Key>> = {
  name: (zone) => zone.name,
  status: (zone) => zone.status,
  'account.id': (zone) => zone.account.id,
  'account.name': (zone) => zone.account.name,
  'plan.id': (zone) => zone.plan,
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}
