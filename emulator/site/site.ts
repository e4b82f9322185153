/** What the emulator has of Cloudflare's dashboard: OAuth, and the page on which a person makes a token. */
import type { Cloudflare } from '../cloudflare.ts'
import type { AuthorizeRequest } from '../oauth/authorize.ts'
import { clientFrom, type OAuthClient, type OAuthClientSeed } from '../oauth/clients.ts'
import { createGrants, type Grants } from '../oauth/grants.ts'
import { createOpenId, type OpenId } from '../oauth/openid.ts'
import type { RandomStream } from '../random.ts'
import type { SavedState } from '../saved-state.ts'
import { createTickets, type Tickets } from './tickets.ts'
import type { TokenOrder } from './token-order.ts'

export interface SiteOptions {
  readonly oauthClients?: readonly OAuthClientSeed[]
  /** How long an access token lasts; 57,600 (16 hours) when absent. */
  readonly accessTokenSeconds?: number
  /** How long a grant can be refreshed; 2,592,000 (30 days) when absent. */
  readonly grantSeconds?: number
  /**
   * Also the addresses and scopes that the original design made up: `/oauth2/authorize`, `/client/v4/oauth/token`,
   * `zone:read dns:read dns:edit`.
   */
  readonly designUrls?: boolean
  /** The issuer and base of all addresses; `http://` and the Host header when absent. */
  readonly issuer?: string
  /** What an earlier process held; `oauthClients` are added to its clients, or take their place. */
  readonly saved?: SavedState
}

export interface Site {
  readonly cloudflare: Cloudflare
  /** By id. */
  readonly clients: Map<string, OAuthClient>
  readonly grants: Grants
  readonly consents: Tickets<AuthorizeRequest>
  readonly openId: OpenId
  readonly tokenOrders: Tickets<TokenOrder>
  /** For tokens that a person makes. */
  readonly tokenRandom: RandomStream
  readonly designUrls: boolean
  readonly issuer: string | undefined
}

export function createSite(cloudflare: Cloudflare, options: SiteOptions): Site {
  const {
    oauthClients = [],
    accessTokenSeconds = 57_600,
    grantSeconds = 2_592_000,
    designUrls = false,
  } = options
  const saved = options.saved?.clients ?? []
  const seeded = oauthClients.map((seed) => clientFrom(seed, designUrls))
  const clients = new Map([...saved, ...seeded].map((client) => [client.id, client]))
  return {
    cloudflare,
    clients,
    grants: createGrants(cloudflare, { accessTokenSeconds, grantSeconds }, clients, options.saved),
    consents: createTickets(cloudflare.now),
    openId: createOpenId(cloudflare),
    tokenOrders: createTickets(cloudflare.now),
    tokenRandom: cloudflare.random('tokens made by hand'),
    designUrls,
    issuer: options.issuer,
  }
}
