/** `POST /oauth2/token` and `POST /oauth2/revoke`: what programs call, answered in RFC 6749's words, not the v4 API's. */

import { jsonReply, type SiteReply, type SiteRequest } from '../site/request.ts'
import type { Site } from '../site/site.ts'
import type { UnknownChoices } from '../unknowns.ts'
import { authenticatedClient } from './client-auth.ts'
import type { OAuthClient } from './clients.ts'
import type { IssuedTokens } from './grants.ts'
import { errorBody, OAuthError, refuseRepeated, statusOf } from './oauth-error.ts'

export function issueTokens(site: Site, request: SiteRequest): SiteReply {
  return asClient(site, request, (client, form) => {
    const issued = tokensFor(site, client, form)
    const idToken = issued.scopes.includes('openid') ? site.openId.idToken(issued, request) : undefined
    return jsonReply(
      200,
      {
        access_token: issued.accessToken,
        expires_in: issued.expiresIn,
        ...(idToken !== undefined && { id_token: idToken }),
        ...(issued.refreshToken !== undefined && { refresh_token: issued.refreshToken }),
        scope: issued.scopes.join(' '),
        token_type: 'bearer',
      },
      NO_STORE,
    )
  })
}

/** 200 and nothing, for tokens that are not there as well (RFC 7009 section 2.2). */
export function revokeToken(site: Site, request: SiteRequest): SiteReply {
  return asClient(site, request, (client, form) => {
    site.grants.revoke(client, required(form, 'token'))
    return { status: 200, headers: NO_STORE, body: '' }
  })
}

/** RFC 6749 section 5.1 wants both. */
const NO_STORE = { 'cache-control': 'no-store', pragma: 'no-cache' }

function asClient(
  site: Site,
  { form, headers }: SiteRequest,
  work: (client: OAuthClient, form: URLSearchParams) => SiteReply,
): SiteReply {
  try {
    if (form === undefined) {
      throw new OAuthError('invalid_request', 'The body is not application/x-www-form-urlencoded.')
    }
    refuseRepeated(form)
    return work(authenticatedClient(headers, form, site.clients), form)
  } catch (problem) {
    if (!(problem instanceof OAuthError)) throw problem
    const status = statusOf(problem)
    const challenge = status === 401 && headers.authorization !== undefined
    return jsonReply(status, errorBody(problem), {
      ...NO_STORE,
      ...(challenge && { 'www-authenticate': 'Basic realm="oauth2"' }),
    })
  }
}

function tokensFor({ grants, cloudflare }: Site, client: OAuthClient, form: URLSearchParams): IssuedTokens {
  const grantType = required(form, 'grant_type')
  switch (grantType) {
    case 'authorization_code':
      return grants.exchange(
        client,
        required(form, 'code'),
        form.get('redirect_uri'),
        form.get('code_verifier'),
      )
    case 'refresh_token':
      return grants.refresh(client, required(form, 'refresh_token'), form.get('scope'))
    default:
      throw otherGrant(grantType, cloudflare.choices)
  }
}

/** Grants that the server has, and not for third parties, are another error than those it has not. */
function otherGrant(grantType: string, { otherKnownGrants }: UnknownChoices): OAuthError {
  const isKnown = ['client_credentials', 'urn:ietf:params:oauth:grant-type:device_code'].includes(grantType)
  return isKnown
    ? new OAuthError(otherKnownGrants, `The client is not allowed to use the grant '${grantType}'.`)
    : new OAuthError('unsupported_grant_type', `The grant '${grantType}' is not supported.`)
}

function required(form: URLSearchParams, name: string): string {
  const value = form.get(name)
  if (value === null || value === '') throw new OAuthError('invalid_request', `The ${name} is missing.`)
  return value
}
