/** From headers to a credential, or to the refusal that the endpoint's family gives. */
import type { UnknownChoices } from '../unknowns.ts'
import { Refusal } from '../wire.ts'
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
  if (authorization === undefined && key === undefined) throw missingCredentials()
  // Both schemes at once: the gateway looks at the key, and finds none that is well formed.
  if (email !== undefined && !KEY_FORMAT.test(key ?? '')) {
    throw malformedHeader(6103, 'Invalid format for X-Auth-Key header')
  }
  if (key !== undefined) return byKey(key, email, credentials, choices)

  const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1] ?? ''
  if (!TOKEN_FORMAT.test(token)) {
    throw malformedHeader(6111, 'Invalid format for Authorization header')
  }
  const credential = credentials.get(token)
  if (credential?.kind !== 'token' || !isAlive(credential, family, choices)) throw unknownToken(family)
  return credential
}

export function unknownToken(family: Family): Refusal {
  if (family === 'zones') return new Refusal(403, { code: 9109, message: 'Invalid access token' }, 'gateway')
  if (family === 'dns') return new Refusal(401, { code: 10000, message: 'Authentication error' }, 'gateway')
  return new Refusal(401, { code: 1000, message: 'Invalid API Token' }, 'gateway')
}

/** The credential is good, but not for this. */
export function forbidden(family: Family): Refusal {
  return family === 'zones'
    ? new Refusal(403, { code: 9109, message: 'Unauthorized to access requested resource' }, 'gateway')
    : new Refusal(403, { code: 10000, message: 'Authentication error' }, 'gateway')
}

function byKey(
  key: string,
  email: string | undefined,
  credentials: CredentialsBySecret,
  choices: UnknownChoices,
): Credential {
  if (!KEY_FORMAT.test(key)) throw malformedHeader(6103, 'Invalid format for X-Auth-Key header')
  if (email === undefined) throw missingCredentials()
  if (!/^[^@\s]+@[^@\s]+$/.test(email)) {
    throw malformedHeader(choices.malformedEmail.code, choices.malformedEmail.message)
  }
  const credential = credentials.get(key)
  if (credential?.kind !== 'key' || credential.email !== email || credential.status !== 'active') {
    throw new Refusal(403, { code: 9103, message: 'Unknown X-Auth-Key or X-Auth-Email' }, 'gateway')
  }
  return credential
}

/** The verify endpoints know disabled and expired tokens, and say so. */
function isAlive(credential: Credential, family: Family, choices: UnknownChoices): boolean {
  if (credential.status === 'active') return true
  if (credential.status === 'revoked') return false
  return family === 'tokens' || (credential.status === 'expired' && choices.expiredToken === 'accepted')
}

function missingCredentials(): Refusal {
  const message = 'Missing X-Auth-Key, X-Auth-Email or Authorization headers'
  return new Refusal(400, { code: 9106, message }, 'gateway')
}

function malformedHeader(code: number, message: string): Refusal {
  const error_chain = [{ code, message }]
  return new Refusal(400, { code: 6003, message: 'Invalid request headers', error_chain }, 'gateway')
}
