import { expect, test } from 'vitest'
import { aName } from '#dns/testing.ts'
import { example, zoneRecords } from '#onboarding/testing.ts'
import { type ChangedSet, readyAt } from './waiting.ts'

const www = aName('www.example.com')
const MINUTE = 60_000

/** What was at the apex, or elsewhere, before it was changed at this minute. */
function changed(minute: number, type: string, before: string, name = example): ChangedSet {
  return { at: minute * MINUTE, name, type, before: zoneRecords(before) }
}

const minutes = (names: Parameters<typeof readyAt>[0], ...history: ChangedSet[]) => {
  const at = readyAt(names, history, 1_800)
  return at === null ? null : at / MINUTE
}

test('a name that was changed may be remembered for the TTL that was replaced; automatic and proxied are 300 s', () => {
  expect(minutes([example], changed(10, 'A', '@ 600 A 198.51.100.1\n@ 900 A 198.51.100.2'))).toBe(25)
  expect(minutes([example], changed(10, 'A', '@ A 198.51.100.1'))).toBe(15)
  expect(minutes([example], changed(10, 'A', '@ 3600 A 198.51.100.1 ; proxied'))).toBe(15)
})

test('the absence of a name that is new may be remembered as long as its zone says', () => {
  expect(minutes([www], changed(10, 'CNAME', '', www))).toBe(40)
})

test('a CNAME that made room for addresses was there before', () => {
  const both = [changed(10, 'CNAME', '@ CNAME old.example.net.'), changed(10, 'A', '')]
  expect(minutes([example], ...both)).toBe(15)
})

test('a name that follows another one waits for both, and the last change counts from when it was made', () => {
  const history = [changed(10, 'CNAME', '', www), changed(30, 'A', '@ 3600 A 198.51.100.1')]
  expect(minutes([www, example], ...history)).toBe(90)
  expect(minutes([www], ...history)).toBe(40)
})

test('other names and other types are waited for by nobody', () => {
  expect(
    minutes([example], changed(10, 'MX', '@ MX 10 mail.example.net.'), changed(10, 'A', '', www)),
  ).toBeNull()
})
