/** The person's part: a page that asks, and an answer that sends the browser back to the application. */
import type { Cloudflare } from '../cloudflare.ts'
import { errorPage } from '../site/html.ts'
import type { SiteReply, SiteRequest } from '../site/request.ts'
import type { Site } from '../site/site.ts'
import { browserCookie, browserIn, newBrowser } from '../site/tickets.ts'
import { type AuthorizeRequest, codeLocation, readAuthorizeRequest, refusalLocation } from './authorize.ts'
import { consentPage } from './consent-page.ts'
import { OAuthError } from './oauth-error.ts'

export interface Account {
  readonly id: string
  readonly name: string
}

/** `without` names optional scopes; others are granted whatever it says. */
export interface Decision {
  readonly accept: boolean
  /** Ids. */
  readonly accounts: readonly string[]
  readonly without: readonly string[]
}

/** `GET /oauth2/auth`. */
export function askForConsent(site: Site, { query, headers }: SiteRequest): SiteReply {
  const outcome = readAuthorizeRequest(query, site.clients, site.cloudflare.choices)
  if (outcome.kind === 'untrusted') return errorPage(400, 'This request cannot be trusted', outcome.words)
  if (outcome.kind === 'refused') return redirect(302, outcome.location)
  return shown(site, browserIn(headers) ?? newBrowser(), outcome.request)
}

/** `POST /oauth2/consent`: what the form on the page sends. */
export function takeDecision(site: Site, { form, headers }: SiteRequest): SiteReply {
  const browser = browserIn(headers)
  const request = site.consents.redeem(browser, form?.get('ticket') ?? null)
  if (request === undefined || browser === undefined || form === undefined) {
    const words = 'It was used already, or is too old, or was made in another browser.'
    return errorPage(
      400,
      'This page is no longer valid',
      `${words} Go back to the application, and start again.`,
    )
  }
  const accept = form.get('decision') === 'accept'
  const accounts = form.getAll('account')
  const without = request.client.optionalScopes.filter((scope) => !form.getAll('scope').includes(scope))
  if (accept && chosenAccounts(site.cloudflare, accounts).length === 0) {
    return shown(site, browser, request, { accept, accounts, without })
  }
  return redirect(303, decide(site, request, { accept, accounts, without }))
}

/** Where the browser goes: back to the application, with a code or with `access_denied`. */
export function decide(site: Site, request: AuthorizeRequest, decision: Decision): string {
  if (!decision.accept) {
    return refusalLocation(request, new OAuthError('access_denied', 'The user did not agree.'))
  }
  const { client, redirectUri, challenge, nonce } = request
  const left = decision.without.filter((scope) => client.optionalScopes.includes(scope))
  const scopes = request.scopes.filter((scope) => !left.includes(scope))
  const code = site.grants.open({
    client,
    scopes,
    accounts: chosenAccounts(site.cloudflare, decision.accounts),
    redirectUri,
    ...(challenge !== undefined && { challenge }),
    ...(nonce !== undefined && { nonce }),
  })
  return codeLocation(request, code, scopes, site.cloudflare.choices)
}

/** Those that have zones. */
export function accountsOf(cloudflare: Cloudflare): readonly Account[] {
  const zones = [...cloudflare.zones.values()]
  return [...new Map(zones.map(({ account }) => [account.id, account])).values()]
}

function chosenAccounts(cloudflare: Cloudflare, ids: readonly string[]): readonly string[] {
  return accountsOf(cloudflare).flatMap(({ id }) => (ids.includes(id) ? [id] : []))
}

/** `before` is a decision that named no account. */
function shown(site: Site, browser: string, request: AuthorizeRequest, before?: Decision): SiteReply {
  const ticket = site.consents.issue(browser, request)
  return consentPage(
    { request, accounts: accountsOf(site.cloudflare), ticket, before },
    browserCookie(browser),
  )
}

function redirect(status: 302 | 303, location: string): SiteReply {
  return {
    status,
    headers: { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
    body: '',
  }
}
