import { beforeEach, expect, test } from 'vitest'
import { createVirtualClock, type VirtualClock } from '../../tests/support/virtual-clock.ts'
import { createRota, type Rota } from './rota.ts'

const [ONE, OTHER] = [{}, {}]
let clock: VirtualClock
let rota: Rota
let woken: string[]
let over: AbortController

beforeEach(() => {
  clock = createVirtualClock()
  woken = []
  over = new AbortController()
  rota = createRota({
    clock,
    groupOf: (zone) => (zone.startsWith('unseen') ? undefined : zone.startsWith('other') ? OTHER : ONE),
    wake(zone) {
      rota.take(zone)
      woken.push(zone)
    },
  })
  void rota.run(over.signal)
  return () => over.abort()
})

const in_ = (ms: number) => ({ until: clock.now() + ms, isHolder: true, providerError: undefined })

test('a zone rests until it is due, and is woken once', async () => {
  rota.rest('a', in_(90_000))
  await clock.pass(89_999)
  expect(woken).toEqual([])
  await clock.pass(1)
  expect(woken).toEqual(['a'])
  await clock.pass(600_000)
  expect(woken).toEqual(['a'])
})

test('each credential has eight zones awake at a time, the longest due first', async () => {
  for (let number = 0; number < 12; number += 1) rota.rest(`z${number}`, in_(1_000 - number))
  rota.rest('other', in_(1_000))
  await clock.pass(2_000)
  expect(woken).toEqual(['z11', 'z10', 'z9', 'z8', 'z7', 'z6', 'z5', 'z4', 'other'])
  rota.idle('z9')
  rota.idle('z8')
  expect(woken.slice(9)).toEqual(['z3', 'z2'])
})

test('a zone that is wanted sooner is woken sooner, and not twice', async () => {
  rota.rest('a', in_(90_000))
  rota.due('a')
  await clock.pass(1)
  expect(woken).toEqual(['a'])
  rota.idle('a')
  rota.rest('b', in_(1_000))
  expect(rota.take('b')).toMatchObject({ isHolder: true })
  await clock.pass(600_000)
  expect(woken).toEqual(['a'])
})

test('a zone that no credential sees takes no place', async () => {
  rota.due('unseen')
  rota.due('a')
  await clock.pass(1)
  expect(woken).toEqual(['a'])
  expect(rota.take('unseen')).toBeDefined()
})
