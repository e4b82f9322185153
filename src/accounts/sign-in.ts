import { createHash } from 'node:crypto'
import type { Clock } from '#platform/ports.ts'
import type { AccountStore, CustomerRow } from '#store/accounts.ts'
import type { Limit, Limits } from '#store/coordination.ts'
import { CustomerError } from './errors.ts'
import type { Passwords } from './passwords.ts'
import { orWait } from './spend.ts'

export interface SignInParts {
  readonly store: AccountStore
  readonly limits: Limits
  readonly passwords: Passwords
  readonly clock: Clock
  /** Takes no time that anybody could measure. */
  readonly onWrongPassword: (customer: CustomerRow) => void
}

/**
 * The customer with this e-mail address and password. Attempts are counted before anything is looked up, by address of
 * the browser and by account; one that succeeds is given back. Throws `wrong-credentials` and `rate-limited`, which do
 * not tell whether there is such an account, by their words or by their time.
 */
export async function signIn(
  given: { email: string; password: string; address: string },
  { store, limits: counts, passwords, clock, onWrongPassword }: SignInParts,
): Promise<CustomerRow> {
  const email = emailOf(given.email)
  const now = clock.now()
  const limits = [
    limitOf('sign-in-address', networkOf(given.address), 30),
    limitOf('sign-in-account', email, 5),
  ]
  // The browser's first: whoever has used up their own attempts cannot use up those of others' accounts.
  for (const limit of limits) orWait(await counts.spend(limit, now), 'Too many attempts to sign in.')

  const customer = await store.customerByEmail(email)
  const matches = await passwords.matches(given.password, customer?.passwordHash ?? null)
  if (matches === undefined) orWait({ ok: false, waitMs: 2_000 }, 'Many people are signing in.')
  if (customer === undefined || !matches) {
    if (customer !== undefined) onWrongPassword(customer)
    throw new CustomerError('wrong-credentials', 'The e-mail address or the password is wrong.')
  }
  for (const limit of limits) await counts.giveBack(limit, now)
  return customer
}

/** As accounts are known: without blanks around it, in lower case. */
export function emailOf(text: string): string {
  return text.trim().toLowerCase()
}

const WINDOW_MS = 15 * 60_000

/** Hashed: what somebody typed wrongly, maybe their password, is not kept. */
function limitOf(kind: string, who: string, most: number): Limit {
  const subject = createHash('sha256').update(who).digest('hex')
  return { kind, subject, customerId: null, most, windowMs: WINDOW_MS }
}

/** An IPv6 customer has a network of 2^64 addresses at least (RFC 6177): it counts as one. */
function networkOf(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address
  const [head = '', tail] = address.split('::')
  const groups = head.split(':')
  const missing = tail === undefined ? 0 : 8 - groups.length - tail.split(':').length
  return [...groups, ...Array<string>(Math.max(0, missing)).fill('0'), ...(tail?.split(':') ?? [])]
    .slice(0, 4)
    .join(':')
}
