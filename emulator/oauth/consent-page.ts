/** The page on which a person grants, or does not. Works without script, by keyboard, at 360 pixels. */
import { type Html, html, pageReply } from '../site/html.ts'
import type { SiteReply } from '../site/request.ts'
import type { AuthorizeRequest } from './authorize.ts'
import type { Account, Decision } from './consent.ts'
import { titleOf } from './scopes.ts'

export interface ConsentView {
  readonly request: AuthorizeRequest
  readonly accounts: readonly Account[]
  readonly ticket: string
  /** What was sent without an account. */
  readonly before: Decision | undefined
}

export function consentPage(view: ConsentView, headers: Readonly<Record<string, string>>): SiteReply {
  const { request, accounts, ticket, before } = view
  const { client, redirectUri } = request
  const title = `${before === undefined ? '' : 'Choose an account: '}Allow ${client.name}?`
  const body = html`<h1>Allow <bdi>${client.name}</bdi> to use your Cloudflare account?</h1>
${before !== undefined && html`<p class="problem" id="problem" role="alert">Choose at least one account.</p>`}
<form method="post" action="/oauth2/consent">
<input type="hidden" name="ticket" value="${ticket}">
<fieldset${before !== undefined && html` aria-describedby="problem"`}>
<legend>In which accounts?</legend>
${accounts.length === 0 ? html`<p>There is no account with a zone here.</p>` : accountList(accounts)}
</fieldset>
<fieldset>
<legend>What it may do</legend>
<ul>
${request.scopes.map((scope) => permission(scope, request, before))}
</ul>
</fieldset>
<p>Either way you go back to <strong>${new URL(redirectUri).host}</strong>.</p>
<div class="actions">
<button name="decision" value="deny">Deny</button>
<button class="main" name="decision" value="accept">Accept</button>
</div>
</form>`
  return pageReply(before === undefined ? 200 : 400, title, body, headers)
}

/** The only one is chosen; of several, none. */
function accountList(accounts: readonly Account[]): Html {
  const only = accounts.length === 1
  return html`<ul>
${accounts.map(
  (
    { id, name },
    index,
  ) => html`<li><input type="checkbox" id="account-${index}" name="account" value="${id}"${only && html` checked`}>
<label for="account-${index}"><bdi>${name}</bdi></label></li>`,
)}
</ul>`
}

function permission(scope: string, { client }: AuthorizeRequest, before: Decision | undefined): Html {
  const words = html`${titleOf(scope)} <small>${scope}</small>`
  if (!client.optionalScopes.includes(scope)) {
    return html`<li><span class="mark" aria-hidden="true">✓</span><span>${words}</span></li>`
  }
  const ticked = before === undefined || !before.without.includes(scope)
  return html`<li><input type="checkbox" id="scope-${scope}" name="scope" value="${scope}"${ticked && html` checked`}>
<label for="scope-${scope}">${words} <small>Optional</small></label></li>`
}
