import { describe } from 'vitest'
import { sharedStoreContract } from '../contracts/shared-store.ts'
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

describe('replicas that share it', () => {
  let shared: ReturnType<typeof openInterleavedStore> | undefined
  sharedStoreContract(async () => {
    shared ??= openInterleavedStore({ clock, random: seededRandom(1) })
    return {
      ...shared,
      async close() {
        const closing = shared
        shared = undefined
        await closing?.close()
      },
    }
  })
})
