/** The page on which a person makes an API token, filled in by a link; the token is shown once, and works here. */
import type { Permission, TokenSeed } from '../auth/credentials.ts'
import { type Account, accountsOf } from '../oauth/consent.ts'
import { USER } from '../oauth/grants.ts'
import { letters } from '../random.ts'
import type { Zone } from '../state.ts'
import { errorPage, type Html, html, pageReply } from './html.ts'
import type { SiteReply, SiteRequest } from './request.ts'
import type { Site } from './site.ts'
import { browserCookie, browserIn, newBrowser } from './tickets.ts'
import { readTokenOrder, type TokenOrder } from './token-order.ts'

/** `GET /profile/api-tokens`, and `GET /?to=/:account/api-tokens`. */
export function tokenForm(site: Site, request: SiteRequest, owner: TokenOrder['owner']): SiteReply {
  const order = readTokenOrder(request.query, owner)
  if (typeof order === 'string') return errorPage(400, 'This link cannot be read', order)
  return shown(site, browserIn(request.headers) ?? newBrowser(), order)
}

/** `POST /profile/api-tokens`: what the form sends. */
export function createToken(site: Site, { form, headers }: SiteRequest): SiteReply {
  const browser = browserIn(headers)
  const linked = site.tokenOrders.redeem(browser, form?.get('ticket') ?? null)
  if (linked === undefined || browser === undefined || form === undefined) {
    const words = 'A token is made once and shown once. Open the link again for another.'
    return errorPage(400, 'This page is no longer valid', words)
  }
  const order = ordered(linked, form)
  const problem = problemWith(site, order)
  if (problem !== undefined) return shown(site, browser, order, problem)
  const seed = seedOf(site, order)
  site.cloudflare.addCredential(seed)
  return createdPage(order, seed)
}

/** What the person made of the link. */
function ordered(linked: TokenOrder, form: URLSearchParams): TokenOrder {
  return {
    ...linked,
    name: (form.get('name') ?? '').trim(),
    permissions: PERMISSIONS.map(([permission]) => permission).filter((each) =>
      form.getAll('permission').includes(each),
    ),
    account: form.get('account') ?? linked.account,
    // A ticked zone wins over "All zones": whoever forgets one of the two gets the weaker token.
    zones: form.get('zones') === 'all' && !form.has('zone') ? undefined : form.getAll('zone'),
  }
}

function problemWith(site: Site, order: TokenOrder): string | undefined {
  if (order.name === '') return 'Give the token a name.'
  if (order.permissions.length === 0) return 'Choose at least one permission.'
  const accounts = accountsOf(site.cloudflare).map(({ id }) => id)
  if (order.owner === 'account' && !accounts.includes(order.account ?? '')) return 'Choose an account.'
  return order.zones !== undefined && chosenZones(site, order).length === 0
    ? 'Choose at least one zone, or all of them.'
    : undefined
}

function seedOf(site: Site, order: TokenOrder): TokenSeed {
  const { owner, account, zones, permissions } = order
  const ofAccount = owner === 'account'
  return {
    kind: 'token',
    token: `${ofAccount ? 'cfat' : 'cfut'}_${letters(site.tokenRandom, 48)}`,
    user: USER,
    permissions,
    ...(zones !== undefined && { zones: chosenZones(site, order).map(({ name }) => name) }),
    ...(ofAccount && account !== undefined && { accountOwned: true, accountId: account }),
    ...(!ofAccount && account !== undefined && { accounts: [account] }),
  }
}

function chosenZones(site: Site, { zones, ...order }: TokenOrder): readonly Zone[] {
  return zonesFor(site, order).filter(({ id }) => zones?.includes(id) ?? true)
}

/** Of an account's token the account is chosen on the page, so all zones are offered there. */
function zonesFor({ cloudflare }: Site, { account }: Pick<TokenOrder, 'account'>): readonly Zone[] {
  return [...cloudflare.zones.values()].filter((zone) => account === undefined || zone.account.id === account)
}

const PERMISSIONS: readonly (readonly [Permission, string])[] = [
  ['zone:read', 'Zone: read'],
  ['dns:read', 'DNS: read'],
  ['dns:edit', 'DNS: edit'],
]

function shown(site: Site, browser: string, order: TokenOrder, problem?: string): SiteReply {
  const ticket = site.tokenOrders.issue(browser, order)
  const offered = order.owner === 'account' ? zonesFor(site, { account: undefined }) : zonesFor(site, order)
  const title = order.owner === 'account' ? 'Create an account API token' : 'Create an API token'
  const body = html`<h1>${title}</h1>
${problem !== undefined && html`<p class="problem" id="problem" role="alert">${problem}</p>`}
<form method="post" action="/profile/api-tokens">
<input type="hidden" name="ticket" value="${ticket}">
<label for="name">Token name</label>
<input type="text" id="name" name="name" maxlength="120" autocomplete="off" value="${order.name}">
<fieldset><legend>Permissions</legend><ul>
${PERMISSIONS.map(([permission, words]) => box('permission', permission, words, order.permissions.includes(permission)))}
</ul>${leftOut(order.strange)}</fieldset>
${order.owner === 'account' && accountChoice(accountsOf(site.cloudflare), order.account)}
<fieldset><legend>Zones</legend>
${radio('zones', 'all', 'All zones', order.zones === undefined)}
${radio('zones', 'some', 'Only these:', order.zones !== undefined)}
<ul>
${offered.map((zone) => box('zone', zone.id, zone.name, order.zones?.includes(zone.id) ?? false, zone.account.name))}
</ul></fieldset>
<div class="actions"><button class="main">Create token</button></div>
</form>`
  return pageReply(problem === undefined ? 200 : 400, title, body, browserCookie(browser))
}

function createdPage(
  { name, permissions }: TokenOrder,
  { token, zones = ['all zones'] }: TokenSeed,
): SiteReply {
  const title = 'The token is made'
  const words = PERMISSIONS.flatMap(([permission, each]) => (permissions.includes(permission) ? [each] : []))
  return pageReply(
    200,
    title,
    html`<h1>${title}</h1>
<p><bdi>${name}</bdi>, for ${zones.join(', ')}. ${words.join(', ')}.</p>
<p>Copy it now; it is not shown again.</p>
<output aria-label="API token">${token}</output>`,
  )
}

function leftOut(strange: readonly string[]): Html {
  return strange.length === 0
    ? html``
    : html`<p>Left out, because the emulator has not got them: <bdi>${strange.join(', ')}</bdi>.</p>`
}

function accountChoice(accounts: readonly Account[], chosen: string | undefined): Html {
  const only = accounts.length === 1
  return html`<fieldset><legend>Account</legend>
${accounts.map(({ id, name }) => radio('account', id, name, only || id === chosen))}
</fieldset>`
}

function box(field: string, value: string, words: string, checked: boolean, note?: string): Html {
  const small = note === undefined ? undefined : html` <small><bdi>${note}</bdi></small>`
  return html`<li><input type="checkbox" id="${field}-${value}" name="${field}" value="${value}"${checked && html` checked`}>
<label for="${field}-${value}"><bdi>${words}</bdi>${small}</label></li>`
}

function radio(field: string, value: string, words: string, checked: boolean): Html {
  return html`<div class="choice"><input type="radio" id="${field}-${value}" name="${field}" value="${value}"${checked && html` checked`}>
<label for="${field}-${value}"><bdi>${words}</bdi></label></div>`
}
