import { createHash } from 'node:crypto'
import { createAudit, type Whence } from '#accounts/audit.ts'
import { CustomerError } from '#accounts/errors.ts'
import { type HostSignInParts, signInFromHost } from '#accounts/host-sign-in.ts'
import { createPasswords } from '#accounts/passwords.ts'
import { signIn } from '#accounts/sign-in.ts'
import { limitFor, orWait, WORDS } from '#accounts/spend.ts'
import type { Name } from '#dns/name.ts'
import type { Value } from '#dns/value.ts'
import type { Clock, Log, Random } from '#platform/ports.ts'
import { cloudflareClients } from '#providers/cloudflare/clients.ts'
import { grantedTransport } from '#providers/cloudflare/granted-transport.ts'
import { createOAuth, type OAuthClient } from '#providers/cloudflare/oauth.ts'
import type { BudgetLedger, RateLimiter } from '#providers/cloudflare/rate-limiter.ts'
import { type TokenOwner, tokenStatus } from '#providers/cloudflare/token-status.ts'
import type { Transport } from '#providers/cloudflare/transport.ts'
import type { Provider } from '#providers/provider.ts'
import type { AccountStore, ConnectionRow, CustomerRow } from '#store/accounts.ts'
import type { Limits } from '#store/coordination.ts'
import { beginOAuth, type ConnectParts, connectByToken, finishOAuth, type Kept } from './connect.ts'
import type { Connection, Customer, Customers, Targets } from './customers.ts'
import { revoke } from './disconnect.ts'
import { grantOf } from './grants.ts'
import { createSeals } from './seals.ts'

export interface CustomersOptions {
  readonly store: AccountStore
  readonly limits: Limits
  readonly ledger: BudgetLedger
  readonly nonces: HostSignInParts['nonces']
  readonly transport: Transport
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** The current one, then those of before it. */
  readonly secretKeys: readonly string[]
  /** Where browsers see us, without a slash at its end. */
  readonly publicUrl: string
  /** Of the API. */
  readonly baseUrl: string
  readonly oauth: Omit<OAuthClient, 'redirectUri'> | undefined
  /** Shared with the host platform, whose customers it signs in; undefined: it does not. */
  readonly hostSecret: string | undefined
  /** The platform's, for customers without any of their own. */
  readonly targets: { readonly ipv4: readonly Value[]; readonly ipv6: readonly Value[]; readonly host?: Name }
  /** Told of every call to the API, and of every refresh. */
  readonly observe: (call: { endpoint: string; status: number; ms: number }) => void
  readonly onRefresh: (outcome: 'refreshed' | 'refused' | 'failed') => void
}

/** Where Cloudflare sends the browser back to; below `PUBLIC_URL`. */
export const CALLBACK = '/dashboard/cloudflare/callback'

export function createCustomers(options: CustomersOptions): Customers {
  const { store, limits, ledger, transport, clock, random, baseUrl, observe } = options
  const seals = createSeals(options.secretKeys, () => clock.now())
  const passwords = createPasswords()
  const audit = createAudit({ store, clock, random })
  const oauth =
    options.oauth &&
    createOAuth({ ...options.oauth, redirectUri: `${options.publicUrl}${CALLBACK}` }, transport)
  const revokeParts = { seals, oauth, clock }

  const cloudflare = cloudflareClients({ ledger, transport, clock, random, observe })

  /** For what is asked before there is a connection. */
  const rateLimiters = newest<RateLimiter>(CONNECTIONS_KEPT)
  const rateLimiterOfConnecting = ({ id }: Customer) =>
    rateLimiters(id, () => cloudflare.rateLimiter(budgetName(`door ${id}`)))
  const connect: ConnectParts = {
    store,
    seals,
    oauth,
    clock,
    random,
    zonesSeenBy: (customer, token) =>
      cloudflare
        .client({
          rateLimiter: rateLimiterOfConnecting(customer),
          credential: { kind: 'token', token },
          credentialName: budgetName(`door ${customer.id}`),
          baseUrl,
        })
        .listZones('people'),
    tokenStatus: (customer, token, owner) =>
      tokenStatus(token, owner, { transport, rateLimiter: rateLimiterOfConnecting(customer), baseUrl }),
  }

  const clients = newest<Provider>(CONNECTIONS_KEPT)

  function clientOf({ id, customerId }: Connection): Provider {
    const name = budgetName(id)
    const rateLimiter = cloudflare.rateLimiter(name)
    const grant = grantOf(customerId, id, {
      store,
      seals,
      oauth,
      clock,
      random,
      log: options.log,
      onRefresh: options.onRefresh,
      tokenStatus: (token: string, owner: TokenOwner) =>
        tokenStatus(token, owner, { transport, rateLimiter, baseUrl }),
    })
    return cloudflare.client({
      transport: grantedTransport(transport, grant),
      rateLimiter,
      credential: 'granted',
      credentialName: name,
      baseUrl,
    })
  }

  async function spend(customerId: string, what: 'change' | 'sync' | 'connect'): Promise<void> {
    orWait(await limits.spend(limitFor(customerId, what), clock.now()), WORDS[what])
  }

  /** After the answer, so that it does not tell by its time that there is such an account. */
  function noteGuess(customerId: string, { address, browser }: Whence): void {
    const noted = clock
      .sleep(GUESS_NOTED_AFTER_MS)
      .then(() => audit.note(customerId, { event: 'sign-in-failed', address, browser }))
    noted.catch((err: unknown) =>
      options.log.warn({ err }, 'writing a failed sign-in to the audit log failed'),
    )
  }

  /** What was there before is revoked once the new connection stands. */
  async function replacing(connected: Promise<Kept>): Promise<Connection> {
    const { connection, replaced } = await connected
    for (const earlier of replaced) {
      if (earlier.status === 'active') await revoke(earlier, revokeParts)
    }
    return connectionIn(connection)
  }

  async function changed(
    { id, customerId }: Connection,
    changes: Parameters<AccountStore['changeConnection']>[2],
  ): Promise<Connection> {
    const row = await store.changeConnection(customerId, id, changes)
    if (row === undefined) throw notConnected()
    return connectionIn(row)
  }

  return {
    async signIn(given) {
      const onWrongPassword = ({ id }: CustomerRow) => noteGuess(id, given)
      return customerIn(
        await signIn(given, { store, limits, passwords, clock, onWrongPassword }),
        options.targets,
      )
    },
    async signInFromHost(token) {
      const { hostSecret, nonces } = options
      if (hostSecret === undefined) throw new CustomerError('host-token-invalid', 'There is no such way in.')
      return customerIn(
        await signInFromHost(token, hostSecret, { store, nonces, clock, random }),
        options.targets,
      )
    },
    async find(id) {
      const row = await store.customer(id)
      return row && customerIn(row, options.targets)
    },
    endSessions: (customerId) => store.endSessionsOf(customerId, clock.now()),
    audit,
    async connectionOf(customerId) {
      const row = await store.connectionOf(customerId)
      return row && connectionIn(row)
    },
    cloudflareOf: (connection) =>
      clients(`${connection.customerId} ${connection.id}`, () => clientOf(connection)),
    async connectByToken(customer, token) {
      await spend(customer.id, 'connect')
      const connecting = connectByToken(customer, token, connect)
      return { ...(await replacing(connecting)), zones: (await connecting).zones }
    },
    async beginOAuth(customer, session) {
      await spend(customer.id, 'connect')
      return beginOAuth(customer, session, connect)
    },
    finishOAuth: (customer, session, callback) =>
      replacing(finishOAuth(customer, session, callback, connect)),
    async disconnect(customer) {
      const connection = await store.connectionOf(customer.id)
      if (connection === undefined) throw notConnected()
      const revoked = await revoke(connection, revokeParts)
      const removed = await store.removeConnection(customer.id, connection.id)
      const isSame = removed === undefined || removed.tokenVersion === connection.tokenVersion
      // Renewed while it was revoked.
      return { revoked: isSame ? revoked : await revoke(removed, revokeParts) }
    },
    chooseZone: (connection, zoneId) => changed(connection, { zoneId }),
    markReviewed: (connection) => changed(connection, { reviewedAt: clock.now() }),
    markSynced: (connection, at) => changed(connection, { lastSyncAt: at }),
    spend,
  }
}

const GUESS_NOTED_AFTER_MS = 1_000

/** A client is little; its gate remembers how Cloudflare fared, and no more. */
const CONNECTIONS_KEPT = 500

/** Those that were asked for last; a new one is made when it is asked for. */
function newest<T>(most: number): (key: string, make: () => T) => T {
  const kept = new Map<string, T>()
  return (key, make) => {
    const found = kept.get(key) ?? make()
    kept.delete(key)
    kept.set(key, found)
    const [oldest] = kept.keys()
    if (kept.size > most && oldest !== undefined) kept.delete(oldest)
    return found
  }
}

function budgetName(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8)
}

function notConnected(): CustomerError {
  return new CustomerError('not-connected', 'Cloudflare is not connected.')
}

function customerIn(row: CustomerRow, platform: CustomersOptions['targets']): Customer {
  return { id: row.id, email: row.email, domain: row.domain, targets: targetsOf(row, platform) }
}

/** Any of their own, and none of the platform's: those are other servers. */
function targetsOf(
  { ipv4, ipv6, host, servesWww }: CustomerRow,
  platform: CustomersOptions['targets'],
): Targets {
  const hasOwn = ipv4.length > 0 || ipv6.length > 0 || host !== null
  const where = hasOwn ? { ipv4, ipv6, host: host ?? undefined } : platform
  return { ipv4: where.ipv4, ipv6: where.ipv6, host: where.host, servesWww: servesWww ?? true }
}

function connectionIn(row: ConnectionRow): Connection {
  const { id, customerId, kind, status, zoneId, connectedAt, reviewedAt, lastSyncAt } = row
  return { id, customerId, kind, status, zoneId, connectedAt, reviewedAt, lastSyncAt }
}
