import { expect, test } from 'vitest'
import type { ZoneId } from '#dns/zone.ts'
import type { ZoneState } from '#store/observed.ts'
import { createMirrorAge } from './mirror-age.ts'

const SUSPECT_MS = 600_000
const [ONE, OTHER] = ['one', 'other']

/** Two zones that were read at 0, a store that has `inUse` of them, each read at `readAt`, and what it was asked. */
function twoZones(inUse: readonly ZoneId[] | Error, readAt: number | null = 0) {
  let now = 0
  const asked: string[] = []
  const store = {
    async zonesInUse() {
      asked.push('zonesInUse')
      if (inUse instanceof Error) throw inUse
      return inUse
    },
    async zoneState(): Promise<ZoneState> {
      asked.push('zoneState')
      return { readAt, fullUntil: 0, managing: true, dispatches: [] }
    },
  }
  const age = createMirrorAge(store, { now: () => now }, SUSPECT_MS)
  age.wasRead(ONE)
  age.wasRead(OTHER)
  return {
    asked,
    ageAt(time: number) {
      now = time
      return age.ms()
    },
    read(zone: ZoneId) {
      age.wasRead(zone)
    },
  }
}

test('the zone that was read longest ago counts, and while it is young nobody is asked', () => {
  const { ageAt, read, asked } = twoZones([ONE, OTHER])
  ageAt(1_000)
  read(ONE)
  expect([ageAt(4_000), asked]).toEqual([4_000, []])
})

test('a zone in which nothing is kept is forgotten when it looks old', async () => {
  const { ageAt, read } = twoZones([ONE])
  ageAt(SUSPECT_MS - 1_000)
  read(ONE)
  expect(ageAt(SUSPECT_MS)).toBe(SUSPECT_MS)
  await expect.poll(() => ageAt(SUSPECT_MS)).toBe(1_000)
})

test('a zone that another replica reads is as old as that made it', async () => {
  const { ageAt, read } = twoZones([ONE, OTHER], SUSPECT_MS - 3_000)
  ageAt(SUSPECT_MS - 1_000)
  read(ONE)
  ageAt(SUSPECT_MS)
  await expect.poll(() => ageAt(SUSPECT_MS)).toBe(3_000)
})

test('a zone that is kept and not read goes on aging, and so does one that cannot be looked up', async () => {
  for (const readAt of [0, null, new Error('away')]) {
    const { ageAt, asked } = readAt instanceof Error ? twoZones(readAt) : twoZones([ONE, OTHER], readAt)
    ageAt(SUSPECT_MS)
    await expect.poll(() => asked.at(-1)).toBe(readAt instanceof Error ? 'zonesInUse' : 'zoneState')
    expect(ageAt(SUSPECT_MS + 5_000)).toBe(SUSPECT_MS + 5_000)
  }
})
