/** From headers to a credential, or to the refusal that the endpoint's family gives. */
import { known, knownError } from '../errors.ts'
import type { UnknownChoices } from '../unknowns.ts'
import { type ApiError, Refusal } from '../wire.ts'
import { type Credential, KEY_FORMAT, TOKEN_FORMAT } from './credentials.ts'

/** The same fault is worded differently by the zone endpoints, the DNS service and the token endpoints. */
export type Family = 'zones' | 'dns' | 'tokens'

export type CredentialsBySecret = ReadonlyMap<string, Credential>

/** Header format first, then whether the credential is known. Throws a `Refusal`. */
export function authenticate(
  headers: Readonly<Record<string, string>>,
  family: Family,
  credentials: CredentialsBySecret,
  choices: UnknownChoices,
): Credential {
  const { authorization, 'x-auth-key': key, 'x-auth-email': email } = headers
  if (authorization === undefined && key === undefined) throw known('missingCredentials')
  // Both schemes at once: the gateway looks at the key, and finds none that is well formed.
  if (email !== undefined && !KEY_FORMAT.test(key ?? '')) {
    throw malformedHeader(knownError('malformedKey'))
  }
  if (key !== undefined) return byKey(key, email, credentials, choices)

  const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1] ?? ''
  if (!TOKEN_FORMAT.test(token)) {
    throw malformedHeader(knownError('malformedAuthorization'))
  }
  const credential = credentials.get(token)
  if (credential?.kind !== 'token' || !isAlive(credential, family, choices)) throw unknownToken(family)
  return credential
}

export function unknownToken(family: Family): Refusal {
  if (family === 'zones') return known('unknownTokenAtZones')
  return known(family === 'dns' ? 'unknownTokenAtDns' : 'unknownTokenAtVerify')
}

/** The credential is good, but not for this. */
export function forbidden(family: Family): Refusal {
  return known(family === 'zones' ? 'forbiddenAtZones' : 'forbiddenAtDns')
}

function byKey(
  key: string,
  email: string | undefined,
  credentials: CredentialsBySecret,
  choices: UnknownChoices,
): Credential {
  if (!KEY_FORMAT.test(key)) throw malformedHeader(knownError('malformedKey'))
  if (email === undefined) throw known('missingCredentials')
  if (!/^[^@\s]+@[^@\s]+$/.test(email)) {
    throw malformedHeader(choices.malformedEmail)
  }
  const credential = credentials.get(key)
  if (credential?.kind !== 'key' || credential.email !== email || credential.status !== 'active') {
    throw known('unknownKey')
  }
  return credential
}

/** The verify endpoints know disabled and expired tokens, and say so. */
function isAlive(credential: Credential, family: Family, choices: UnknownChoices): boolean {
  if (credential.status === 'active') return true
  if (credential.status === 'revoked') return false
  return family === 'tokens' || (credential.status === 'expired' && choices.expiredToken === 'accepted')
}

function malformedHeader(cause: ApiError): Refusal {
  return new Refusal(400, { ...knownError('malformedHeader'), error_chain: [cause] }, 'gateway')
}
