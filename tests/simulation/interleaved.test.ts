import { describe } from 'vitest'
import { storeContract } from '../contracts/store.ts'
import { NOON } from '../support/samples.ts'
import { seededRandom } from '../support/world.ts'
import { openInterleavedStore } from './interleaved.ts'

/** Everybody has a turn between two statements, and no time passes. */
const clock = {
  now: () => NOON,
  sleep: (ms: number) =>
    new Promise<void>((resolve) => {
      if (ms < 2) queueMicrotask(resolve)
      else setImmediate(resolve)
    }),
}

describe('the store of the simulator', () => {
  storeContract(async () => openInterleavedStore({ clock, random: seededRandom(1) }))
})
