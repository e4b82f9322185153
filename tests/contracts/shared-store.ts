import { setImmediate } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import type { Store } from '#store/store.ts'
import { NOON, newIntent, ZONE } from '../support/samples.ts'

/**
 * What a store keeps when several processes are at work in it at once. `open` gives one process's, and each one after it
 * another to the same database, which is empty when a test begins.
 */
export function sharedStoreContract(open: () => Promise<Store>): void {
  const stores: Store[] = []
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close()
  })
  for (const { title, replicas, holds } of sharedFacts) {
    test(title, async () => {
      stores.push(...(await Promise.all(Array.from({ length: replicas }, open))))
      await holds(stores)
    })
  }
}

/** Its title goes on from "replicas that share it …". */
export interface SharedFact {
  readonly title: string
  readonly replicas: number
  /** Rejects if it is not so. */
  holds(stores: readonly Store[]): Promise<void>
}

export const sharedFacts: readonly SharedFact[] = [
  {
    title: 'that are all asked for the same nonces give each away once',
    replicas: 3,
    async holds(three) {
      const nonces = Array.from({ length: 200 }, (_, index) => `nonce-${index}`)
      const asking = three.map((store, index) =>
        Promise.all(
          (index % 2 ? nonces : nonces.toReversed()).map((nonce) => store.claimNonce('c', nonce, NOON)),
        ),
      )
      const claimed = (await Promise.all(asking)).flat()
      expect(claimed.filter(Boolean)).toHaveLength(nonces.length)
    },
  },
  {
    title: 'number their intents in one order, and whoever sees one has seen the older ones',
    replicas: 3,
    async holds(three) {
      const seen: number[][] = []
      const watching = (async () => {
        while (seen.length < 40) {
          seen.push((await three[0]!.waitingIntents(ZONE)).map(({ generation }) => generation))
        }
      })()
      const adding = three.map(async (store) => {
        for (let round = 0; round < 20; round += 1) {
          await Promise.all([1, 2, 3].map((n) => store.addIntent(newIntent(`n${n} A 192.0.2.1`))))
        }
      })
      await Promise.all([watching, ...adding])
      const generations = (await three[1]!.waitingIntents(ZONE)).map(({ generation }) => generation)
      expect(generations).toEqual(Array.from({ length: 180 }, (_, index) => index + 1))
      for (const some of seen) expect(some).toEqual(generations.slice(0, some.length))
    },
  },
  {
    title: 'give a name to one of several callers, never to two',
    replicas: 3,
    async holds(three) {
      for (let round = 0; round < 20; round += 1) {
        const asking = three.flatMap((store, replica) =>
          ['A 192.0.2.1', 'TXT "hello"', 'AAAA 2001:db8::1'].map((text, index) =>
            store.addIntent(newIntent(`n${round} ${text}`, { caller: `c${replica}-${index % 2}` })),
          ),
        )
        await Promise.allSettled(asking)
        const waiting = (await three[0]!.waitingIntents(ZONE)).filter(({ key: { name } }) =>
          name.startsWith(`n${round}.`),
        )
        expect(new Set(waiting.map(({ caller }) => caller)).size).toBe(1)
      }
    },
  },
  {
    title: 'take calls from one budget',
    replicas: 3,
    async holds(three) {
      const takeOne = (budget: { left: number } | undefined) => {
        const { left } = budget ?? { left: 50 }
        return { budget: { left: Math.max(0, left - 1) }, answer: left > 0 }
      }
      const asking = three.flatMap((store) =>
        Array.from({ length: 40 }, () => store.changeBudget('credential', takeOne)),
      )
      expect((await Promise.all(asking)).filter(Boolean)).toHaveLength(50)
    },
  },
  {
    title: 'want the same zone, and one gets it',
    replicas: 3,
    async holds(three) {
      const asking = three.flatMap((store, replica) =>
        Array.from({ length: 20 }, (_, index) =>
          store.holdLease(ZONE, `${replica}-${index}`, NOON, NOON + 25_000),
        ),
      )
      expect((await Promise.all(asking)).filter(Boolean)).toHaveLength(1)
    },
  },
  {
    title: 'dispatch an intent or take it back, never both',
    replicas: 2,
    async holds([one, two]) {
      const lease = (await one!.holdLease(ZONE, 'one', NOON, NOON + 25_000))!
      for (let round = 0; round < 30; round += 1) {
        const intent = await two!.addIntent(newIntent('www A 192.0.2.1'))
        const batch = { changes: [], intents: [intent], names: [], at: NOON }
        const outcomes = await Promise.all([
          one!.dispatch(lease, batch, 11_000),
          // Now as it begins, and now while it is under way.
          (round % 2 === 0 ? setImmediate() : Promise.resolve()).then(() =>
            two!.withdrawIntent(intent.generation),
          ),
        ])
        expect(outcomes.filter(Boolean)).toHaveLength(1)
      }
    },
  },
  {
    title: 'correct a set only while nobody else has asked for anything there',
    replicas: 2,
    async holds([one, two]) {
      for (let round = 0; round < 20; round += 1) {
        const key = `n${round} A 192.0.2.1`
        const [, correction] = await Promise.all([
          one!.addIntent(newIntent(key)),
          two!.addCorrection(newIntent(key, { origin: 'drift' }), undefined),
        ])
        const waiting = (await one!.waitingIntents(ZONE)).filter(({ key: { name } }) =>
          name.startsWith(`n${round}.`),
        )
        if (correction !== undefined) expect(waiting[0]).toEqual(correction)
        expect(waiting).toHaveLength(correction === undefined ? 1 : 2)
      }
    },
  },
  {
    title: 'write in a zone one after another, and only as long as it is theirs',
    replicas: 2,
    async holds([one, two]) {
      for (let round = 0; round < 20; round += 1) {
        const now = NOON + round * 60_000
        const lease = (await one!.holdLease(ZONE, 'one', now, now + 25_000))!
        const intent = await one!.addIntent(newIntent(`n${round} A 192.0.2.1`))
        const later = now + 26_000
        // Which of two answers arrives first says nothing: whoever takes the zone looks for what was sent before.
        const taking = two!
          .holdLease(ZONE, 'two', later, later + 25_000)
          .then(async (taken) => ({ taken, seen: (await two!.zoneState(ZONE)).dispatches }))
        const [dispatch, { taken, seen }] = await Promise.all([
          one!.dispatch(lease, { changes: [], intents: [intent], names: [], at: now }, 11_000),
          taking,
        ])
        expect(taken).toBeDefined()
        expect(seen.filter(({ epoch }) => epoch === lease.epoch)).toHaveLength(dispatch ? 1 : 0)
      }
    },
  },
]
