import { describe, expect, test } from 'vitest'
import { type SharedFact, sharedFacts, sharedStoreContract } from '../contracts/shared-store.ts'
import { storeContract } from '../contracts/store.ts'
import { NOON } from '../support/samples.ts'
import { seededRandom } from '../support/world.ts'
import { openInterleavedStore } from './interleaved.ts'
import { type StatementMutant, statementMutants } from './statement-mutants.ts'

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

describe('it shows', () => {
  for (const { about, statement, breaks } of statementMutants) {
    test(`the interleaved store shows that ${about}`, async () => {
      const fact = sharedFacts.find(({ title }) => title === breaks)!
      let seed = 1
      while (seed < MOST_SEEDS && (await holdsWith(fact, statement, seed))) seed += 1
      expect(seed).toBeLessThan(MOST_SEEDS)
    })
  }
})

const MOST_SEEDS = 20

async function holdsWith(
  { replicas, holds }: SharedFact,
  statement: StatementMutant['statement'],
  seed: number,
): Promise<boolean> {
  const store = openInterleavedStore({ clock, random: seededRandom(seed), statement })
  const outcome = holds(Array(replicas).fill(store)).then(
    () => true,
    () => false,
  )
  return outcome.finally(() => store.close())
}
