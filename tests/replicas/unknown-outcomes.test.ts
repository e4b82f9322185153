import { beforeAll, describe } from 'vitest'
import { openPostgresStore } from '#store/postgres/open.ts'
import { unknownOutcomeContract } from '../contracts/unknown-outcomes.ts'
import type { Processes } from '../support/both-faces.ts'
import { sharedCluster } from '../support/postgres.ts'
import { createVirtualClock } from '../support/virtual-clock.ts'
import { seededRandom } from '../support/world.ts'

beforeAll(async () => void (await sharedCluster()), 60_000)

describe('in two replicas that share PostgreSQL', () => unknownOutcomeContract(twoReplicas))

async function twoReplicas(): Promise<Processes> {
  const database = await (await sharedCluster()).freshSchema()
  const underWay = new Set<Promise<unknown>>()
  // Not behind the database, which has a time of its own.
  const clock = createVirtualClock({ start: Date.now() + 1_000, underWay })
  const opened = [1, 2].map((seed) => openPostgresStore({ url: database.url, random: seededRandom(seed) }))
  const stores = await Promise.all(opened)
  return {
    clock,
    stores: stores.map((store) => noting(store, underWay)),
    async close() {
      for (const store of stores) await store.close()
      await database.drop()
    },
  }
}

/** The same, and tells which of its answers are still to come. */
function noting<T extends object>(target: T, underWay: Set<Promise<unknown>>): T {
  return new Proxy(target, {
    get(of, property) {
      const value = Reflect.get(of, property)
      if (typeof value === 'object' && value !== null) return noting(value, underWay)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        const answer = value.apply(of, args)
        if (!(answer instanceof Promise)) return answer
        const over = answer.then(
          () => void underWay.delete(over),
          () => void underWay.delete(over),
        )
        underWay.add(over)
        return answer
      }
    },
  })
}
