import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createSeals } from '#connections/seals.ts'
import { aName } from '#dns/testing.ts'
import type { SharedStore } from '#store/postgres/open.ts'

/** So many times at once: a change spent of a customer's minute, or the access token of the one connection asked for. */
export interface Order {
  readonly what: 'spend' | 'renew'
  /** Whose minute it is. */
  readonly subject: string
  readonly times: number
}

export interface Outcome {
  readonly succeeded: number
  /** Renewals that came to nothing, since it began. */
  readonly failures: number
}

/** Processes over one database, which do the same at the same moment. */
export interface Racers {
  all(order: Order): Promise<readonly Outcome[]>
  end(): Promise<void>
}

export const CUSTOMER = 'anna'
export const CONNECTION = 'the connection of anna'
export const SEALING_KEY = 'a secret key of thirty-two octets'
export const APPLICATION = {
  clientId: 'shop',
  clientSecret: 'the secret of the shop',
  clientAuth: 'client_secret_post',
  authorizeUrl: 'http://127.0.0.1/oauth2/auth',
  revokeUrl: 'http://127.0.0.1/oauth2/revoke',
  scopes: ['zone.read'],
  redirectUri: 'http://localhost:3000/callback',
} as const

/** `file`: race-program.ts, built. `skewsMs`: how wrong the clock of each is. */
export async function startRacers(
  file: string,
  skewsMs: readonly number[],
  databaseUrl: string,
  tokenUrl: string,
): Promise<Racers> {
  const children = skewsMs.map((skewMs) =>
    fork(file, [databaseUrl, tokenUrl], {
      execArgv: ['--import', `data:text/javascript,${encodeURIComponent(skew(skewMs))}`],
    }),
  )
  const killAll = () => {
    for (const child of children) child.kill('SIGKILL')
  }
  process.once('exit', killAll)
  await Promise.all(children.map(said))
  return {
    all: (order) =>
      Promise.all(
        children.map((child) => {
          const outcome = said(child)
          child.send(order)
          return outcome
        }),
      ),
    async end() {
      process.off('exit', killAll)
      const ended = children.map((child) => once(child, 'exit'))
      for (const child of children) child.disconnect()
      await Promise.all(ended)
    },
  }
}

/** A customer who has granted us access, which has to be renewed at once. */
export async function grantTo(store: SharedStore, refreshToken: string): Promise<void> {
  const seals = createSeals([SEALING_KEY], Date.now)
  const sealed = (kind: 'access' | 'refresh', token: string) =>
    seals.seal({ customer: CUSTOMER, connection: CONNECTION, kind }, token)
  await store.accounts.addCustomer({
    id: CUSTOMER,
    email: 'anna@example.com',
    passwordHash: null,
    domain: aName('example.com'),
    ipv4: [],
    ipv6: [],
    host: null,
    servesWww: null,
    createdAt: 0,
  })
  await store.accounts.replaceConnection({
    id: CONNECTION,
    customerId: CUSTOMER,
    kind: 'oauth',
    status: 'active',
    zoneId: null,
    accessToken: sealed('access', 'of before'),
    refreshToken: sealed('refresh', refreshToken),
    expiresAt: 0,
    scope: 'zone.read',
    tokenVersion: 1,
    connectedAt: 0,
    reviewedAt: null,
    lastSyncAt: null,
  })
}

function said(child: ChildProcess): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error('a racer ended'))
    child.once('exit', ended)
    child.once('message', (outcome: Outcome) => {
      child.off('exit', ended)
      resolve(outcome)
    })
  })
}

function skew(ms: number): string {
  return `const now = Date.now; Date.now = () => now() + ${ms}`
}
