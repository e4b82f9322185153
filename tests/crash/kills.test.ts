import { expect, test } from 'vitest'
import { SEED } from '../support/seed.ts'
import { killAgainAndAgain } from './kills.ts'

/** The nightly ring and `npm run crash` ask for more. */
const KILLS = Number(process.env.KILLS ?? 10)
const KILLS_AT_A_TIME = KILLS > 10 ? 10 : 5

const campaigns = Array.from({ length: Math.ceil(KILLS / KILLS_AT_A_TIME) }, (_, index) => ({
  ack: index % 2 === 0 ? ('cloudflare' as const) : ('accepted' as const),
  kills: Math.min(KILLS_AT_A_TIME, KILLS - index * KILLS_AT_A_TIME),
  seed: SEED + index,
}))

test.each(campaigns)(
  'after $kills times kill -9, all that was promised with ACK=$ack is so (SEED=$seed)',
  async (campaign) => {
    const { promises, faults } = await killAgainAndAgain(campaign)
    expect(faults).toEqual([])
    expect(promises).toBeGreaterThan(campaign.kills / 2)
  },
  120_000,
)
