import { expect, test } from 'vitest'
import { SEED } from '../support/seed.ts'
import { seededRandom } from '../support/world.ts'
import { type Campaign, DISASTERS, shuffled, suffer } from './disasters.ts'

/** The nightly ring and `npm run crash` ask for more. */
const KILLS = Number(process.env.KILLS ?? 0)
const DISASTERS_AT_A_TIME = 20

/** Most of all those that are over soon. */
const SOON_OVER = ['backend', 'network', 'backend', 'postmaster', 'replacement'] as const
const short: Campaign[] = [2, 3].map((replicas) => ({
  replicas,
  disasters: [...shuffled(SOON_OVER.length, seededRandom(SEED + replicas), SOON_OVER), 'replica'],
  seed: SEED + replicas,
}))
const long: Campaign[] = Array.from({ length: Math.ceil(KILLS / DISASTERS_AT_A_TIME) }, (_, index) => ({
  replicas: 2 + (index % 2),
  disasters: shuffled(DISASTERS_AT_A_TIME, seededRandom(SEED + index)),
  seed: SEED + index,
}))

// Two at a time, since they wait most of the time; not when there are more.
const tests = KILLS > 0 ? test : test.concurrent

tests.each(KILLS > 0 ? long : short)(
  'whatever happens to $replicas replicas and their database, all that was promised is so (SEED=$seed)',
  async (campaign) => {
    const { promises, faults, recoveries, answers } = await suffer(campaign)
    if (KILLS > 0) console.log(JSON.stringify({ promises, answers, recoveries }))
    expect(faults).toEqual([])
    expect(recoveries).toHaveLength(campaign.disasters.length)
    expect(promises).toBeGreaterThan(DISASTERS.length)
  },
  KILLS > 0 ? 1_200_000 : 300_000,
)
