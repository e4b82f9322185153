import type { Change } from '#dns/plan.ts'
import type { ForeignRecord, RecordId, ZoneRecord } from '#dns/record.ts'
import type { SetKey } from '#dns/record-set.ts'
import type { RecordType } from '#dns/record-type.ts'
import { aName, aValue } from '#dns/testing.ts'
import type { ListedZone, ZoneId } from '#dns/zone.ts'
import type { Intent, NewIntent, WantedSet } from '#store/declared.ts'

/** Records, sets and intents of example.com from short texts, for tests of what lies below the engine. */

export const ZONE: ZoneId = '0a'.repeat(16)
export const OTHER_ZONE: ZoneId = '0b'.repeat(16)
export const NOON = Date.parse('2026-08-01T12:00:00Z')

/** `nameOf('www')` is www.example.com, `nameOf('@')` the zone's own. */
export function nameOf(relative: string) {
  return aName(relative === '@' ? 'example.com' : `${relative}.example.com`)
}

/** `keyIn('www A')` */
export function keyIn(text: string): SetKey {
  const [name, type] = text.split(' ')
  return { name: nameOf(name!), type: type as RecordType }
}

/** `record('id www A 192.0.2.1')`: 300 seconds, not proxied, no comment, unless said. */
export function record(text: string, more: Partial<ZoneRecord> = {}): ZoneRecord {
  const [id, name, type, ...value] = text.split(' ')
  return {
    id: id as RecordId,
    ...keyIn(`${name} ${type}`),
    value: aValue(type as RecordType, value.join(' ')),
    ttl: 300,
    proxied: false,
    comment: null,
    readOnly: false,
    ...more,
  }
}

/** `foreign('id www LOC 51 30 12.748 N')`: of a type that we do not manage. */
export function foreign(text: string): ForeignRecord {
  const [id, name, type, ...content] = text.split(' ')
  return { id: id as RecordId, name: nameOf(name!), type: type!, content: content.join(' '), ttl: 300 }
}

/** `wanted('www A 192.0.2.1, 192.0.2.2')`; `wanted('www A -')` is null: the set shall not exist. */
export function wanted(text: string, more: Partial<WantedSet> = {}): WantedSet | null {
  const [name, type, ...values] = text.split(' ')
  const key = keyIn(`${name} ${type}`)
  if (values.join(' ') === '-') return null
  const texts = values.join(' ').split(', ')
  return { ...key, ttl: 300, values: texts.map((value) => aValue(key.type, value)).sort(), ...more }
}

/** As `wanted`; asked by the caller `default`, and waited for by nobody, unless said. */
export function newIntent(text: string, more: Partial<NewIntent> = {}): NewIntent {
  const [name, type] = text.split(' ')
  return {
    zone: ZONE,
    key: keyIn(`${name} ${type}`),
    wanted: wanted(text),
    caller: 'default',
    origin: 'caller',
    requestId: 'request-1',
    at: NOON,
    waitsUntil: null,
    adopts: true,
    ...more,
  }
}

/** As `newIntent`, numbered already. */
export function intent(generation: number, text: string, more: Partial<NewIntent> = {}): Intent {
  return { ...newIntent(text, more), generation }
}

/** The change that creates this record. */
export function post({ id: _, readOnly: __, ...to }: ZoneRecord): Change {
  return { kind: 'post', to }
}

export function zoneFacts(name: string, more: Partial<ListedZone> = {}): ListedZone {
  return {
    id: ZONE,
    name: aName(name),
    status: 'active',
    type: 'full',
    paused: false,
    accountId: '0c'.repeat(16),
    plan: 'free',
    nameServers: ['ada.ns.example.org', 'bob.ns.example.org'],
    permissions: ['#dns_records:edit', '#zone:read'],
    ...more,
  }
}

/** The same value, but it cannot be written down: what was to keep it fails in the middle of its work. */
export function unwritable<T extends object>(value: T): T {
  return Object.assign(Array.isArray(value) ? [...value] : { ...value }, {
    toJSON() {
      throw new Error('cannot be written down')
    },
  }) as T
}
