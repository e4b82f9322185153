import { afterEach, beforeEach, expect, test } from 'vitest'
import { aName } from '#dns/testing.ts'
import { openSqliteStore } from '#store/sqlite/open.ts'
import type { Store } from '#store/store.ts'
import { seededRandom } from '../../tests/support/world.ts'
import { CustomerError } from './errors.ts'
import { createPasswords, LONGEST_PASSWORD, type Passwords } from './passwords.ts'
import { signIn } from './sign-in.ts'

const NOON = Date.parse('2026-08-01T12:00:00Z')
const MINUTE_MS = 60_000
const PASSWORD = 'correct horse battery staple'

let store: Store
let passwords: Passwords
let now: number
let asked: (string | null)[]

beforeEach(async () => {
  now = NOON
  asked = []
  store = await openSqliteStore({
    path: ':memory:',
    random: seededRandom(1),
    now: () => now,
    bootId: undefined,
  })
  const real = createPasswords()
  passwords = {
    ...real,
    async matches(password, hash) {
      asked.push(hash)
      return real.matches(password, hash)
    },
  }
  await store.accounts.addCustomer({
    id: 'anna',
    email: 'anna@example.com',
    passwordHash: await real.hash(PASSWORD),
    domain: aName('example.com'),
    ipv4: [],
    ipv6: [],
    host: null,
    servesWww: null,
    createdAt: NOON,
  })
})
afterEach(() => store.close())

/** Accounts whose owners are told of a wrong password. */
let guessed: string[] = []
beforeEach(() => {
  guessed = []
})

async function attempt(email: string, password: string, address = '192.0.2.1'): Promise<string> {
  const clock = { now: () => now, sleep: async () => {} }
  try {
    const onWrongPassword = ({ id }: { id: string }) => void guessed.push(id)
    const parts = { store: store.accounts, limits: store, passwords, clock, onWrongPassword }
    const { id } = await signIn({ email, password, address }, parts)
    return id
  } catch (error) {
    if (!(error instanceof CustomerError)) throw error
    return `${error.code} ${error.retryAfterSeconds ?? ''}: ${error.message}`
  }
}

const WRONG = 'wrong-credentials : The e-mail address or the password is wrong.'

test('the right password signs in, however the address is written', async () => {
  expect(await attempt('anna@example.com', PASSWORD)).toBe('anna')
  expect(await attempt(' Anna@Example.COM ', PASSWORD)).toBe('anna')
})

test('an unknown account is told what a wrong password is told, after the same work', async () => {
  expect(await attempt('anna@example.com', 'wrong')).toBe(WRONG)
  expect(await attempt('nobody@example.com', 'wrong')).toBe(WRONG)
  const cost = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/
  expect(asked).toEqual([expect.stringMatching(cost), null])
  expect(guessed).toEqual(['anna'])
  expect(await passwords.matches('anything', null)).toBe(false)
})

test('an empty password, or one that no account can have, is wrong', async () => {
  expect(await attempt('anna@example.com', '')).toBe(WRONG)
  expect(await attempt('anna@example.com', 'x'.repeat(LONGEST_PASSWORD + 1))).toBe(WRONG)
  const empty = await passwords.hash('')
  expect(await passwords.matches('x'.repeat(LONGEST_PASSWORD + 1), empty)).toBe(false)
})

test('letters that are composed on one keyboard and not on another are the same', async () => {
  const hash = await passwords.hash('caf\u00e9 au lait')
  expect(await passwords.matches('cafe\u0301 au lait', hash)).toBe(true)
})

test('the sixth wrong attempt in a quarter of an hour waits, for accounts that are and that are not', async () => {
  for (const email of ['anna@example.com', 'nobody@example.com']) {
    now = NOON
    for (let index = 0; index < 5; index += 1) {
      expect(await attempt(email, 'wrong')).toBe(WRONG)
      now += MINUTE_MS
    }
    expect(await attempt(email, PASSWORD)).toBe(
      'rate-limited 600: Too many attempts to sign in. Try again in 10 minutes.',
    )
    now += 10 * MINUTE_MS
    expect(await attempt(email, 'wrong')).toBe(WRONG)
  }
})

test('attempts that succeed are not counted', async () => {
  for (let index = 0; index < 12; index += 1) expect(await attempt('anna@example.com', PASSWORD)).toBe('anna')
})

test('the thirty-first wrong attempt from one place waits, whatever the account', async () => {
  for (let index = 0; index < 30; index += 1)
    expect(await attempt(`a${index}@example.com`, 'wrong')).toBe(WRONG)
  expect(await attempt('anna@example.com', PASSWORD)).toMatch(/^rate-limited 900/)
  expect(await attempt('anna@example.com', PASSWORD, '192.0.2.2')).toBe('anna')
})

test('a network of IPv6 is one place', async () => {
  for (let index = 0; index < 30; index += 1)
    await attempt(`a${index}@example.com`, 'wrong', `2001:db8:0:1::${index.toString(16)}`)
  expect(await attempt('anna@example.com', PASSWORD, '2001:db8:0:1:ffff:1:2:3')).toMatch(/^rate-limited/)
  expect(await attempt('anna@example.com', PASSWORD, '2001:db8::1')).toBe('anna')
  expect(await attempt('anna@example.com', PASSWORD, '2001:db8:0:2::1')).toBe('anna')
})

test('of fifty attempts at once on one account five are heard', async () => {
  const attempts = Array.from({ length: 50 }, (_, index) =>
    attempt('anna@example.com', 'wrong', `192.0.2.${index}`),
  )
  expect((await Promise.all(attempts)).filter((answer) => answer === WRONG)).toHaveLength(5)
})

test('when too many wait for their password to be checked, the next is asked to come back', async () => {
  const busy: Passwords = { hash: passwords.hash, matches: async () => undefined }
  passwords = busy
  expect(await attempt('anna@example.com', PASSWORD)).toBe(
    'rate-limited 2: Many people are signing in. Try again in 2 seconds.',
  )
})
