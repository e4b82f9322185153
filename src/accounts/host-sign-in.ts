import { createHash } from 'node:crypto'
import { errors, type JWTPayload, jwtVerify } from 'jose'
import { z } from 'zod'
import { parseHost } from '#dns/host.ts'
import { parseName } from '#dns/name.ts'
import { describeProblem, type Parsed } from '#dns/problems.ts'
import { parseValue, type Value } from '#dns/value.ts'
import type { Clock, Random } from '#platform/ports.ts'
import type { AccountStore, CustomerRow } from '#store/accounts.ts'
import { CustomerError } from './errors.ts'
import { emailOf } from './sign-in.ts'

export interface HostSignInParts {
  readonly store: AccountStore
  readonly nonces: { claimNonce(caller: string, nonce: string, expiresAt: number): Promise<boolean> }
  readonly clock: Clock
  readonly random: Random
}

/** A token is for one sign-in, and made for it: it lives this long at most (s). */
export const LONGEST_LIFE_S = 300
/** Between the host platform's clock and ours (s). */
const CLOCK_SKEW_S = 5

/**
 * The customer that the host platform sends, made or brought up to date: they are known by issuer and subject, and what
 * the token does not name stays as it is. The token is a JWT (RFC 7519), HS256 under a secret that both share, for the
 * audience `zonewright`, and good once. Throws `host-token-invalid`, or `email-taken` if another customer has the address.
 *
 *     { "iss": "https://host.example.com", "sub": "42", "aud": "zonewright", "exp": …, "jti": "…",
 *       "email": "owner@example.com", "domain": "shop.example.com", "target_ipv4": ["192.0.2.1"], "serves_www": true }
 */
export async function signInFromHost(
  token: string,
  secret: string,
  { store, nonces, clock, random }: HostSignInParts,
): Promise<CustomerRow> {
  const now = clock.now()
  const claims = claimsIn(await verified(token, secret, now), now)
  // Last of all checks, so that a forged token cannot use up the id of a real one.
  const once = createHash('sha256').update(`${claims.iss} ${claims.jti}`).digest('hex')
  const isFirst = await nonces.claimNonce('host sign-in', once, (claims.exp + CLOCK_SKEW_S) * 1000)
  if (!isFirst) throw invalid('it was used before')

  const identity = { issuer: claims.iss, subject: claims.sub }
  const known = await store.customerByIdentity(identity)
  if (known !== undefined) return updated(known, claims, store)
  const customer = {
    id: random.hex(16),
    passwordHash: null,
    createdAt: now,
    ...{ ipv4: [], ipv6: [], host: null, servesWww: null },
    ...fieldsOf(claims),
  }
  if (await store.addCustomer(customer, identity)) return customer
  // Two sign-ins at once may both have found nobody.
  const other = await store.customerByIdentity(identity)
  if (other === undefined) throw emailTaken(claims.email)
  return updated(other, claims, store)
}

async function updated(before: CustomerRow, claims: Claims, store: AccountStore): Promise<CustomerRow> {
  const after = { ...before, ...fieldsOf(claims) }
  if (!(await store.changeCustomer(after))) throw emailTaken(claims.email)
  return after
}

async function verified(token: string, secret: string, now: number): Promise<JWTPayload> {
  const key = new TextEncoder().encode(secret)
  const rules = {
    algorithms: ['HS256'],
    audience: 'zonewright',
    requiredClaims: ['iss', 'sub', 'exp', 'jti'],
    currentDate: new Date(now),
    clockTolerance: CLOCK_SKEW_S,
  }
  try {
    return (await jwtVerify(token, key, rules)).payload
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw invalid('it has expired')
    if (error instanceof errors.JOSEError) throw invalid('its signature or its claims are not right')
    throw error
  }
}

const text = z.string().min(1).max(255)
const several = z.union([text.transform((one) => [one]), z.array(text).max(20)])

const claimsBody = z.object({
  iss: text,
  sub: text,
  jti: text,
  exp: z.number(),
  email: z
    .string()
    .max(254)
    .regex(/^[^\s@]+@[^\s@]+$/),
  domain: text,
  target_ipv4: several.optional(),
  target_ipv6: several.optional(),
  target_host: text.optional(),
  serves_www: z.boolean().optional(),
})
type Claims = z.infer<typeof claimsBody>

function claimsIn(payload: JWTPayload, now: number): Claims {
  const parsed = claimsBody.safeParse(payload)
  if (!parsed.success)
    throw invalid(`its claim ${String(parsed.error.issues[0]?.path[0])} is missing or unusable`)
  if (parsed.data.exp > now / 1000 + LONGEST_LIFE_S + CLOCK_SKEW_S) {
    throw invalid(`it is good for more than ${LONGEST_LIFE_S} seconds`)
  }
  return parsed.data
}

function fieldsOf(claims: Claims) {
  const addresses = (type: 'A' | 'AAAA', texts: readonly string[]): Value[] =>
    texts.map((one) => usable(parseValue(type, one, { mxPriority: 0 })))
  return {
    email: emailOf(claims.email),
    domain: usable(parseName(claims.domain, 'domain')),
    ...(claims.target_ipv4 && { ipv4: addresses('A', claims.target_ipv4) }),
    ...(claims.target_ipv6 && { ipv6: addresses('AAAA', claims.target_ipv6) }),
    ...(claims.target_host !== undefined && {
      host: usable(parseHost(claims.target_host, { underscores: true }, 'target_host')),
    }),
    ...(claims.serves_www !== undefined && { servesWww: claims.serves_www }),
  }
}

function usable<T>(parsed: Parsed<T>): T {
  if (parsed.ok) return parsed.value
  throw invalid(parsed.problems.map(describeProblem).join(' '))
}

/** The reason is for the platform's engineer; it holds nothing of the token but what is plainly wrong with it. */
function invalid(reason: string): CustomerError {
  const message =
    'This link has expired, was used before, or is not right. Go back and open your domains from there again.'
  return new CustomerError('host-token-invalid', message, { details: { reason } })
}

function emailTaken(email: string): CustomerError {
  return new CustomerError(
    'email-taken',
    `There is an account for ${emailOf(email)} already. Sign in with its password.`,
  )
}
