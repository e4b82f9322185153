import { limitFor } from '#accounts/spend.ts'
import { Secret } from '#config/secret.ts'
import { grantOf } from '#connections/grants.ts'
import { createSeals } from '#connections/seals.ts'
import { systemClock, systemRandom } from '#platform/system.ts'
import { createOAuth } from '#providers/cloudflare/oauth.ts'
import { nodeTransport } from '#providers/cloudflare/transport.ts'
import { openDatabase } from '#server/database.ts'
import { APPLICATION, CONNECTION, CUSTOMER, type Order, type Outcome, SEALING_KEY } from './racers.ts'

/** `DATABASE_URL TOKEN_URL`: does what each message orders, so many times at once, and answers it by one. */
const [databaseUrl, tokenUrl] = process.argv.slice(2)
const log = { debug() {}, info() {}, warn() {}, error() {} }
const system = { clock: systemClock, random: systemRandom, log }
const database = await openDatabase({ kind: 'postgres', url: new Secret(databaseUrl!) }, system, {
  serving: false,
})
const { store, clock } = database
const oauth = createOAuth({ ...APPLICATION, tokenUrl: tokenUrl! }, nodeTransport())
let failures = 0
const grant = grantOf(CUSTOMER, CONNECTION, {
  store: store.accounts,
  seals: createSeals([SEALING_KEY], clock.now),
  oauth,
  tokenStatus: async () => 'active',
  clock,
  random: systemRandom,
  log,
  onRefresh: (outcome) => {
    if (outcome !== 'refreshed') failures += 1
  },
})

process.on('message', async ({ what, subject, times }: Order) => {
  const asked = Array.from({ length: times }, async () => {
    if (what === 'spend') return (await store.spend(limitFor(subject, 'change'), clock.now())).ok
    return grant.accessToken().then(
      () => true,
      () => false,
    )
  })
  const succeeded = (await Promise.all(asked)).filter(Boolean).length
  process.send?.({ succeeded, failures } satisfies Outcome)
})
process.once('disconnect', () => process.exit())
process.send?.({ succeeded: 0, failures } satisfies Outcome)
