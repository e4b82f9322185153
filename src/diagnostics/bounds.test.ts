import { describe, expect, test } from 'vitest'
import type { Name } from '#dns/name.ts'
import type { RecordId, ZoneRecord } from '#dns/record.ts'
import type { RecordType } from '#dns/record-type.ts'
import { aName } from '#dns/testing.ts'
import type { Value } from '#dns/value.ts'
import { viewZone, type ZoneView } from '#onboarding/zone-view.ts'
import { findingsIn } from './diagnostics.ts'
import { mailServerFindings } from './mail-servers.ts'
import { setsIn } from './sets.ts'
import { spfFindings } from './spf.ts'

const zone = aName('example.com')

function recordOf(label: string, type: RecordType, value: string, proxied = false): ZoneRecord {
  const name = aName(label === '@' ? zone : `${label}.${zone}`)
  const id = `${label} ${type} ${value}` as RecordId
  return { id, name, type, value: value as Value, ttl: 300, proxied, comment: null, readOnly: false }
}

const many = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, at) => make(at))

/** A view that counts how often it is asked what is at a name, where one leads, or for all that it holds. */
function counted(records: readonly ZoneRecord[]): { view: ZoneView; asked(): number } {
  let count = 0
  const view = viewZone(zone, records)
  const at = (name: Name) => {
    count += 1
    return view.at(name)
  }
  const resolve = (name: Name) => {
    count += 1
    return view.resolve(name)
  }
  const whole = {
    ...view,
    at,
    resolve,
    get known() {
      count += 1
      return view.known
    },
  }
  return { view: whole, asked: () => count }
}

describe('SPF that includes the next one twice, thirty times over', () => {
  const records = many(30, (at) =>
    recordOf(`s${at}`, 'TXT', `"v=spf1 include:s${at + 1}.${zone} include:s${at + 1}.${zone} -all"`),
  )

  test('is told with a hundred look-ups at least, each of its names looked at once', () => {
    const { view, asked } = counted(records)
    const findings = spfFindings(view, setsIn(view))
    expect(findings[0]!.message).toContain(`s0.${zone} needs at least 100 look-ups`)
    expect(asked()).toBeLessThanOrEqual(2 * records.length)
  })
})

test('a thousand SPF records at one name are told as one thing, and left to a person', () => {
  const records = many(1_000, (at) => recordOf('@', 'TXT', `"v=spf1 ip4:192.0.2.${at % 250} a:h${at} -all"`))
  const findings = findingsIn({ name: zone, records })
  expect(findings).toMatchObject([{ code: 'spf-twice', recordCount: 1_000 }])
  expect(findings[0]!.fix).toBeUndefined()
})

describe('a thousand names that all lead their mail', () => {
  test('to one crowded name cost a question each, and carry twenty records each', () => {
    const records = [
      ...many(1_000, (at) => recordOf(`m${at}`, 'MX', `10 mail.${zone}`)),
      ...many(1_000, (at) => recordOf('mail', 'A', `192.0.${at >> 8}.${at % 256}`, true)),
    ]
    const { view, asked } = counted(records)
    const findings = mailServerFindings(view, setsIn(view))
    expect(findings.length).toBe(1_000)
    expect(findings.every(({ records, recordCount }) => records.length === 20 && recordCount === 1_001)).toBe(
      true,
    )
    expect(asked()).toBeLessThanOrEqual(4)
    expect(findings[0]!.fix!().flatMap((set) => set.records).length).toBe(1_000)
  })

  test('into one chain of a thousand aliases follow it once, and no further than resolvers do', () => {
    const records = [
      ...many(1_000, (at) => recordOf(`m${at}`, 'MX', `10 c0.${zone}`)),
      ...many(1_000, (at) => recordOf(`c${at}`, 'CNAME', `c${at + 1}.${zone}`)),
    ]
    const { view, asked } = counted(records)
    expect(view.resolve(aName(`c0.${zone}`)).through.length).toBe(32)
    expect(mailServerFindings(view, setsIn(view)).length).toBe(1_000)
    expect(asked()).toBeLessThanOrEqual(40)
  })

  test('to an address each are looked through once', () => {
    const records = [
      ...many(1_000, (at) => recordOf(`m${at}`, 'MX', `10 192.0.${at >> 8}.${at % 256}`)),
      ...many(1_000, (at) => recordOf(`a${at}`, 'A', `192.0.${at >> 8}.${at % 256}`)),
    ]
    const { view, asked } = counted(records)
    const [first] = mailServerFindings(view, setsIn(view))
    expect(first!.fix!()[0]!.records.map(({ value }) => value)).toEqual([`10 a0.${zone}`])
    expect(asked()).toBeLessThanOrEqual(2)
  })
})
