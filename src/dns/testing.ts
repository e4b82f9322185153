import fc from 'fast-check'
import { isWithin, type Name, parseName } from './name.ts'
import type { DesiredSet } from './plan.ts'
import type { Parsed } from './problems.ts'
import type { RecordId, ZoneRecord } from './record.ts'
import type { RecordSet, SetKey } from './record-set.ts'
import { canBeProxied, RECORD_TYPES, type RecordType } from './record-type.ts'
import { AUTOMATIC, type Ttl } from './ttl.ts'
import { parseValue, textValue, type Value } from './value.ts'

/**
 * Names, values, sets and zones for the tests of every room. `any…` are fast-check arbitraries;
 * `aName`, `aValue` read a literal and throw if it is wrong.
 */

export function aName(text: string): Name {
  return expectParsed(parseName(text))
}

export function aValue(type: RecordType, text: string): Value {
  return expectParsed(parseValue(type, text, { mxPriority: 10 }))
}

/** The value, or an error with the problems in its message. */
export function expectParsed<T>(result: Parsed<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.problems))
  return result.value
}

export const anyRecordType = fc.constantFrom(...RECORD_TYPES)

export const anyTtl: fc.Arbitrary<Ttl> = fc.oneof(
  fc.constant(AUTOMATIC),
  fc.integer({ min: 60, max: 86_400 }),
)

/** A label of letters, digits and hyphens. */
export const anyLabel = fc
  .stringMatching(/^[a-z]([a-z0-9-]{0,8}[a-z0-9])?$/)
  .filter((label) => !label.startsWith('xn--'))

export const anyHost: fc.Arbitrary<Name> = fc
  .array(anyLabel, { minLength: 1, maxLength: 4 })
  .map((labels) => aName(labels.join('.')))

/** An owner name: underscores, a wildcard, an A-label now and then. */
export const anyName: fc.Arbitrary<Name> = fc
  .tuple(
    fc.oneof(fc.constantFrom('*', '_dmarc', 'xn--bcher-kva', '_25._tcp'), anyLabel),
    fc.array(anyLabel, { minLength: 1, maxLength: 3 }),
  )
  .map(([first, rest]) => aName([first, ...rest].join('.')))

/** The zone's own name, or a name below it. */
export function anyNameIn(zone: Name): fc.Arbitrary<Name> {
  const below = anyName.map((name) => aName(`${name}.${zone}`))
  return fc.oneof({ weight: 1, arbitrary: fc.constant(zone) }, { weight: 4, arbitrary: below })
}

export function anyValue(type: RecordType): fc.Arbitrary<Value> {
  return VALUES[type]
}

/** A set of one of a few names, so that sets meet. CNAMEs have one value, and it is another name. */
export function anySetIn(zone: Name): fc.Arbitrary<RecordSet> {
  return anyKeyIn(zone).chain(({ name, type }) =>
    fc.record({
      name: fc.constant(name),
      type: fc.constant(type),
      ttl: anyTtl,
      values: fc
        .uniqueArray(fewValues(type), { minLength: 1, maxLength: type === 'CNAME' ? 1 : 5 })
        .map((values) => [...values].sort()),
    }),
  )
}

/** A set as a plan takes it: proxy status and comment said or not. */
export function anyDesiredSetIn(zone: Name): fc.Arbitrary<DesiredSet> {
  return fc
    .tuple(
      anySetIn(zone),
      fc.constantFrom(undefined, true, false),
      fc.constantFrom(undefined, 'zonewright:default'),
    )
    .map(([set, proxied, comment]) => ({
      ...set,
      ...(proxied === undefined ? {} : { proxied }),
      ...(comment === undefined ? {} : { comment }),
    }))
}

/**
 * What a zone may hold, tidy or not: sets of mixed TTLs and proxy status, one value twice, comments. Ids are unique.
 */
export function anyRecordsIn(zone: Name): fc.Arbitrary<ZoneRecord[]> {
  return fc.uniqueArray(anyRecordIn(zone), { selector: ({ id }) => id, maxLength: 20 })
}

export function anyRecordIn(zone: Name): fc.Arbitrary<ZoneRecord> {
  return anyKeyIn(zone).chain(({ name, type }) =>
    fc
      .record({
        id: anyRecordId,
        name: fc.constant(name),
        type: fc.constant(type),
        value: fewValues(type),
        ttl: fc.constantFrom(AUTOMATIC, 60, 300),
        proxied: canBeProxied(type) ? fc.boolean() : fc.constant(false),
        comment: fc.constantFrom(null, 'by hand', 'zonewright:default'),
        readOnly: fc.constant(false),
      })
      .map((record) => (record.proxied ? { ...record, ttl: AUTOMATIC } : record)),
  )
}

const anyRecordId = fc.nat().map((number) => number.toString(16).padStart(32, '0') as RecordId)

/** Half of all keys are one key, so that there are sets of several records. */
function anyKeyIn(zone: Name): fc.Arbitrary<SetKey> {
  const www = aName(`www.${zone}`)
  const names = fc.constantFrom(zone, www, aName(`*.${zone}`), aName(`_sip._tcp.${zone}`))
  return fc.oneof(
    fc.constant<SetKey>({ name: www, type: 'A' }),
    fc.record({ name: names, type: anyRecordType }),
  )
}

const anyPort = fc.integer({ min: 0, max: 65_535 })

const VALUES: Record<RecordType, fc.Arbitrary<Value>> = {
  A: fc.ipV4().map((text) => aValue('A', text)),
  AAAA: fc.ipV6().map((text) => aValue('AAAA', text)),
  CNAME: fc
    .oneof(
      anyHost,
      anyName.filter((name) => !name.startsWith('*')),
    )
    .map((host) => aValue('CNAME', host)),
  NS: anyHost.map((host) => aValue('NS', host)),
  MX: fc.oneof(
    { weight: 1, arbitrary: fc.constant(aValue('MX', '0 .')) },
    {
      weight: 9,
      arbitrary: fc.tuple(anyPort, anyHost).map(([priority, host]) => aValue('MX', `${priority} ${host}`)),
    },
  ),
  SRV: fc
    .tuple(anyPort, anyPort, anyPort, fc.oneof(anyHost, fc.constant('.')))
    .map((fields) => aValue('SRV', fields.join(' '))),
  CAA: fc
    .tuple(
      fc.integer({ min: 0, max: 255 }),
      fc.constantFrom('issue', 'issuewild', 'iodef', 'issuemail'),
      fc.stringMatching(/^[ -~]{1,30}$/),
    )
    .map(([flags, tag, text]) => aValue('CAA', `${flags} ${tag} "${text.replaceAll(/["\\]/g, '\\$&')}"`)),
  TXT: fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 600 }).map(textValue),
    fc
      .string({ minLength: 1, unit: 'binary' })
      .map((text) => aValue('TXT', text.startsWith('"') ? `x${text}` : text)),
  ),
}

const FEW_TEXTS: Record<RecordType, readonly string[]> = {
  A: ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4'],
  AAAA: ['2001:db8::1', '2001:db8::2', '2001:db8::3'],
  CAA: ['0 issue "ca.example.net"', '0 issue ";"', '0 iodef "mailto:security@example.com"'],
  CNAME: ['one.example.net', 'two.example.net', 'three.example.net'],
  MX: ['10 mail.example.net', '20 mail.example.net', '10 backup.example.net'],
  NS: ['ns1.example.net', 'ns2.example.net', 'ns3.example.net'],
  SRV: ['10 5 443 one.example.net', '10 5 443 two.example.net', '20 5 443 one.example.net'],
  TXT: ['one', 'two', 'v=spf1 -all'],
}

/** A few of each type, so that zones and sets have values in common. */
const FEW = new Map(
  RECORD_TYPES.map((type) => [type, fc.constantFrom(...FEW_TEXTS[type].map((text) => aValue(type, text)))]),
)

function fewValues(type: RecordType): fc.Arbitrary<Value> {
  return FEW.get(type)!
}

/** A record of a zone, with whatever Cloudflare keeps beside its value. */
export function anyRecordOf(zone: Name): fc.Arbitrary<ZoneRecord> {
  const names = fc.oneof(
    fc.constantFrom('', 'www.', '*.', '_sip._tcp.'),
    anyName.map((name) => `${name}.`),
  )
  return anyRecordType.chain((type) =>
    fc
      .record({
        id: fc.constant('0'.repeat(32) as ZoneRecord['id']),
        name: names.map((name) => aName(`${name}${zone}`)),
        type: fc.constant(type),
        value: anyValue(type),
        ttl: anyTtl,
        proxied: canBeProxied(type) ? fc.boolean() : fc.constant(false),
        comment: fc.constantFrom(null, 'by hand', 'ü; "quoted" (x', 'http://example.net/'),
        readOnly: fc.constant(false),
      })
      .map((each) => (each.proxied ? { ...each, ttl: 1 } : each)),
  )
}

/** Those that can stand beside each other where no server flattens a CNAME, and nothing lies below a delegation. */
export function standingIn(zone: Name, some: readonly ZoneRecord[]): ZoneRecord[] {
  const kept: ZoneRecord[] = []
  for (const one of some) {
    const atName = kept.filter(({ name }) => name === one.name)
    const alike = atName.filter(({ type }) => type === one.type)
    const isAlone = one.type !== 'CNAME' && atName.every(({ type }) => type !== 'CNAME')
    const fits =
      (isAlone || (atName.length === 0 && one.name !== zone && (one.value as string) !== one.name)) &&
      alike.every(({ value }) => value !== one.value && value !== '0 .' && one.value !== '0 .') &&
      !(one.type === 'NS' && (one.name === zone || one.name.startsWith('*'))) &&
      kept.every((each) => !delegates(each, one) && !delegates(one, each))
    if (fits) kept.push(one)
  }
  return kept
}

function delegates(server: ZoneRecord, { name, type }: ZoneRecord): boolean {
  const isServed = type === 'NS' && name === server.name
  return server.type === 'NS' && isWithin(name, server.name) && !isServed
}
