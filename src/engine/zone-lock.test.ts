import { expect, test } from 'vitest'
import { createVirtualClock } from '../../tests/support/virtual-clock.ts'
import { seededRandom } from '../../tests/support/world.ts'
import { createZoneLock } from './zone-lock.ts'

test('work in a zone runs one at a time, in order, and beside other zones', async () => {
  const clock = createVirtualClock()
  const zoneLock = createZoneLock(seededRandom(1))
  const seen: string[] = []
  const work = (zone: string, name: string, ms: number) =>
    zoneLock.runExclusive(zone, async () => {
      seen.push(`${name} begins`)
      await clock.sleep(ms)
      seen.push(`${name} ends`)
      return name
    })
  const all = Promise.all([work('z', 'first', 300), work('z', 'second', 10), work('y', 'other', 100)])
  expect(await clock.until(all)).toEqual(['first', 'second', 'other'])
  expect(seen).toEqual([
    'first begins',
    'other begins',
    'other ends',
    'first ends',
    'second begins',
    'second ends',
  ])
})

test('a failure in a zone does not block the next', async () => {
  const zoneLock = createZoneLock(seededRandom(1))
  const failing = zoneLock.runExclusive('z', () => Promise.reject(new Error('no')))
  const next = zoneLock.runExclusive('z', () => Promise.resolve('next'))
  await expect(failing).rejects.toThrow('no')
  expect(await next).toBe('next')
  expect(await zoneLock.runExclusive('z', () => Promise.resolve('later'))).toBe('later')
})
