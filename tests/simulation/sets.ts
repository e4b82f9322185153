import { parseName } from '#dns/name.ts'
import { parseRecordSet, type RecordSet, type SetKey } from '#dns/record-set.ts'
import type { RecordType } from '#dns/record-type.ts'
import type { RecordBody } from '#emulator/emulator.ts'
import type { Random } from '#platform/ports.ts'
import { between, chance, oneOf } from './scenario.ts'

/** What is declared at one owner name: sets that live side by side, or that take turns (an address and a CNAME). */
export interface NamePlan {
  readonly keys: readonly SetKey[]
  readonly takeTurns: boolean
}

const KINDS: readonly (readonly RecordType[])[] = [
  ['A'],
  ['A'],
  ['A', 'AAAA'],
  ['A', 'TXT'],
  ['TXT'],
  ['MX'],
  ['A', 'CNAME'],
]

export function namePlan(zone: string, index: number, random: Random): NamePlan {
  const types = oneOf(KINDS, random)
  const keys = types.map((type) => keyIn(`n${index}.${zone}`, type))
  return { keys, takeTurns: types.includes('CNAME') }
}

export function keyIn(name: string, type: RecordType): SetKey {
  const parsed = parseName(name)
  if (!parsed.ok) throw new Error('not a name')
  return { name: parsed.value, type }
}

/** A new set: mostly of values never seen before, sometimes of old ones, so that they come back. */
export function newSet({ name, type }: SetKey, random: Random, counter: { next: number }): RecordSet {
  const count = type === 'CNAME' ? 1 : oneOf([1, 1, 2, 3], random)
  const numbers = Array.from({ length: count }, () => {
    if (chance(random, 0.25)) return between(1, 3, random)
    counter.next += 1
    return 10 + (counter.next % 65_000)
  })
  const values = [...new Set(numbers)].map((number) => valueText(type, number))
  const set = parseRecordSet(
    { name, type, ttl: oneOf([60, 300, 3_600], random), values },
    { ttl: 300, mxPriority: 10 },
  )
  if (!set.ok) throw new Error(JSON.stringify(set.problems))
  return set.value
}

function valueText(type: RecordType, number: number): string {
  const [high, low] = [number >> 8, number & 255]
  switch (type) {
    case 'A':
      return `10.7.${high}.${low}`
    case 'AAAA':
      return `2001:db8::${number.toString(16)}`
    case 'MX':
      return `10 mx${number}.example.net`
    case 'CNAME':
      return `host${number}.example.net`
    default:
      return `text ${number} "${high}"`
  }
}

/** A set as one line, however it is held: what two states are compared by. Empty: there is none. */
export function textOfSet(set: RecordSet | null): string {
  if (set === null) return ''
  return set.values
    .map((value) => `${set.ttl} ${value}`)
    .sort()
    .join(', ')
}

export function textOfBodies(records: readonly RecordBody[]): string {
  return records.map(lineOf).sort().join(', ')
}

export function keyTextOf({ name, type }: { name: string; type: string }): string {
  return `${name} ${type}`
}

function lineOf({ type, ttl, content, priority }: RecordBody): string {
  return type === 'MX' ? `${ttl} ${priority} ${content}` : `${ttl} ${content}`
}
