/** What tests may know and do of OAuth: the grants, and a person who decides without a browser. */
import type { Site } from '../site/site.ts'
import { readAuthorizeRequest } from './authorize.ts'
import { clientFrom, type OAuthClientSeed } from './clients.ts'
import { accountsOf, decide } from './consent.ts'
import { endGrant } from './grants.ts'

export interface GrantView {
  readonly id: string
  readonly client: string
  readonly scopes: readonly string[]
  /** Ids. */
  readonly accounts: readonly string[]
  /** Milliseconds. */
  readonly at: number
  readonly ended: boolean
}

export interface ConsentChoice {
  readonly deny?: boolean
  /** Ids or names; all when absent. */
  readonly accounts?: readonly string[]
  /** Optional scopes to untick. */
  readonly without?: readonly string[]
}

export interface OAuthHand {
  grants(): readonly GrantView[]
  /** By the person, in Cloudflare's dashboard. Throws when there is no such grant. */
  revokeGrant(id: string): void
  /**
   * Opens an authorize URL (or its path and query), decides, and gives back where the browser is sent.
   * Throws when it would be sent nowhere, with the words of the page.
   */
  consent(url: string, choice?: ConsentChoice): string
  /** Throws for what Cloudflare would not register. */
  addOAuthClient(seed: OAuthClientSeed): void
}

export function createOAuthHand(site: Site): OAuthHand {
  const { cloudflare, clients, grants } = site
  return {
    grants() {
      cloudflare.settle()
      return grants.all().map(({ id, client, scopes, accounts, at, ended }) => ({
        id,
        client: client.id,
        scopes,
        accounts,
        at,
        ended,
      }))
    },
    revokeGrant(id) {
      const grant = grants.all().find((each) => each.id === id)
      if (grant === undefined) throw new Error(`the emulator has no grant ${id}`)
      endGrant(grant)
    },
    consent(url, { deny = false, accounts, without = [] } = {}) {
      cloudflare.settle()
      const query = new URL(url, 'http://127.0.0.1').searchParams
      const outcome = readAuthorizeRequest(query, clients, cloudflare.choices)
      if (outcome.kind === 'untrusted') throw new Error(outcome.words)
      if (outcome.kind === 'refused') return outcome.location
      const chosen = accountsOf(cloudflare).filter(
        ({ id, name }) => accounts === undefined || accounts.includes(id) || accounts.includes(name),
      )
      if (!deny && chosen.length === 0) throw new Error('choose at least one account that has a zone')
      return decide(site, outcome.request, { accept: !deny, accounts: chosen.map(({ id }) => id), without })
    },
    addOAuthClient(seed) {
      const client = clientFrom(seed, site.designUrls)
      if (clients.has(client.id)) throw new Error(`the OAuth client ${client.id} is there already`)
      clients.set(client.id, client)
    },
  }
}
