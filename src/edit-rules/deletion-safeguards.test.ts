import { expect, test } from 'vitest'
import type { Change } from '#dns/plan.ts'
import type { ZoneRecord } from '#dns/record.ts'
import { post, record } from '../../tests/support/samples.ts'
import { deletionSafeguards } from './deletion-safeguards.ts'

const many = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => record(`r${from + index} n${from + index} A 192.0.2.1`))
const deletes = (records: readonly ZoneRecord[]): Change[] =>
  records.map((record) => ({ kind: 'delete', record }))
const brakes = (changes: readonly Change[], records: readonly ZoneRecord[]) =>
  deletionSafeguards(changes, { name: 'example.com', records })

test('more than ten names that lose records are too many', () => {
  const zone = many(100)
  expect(brakes(deletes(zone.slice(0, 10)), zone)).toEqual([])
  expect(brakes(deletes(zone.slice(0, 11)), zone)).toEqual(['too-many-names'])
})

test('weighing four times as much takes four times the looking', () => {
  const looks = (count: number) => {
    let times = 0
    const zone = Array.from({ length: count }, (_, index) =>
      Object.defineProperty(record(`r${index} n${index} MX 10 a.example.net`), 'name', {
        get() {
          times += 1
          return `n${index % (count / 2)}`
        },
      }),
    )
    expect(brakes(deletes(zone.slice(count / 2)), zone)).not.toContain('last-mx')
    return times
  }
  expect(looks(400)).toBe(4 * looks(100))
})

test('ten records of one name are one name', () => {
  const www = Array.from({ length: 20 }, (_, index) => record(`w${index} www A 192.0.2.${index}`))
  const zone = [...many(100), ...www]
  expect(brakes(deletes(www), zone)).toEqual([])
})

test('more than thirty in a hundred of a zone of ten records or more is too large a part', () => {
  const ten = many(10)
  expect(brakes(deletes(ten.slice(0, 3)), ten)).toEqual([])
  expect(brakes(deletes(ten.slice(0, 4)), ten)).toEqual(['too-large-a-part'])
  const nine = many(9)
  expect(brakes(deletes(nine), nine)).toEqual([])
})

test('the last MX of a name does not go, unless another takes its place', () => {
  const [one, two] = [record('m1 @ MX 10 a.example.net'), record('m2 @ MX 20 b.example.net')]
  const zone = [...many(20), one, two]
  expect(brakes(deletes([one]), zone)).toEqual([])
  expect(brakes(deletes([one, two]), zone)).toEqual(['last-mx'])
  expect(brakes([...deletes([one, two]), post(record('m3 @ MX 10 c.example.net'))], zone)).toEqual([])
  const below = record('m4 shop MX 10 a.example.net')
  expect(brakes(deletes([below]), [...zone, below])).toEqual(['last-mx'])
})

test("the zone's own NS do not go, those of a delegation may", () => {
  const apex = record('s1 @ NS ns1.example.net')
  const below = record('s2 sub NS ns1.example.net')
  const zone = [...many(20), apex, below]
  expect(brakes(deletes([apex]), zone)).toEqual(['zone-ns'])
  expect(brakes(deletes([below]), zone)).toEqual([])
})

test('what is created, patched or replaced loses nothing', () => {
  const zone = [...many(20), record('m1 @ MX 10 a.example.net'), record('s1 @ NS ns1.example.net')]
  const changes = zone.flatMap((held): Change[] => [
    { kind: 'patch', record: held, to: held },
    { kind: 'replace', record: held, to: held },
  ])
  expect(brakes([...changes, ...many(50, 100).map(post)], zone)).toEqual([])
  expect(brakes([], [])).toEqual([])
})

test('every brake that is tripped is told', () => {
  const zone = [...many(20), record('m1 @ MX 10 a.example.net'), record('s1 @ NS ns1.example.net')]
  expect(brakes(deletes(zone), zone)).toEqual(['too-many-names', 'too-large-a-part', 'last-mx', 'zone-ns'])
})
