/**
 * What people have granted, and the tokens that come of it: a code becomes an access token and a refresh token,
 * a refresh token becomes the next pair, and all of them end with their grant.
 */
import { createHash } from 'node:crypto'
import type { Credential } from '../auth/credentials.ts'
import type { Cloudflare } from '../cloudflare.ts'
import { idFor, letters, type RandomStream } from '../random.ts'
import type { SavedState } from '../saved-state.ts'
import type { OAuthClient } from './clients.ts'
import { OAuthError } from './oauth-error.ts'
import { permissionsOf, scopesIn } from './scopes.ts'

export interface Grant {
  readonly id: string
  readonly client: OAuthClient
  /** Ids. */
  readonly accounts: readonly string[]
  /** When the person agreed, milliseconds. */
  readonly at: number
  readonly nonce?: string
  scopes: readonly string[]
  ended: boolean
  /** The access tokens that it gave. */
  readonly credentials: Credential[]
}

/** What a person agreed to, and what the code is bound to. */
export interface Consent {
  readonly client: OAuthClient
  readonly scopes: readonly string[]
  readonly accounts: readonly string[]
  readonly redirectUri: string
  /** Of PKCE, S256. */
  readonly challenge?: string
  readonly nonce?: string
}

export interface IssuedTokens {
  readonly grant: Grant
  readonly accessToken: string
  readonly refreshToken?: string
  /** Seconds. */
  readonly expiresIn: number
  readonly scopes: readonly string[]
}

export interface GrantSettings {
  readonly accessTokenSeconds: number
  readonly grantSeconds: number
}

export interface Grants {
  /** A code, good once. */
  open(consent: Consent): string
  /** Throws an `OAuthError`; so does `refresh`. */
  exchange(
    client: OAuthClient,
    code: string,
    redirectUri: string | null,
    verifier: string | null,
  ): IssuedTokens
  /** `scope` may ask for less than was granted (RFC 6749 section 6). */
  refresh(client: OAuthClient, token: string, scope: string | null): IssuedTokens
  /** RFC 7009; nothing happens for a token that is not there, or of another client. */
  revoke(client: OAuthClient, token: string): void
  all(): readonly Grant[]
  /** For a state file: all but codes, which live ten minutes. */
  saved(): SavedGrants
}

export interface SavedGrants {
  readonly grants: readonly (Omit<Grant, 'client' | 'credentials'> & { readonly clientId: string })[]
  readonly refreshTokens: readonly {
    readonly token: string
    readonly grantId: string
    readonly used: boolean
  }[]
}

/** The access and refresh tokens of a grant are good no more. */
export function endGrant(grant: Grant): void {
  grant.ended = true
  for (const credential of grant.credentials) credential.status = 'revoked'
}

/** The user lost the right to edit: whatever is refreshed from now on may only read. */
export function keepReadingOnly(grant: Grant): void {
  grant.scopes = grant.scopes.filter((scope) => !permissionsOf([scope]).includes('dns:edit'))
}

/** The one person whose Cloudflare this is. */
export const USER = 'user@example.com'

export function createGrants(
  cloudflare: Cloudflare,
  settings: GrantSettings,
  clients: ReadonlyMap<string, OAuthClient>,
  saved?: SavedState,
): Grants {
  const random = cloudflare.random('oauth')
  const grants: Grant[] = []
  const codes = new Map<string, { consent: Consent; grant: Grant; expiresAt: number; used: boolean }>()
  const refreshTokens = new Map<string, { grant: Grant; used: boolean }>()
  const { choices } = cloudflare

  /** Until it expires. */
  function hold(credential: Credential & { readonly grant: Grant; readonly expiresAt: number }): void {
    credential.grant.credentials.push(credential)
    cloudflare.credentials.set(credential.secret, credential)
    cloudflare.later(credential.expiresAt, () => {
      if (credential.status === 'active') credential.status = 'expired'
    })
  }

  /** Until its session ends. */
  function keep(grant: Grant): void {
    grants.push(grant)
    cloudflare.later(grant.at + settings.grantSeconds * 1_000, () => {
      if (choices.endOfSession === 'all') endGrant(grant)
      else grant.ended = true
    })
  }

  function takeUp({ grants: held, credentials }: SavedState): void {
    for (const { clientId, ...facts } of held.grants) {
      const client = clients.get(clientId)
      if (client !== undefined) keep({ ...facts, client, credentials: [] })
    }
    const byId = new Map(grants.map((grant) => [grant.id, grant]))
    for (const { grantId, expiresAt = 0, ...credential } of credentials) {
      const grant = byId.get(grantId ?? '')
      if (grant !== undefined) hold({ ...credential, grant, expiresAt })
    }
    for (const { token, grantId, used } of held.refreshTokens) {
      const grant = byId.get(grantId)
      if (grant !== undefined) refreshTokens.set(token, { grant, used })
    }
  }

  if (saved !== undefined) takeUp(saved)

  function issue(grant: Grant, scopes: readonly string[]): IssuedTokens {
    const credential = accessCredential(
      grant,
      scopes,
      cloudflare.seed,
      random,
      cloudflare.now() + settings.accessTokenSeconds * 1_000,
    )
    if (choices.refreshedAccessToken === 'ends') {
      for (const earlier of grant.credentials) earlier.status = 'revoked'
    }
    hold(credential)
    const issued = {
      grant,
      accessToken: credential.secret,
      expiresIn: settings.accessTokenSeconds,
      scopes,
    }
    if (!grant.scopes.includes('offline_access')) return issued
    const refreshToken = `cfort_${letters(random, 48)}`
    refreshTokens.set(refreshToken, { grant, used: false })
    return { ...issued, refreshToken }
  }

  return {
    open(consent) {
      const { client, scopes, accounts, nonce } = consent
      const nowMs = cloudflare.now()
      const grant: Grant = {
        id: random.hex(16),
        client,
        scopes,
        accounts,
        at: nowMs,
        ...(nonce !== undefined && { nonce }),
        ended: false,
        credentials: [],
      }
      keep(grant)
      const code = letters(random, 43)
      codes.set(code, { consent, grant, expiresAt: nowMs + choices.codeSeconds * 1_000, used: false })
      return code
    },

    exchange(client, code, redirectUri, verifier) {
      const held = codes.get(code)
      if (held === undefined) throw new OAuthError('invalid_grant', 'The authorization code is not known.')
      if (held.consent.client !== client) {
        throw new OAuthError('invalid_grant', 'The authorization code was issued to another client.')
      }
      if (held.used) {
        // RFC 6749 section 4.1.2: whoever has the code a second time may be a thief, or the first may have been.
        if (choices.codeReuse === 'ends-grant') endGrant(held.grant)
        throw new OAuthError('invalid_grant', 'The authorization code has been used already.')
      }
      const isFresh = cloudflare.now() < held.expiresAt
      if (!isFresh || held.grant.ended) {
        throw new OAuthError('invalid_grant', 'The authorization code has expired.')
      }
      if (redirectUri !== held.consent.redirectUri) {
        throw new OAuthError('invalid_grant', 'The redirect_uri is not that of the authorization request.')
      }
      checkVerifier(held.consent.challenge, verifier)
      held.used = true
      return issue(held.grant, held.grant.scopes)
    },

    refresh(client, token, scope) {
      const held = refreshTokens.get(token)
      if (held === undefined) throw new OAuthError('invalid_grant', 'The refresh token is not known.')
      const { grant, used } = held
      if (grant.client !== client) {
        throw new OAuthError('invalid_grant', 'The refresh token was issued to another client.')
      }
      if (used) {
        if (choices.refreshReuse === 'ends-grant') endGrant(grant)
        throw new OAuthError('invalid_grant', 'The refresh token has been used already.')
      }
      if (grant.ended) throw new OAuthError('invalid_grant', 'The refresh token has expired or was revoked.')
      const scopes = scope === null ? grant.scopes : scopesIn(scope)
      const extra = scopes.find((each) => !grant.scopes.includes(each))
      if (extra !== undefined) throw new OAuthError('invalid_scope', `The scope '${extra}' was not granted.`)
      held.used = true
      return issue(grant, scopes)
    },

    revoke(client, token) {
      const credential = cloudflare.credentials.get(token)
      const grant = refreshTokens.get(token)?.grant ?? credential?.grant
      if (grant === undefined || grant.client !== client) return
      if (credential !== undefined && choices.revokedAccessToken === 'alone') credential.status = 'revoked'
      else endGrant(grant)
    },

    all: () => grants,
    saved: () => ({
      grants: grants.map(({ client, credentials: _, ...facts }) => ({ ...facts, clientId: client.id })),
      refreshTokens: [...refreshTokens].map(([token, { grant, used }]) => ({
        token,
        grantId: grant.id,
        used,
      })),
    }),
  }
}

function accessCredential(
  grant: Grant,
  scopes: readonly string[],
  seed: number,
  random: RandomStream,
  expiresAt: number,
): Credential & { readonly grant: Grant; readonly expiresAt: number } {
  const secret = `cfoat_${letters(random, 48)}`
  return {
    id: idFor(seed, 'token', secret),
    kind: 'token',
    secret,
    payer: USER,
    accountOwned: false,
    accounts: grant.accounts,
    grant,
    scopes,
    expiresAt,
    permissions: permissionsOf(scopes),
    zones: undefined,
    status: 'active',
  }
}

/** RFC 7636 section 4.6. A verifier without a challenge is a mix-up of two requests, and refused as well. */
function checkVerifier(challenge: string | undefined, verifier: string | null): void {
  if (challenge === undefined && verifier === null) return
  if (challenge === undefined) {
    throw new OAuthError('invalid_grant', 'There was no code_challenge for this code_verifier.')
  }
  if (verifier === null) throw new OAuthError('invalid_grant', 'The code_verifier is missing.')
  const isWellFormed = /^[A-Za-z0-9._~-]{43,128}$/.test(verifier)
  const hash = createHash('sha256').update(verifier).digest('base64url')
  if (!isWellFormed || hash !== challenge) {
    throw new OAuthError('invalid_grant', 'The code_verifier does not match the code_challenge.')
  }
}
