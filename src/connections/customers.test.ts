import { afterEach, beforeEach, expect, test } from 'vitest'
import { CustomerError } from '#accounts/errors.ts'
import { aName, aValue } from '#dns/testing.ts'
import { codeOf, type House, house } from './testing.ts'

let at: House
beforeEach(async () => {
  at = await house()
})
afterEach(() => at.close())

test('a store is where the platform has it', () => {
  expect(at.anna.targets).toEqual({ ipv4: ['192.0.2.10'], ipv6: [], host: undefined, servesWww: true })
})

test("a customer with targets of their own has none of the platform's beside them", async () => {
  const row = (await at.store.accounts.customer('anna'))!
  await at.store.accounts.changeCustomer({ ...row, ipv6: [aValue('AAAA', '2001:db8::1')], servesWww: false })
  expect((await at.customers.find('anna'))?.targets).toEqual({
    ipv4: [],
    ipv6: ['2001:db8::1'],
    host: undefined,
    servesWww: false,
  })
  await at.store.accounts.changeCustomer({ ...row, host: aName('stores.example.net') })
  expect((await at.customers.find('anna'))?.targets).toMatchObject({ ipv4: [], host: 'stores.example.net' })
})

test('who is not a customer is not found, and has no connection', async () => {
  expect(await at.customers.find('nobody')).toBeUndefined()
  expect(await at.customers.connectionOf('nobody')).toBeUndefined()
})

test('what is known of a connection is kept', async () => {
  const connection = await at.connected()
  const zone = '0a'.repeat(16)
  await at.customers.chooseZone(connection, zone)
  await at.customers.markReviewed(connection)
  const now = at.clock.now()
  expect(await at.customers.markSynced(connection, now)).toEqual({
    ...connection,
    zoneId: zone,
    reviewedAt: now,
    lastSyncAt: now,
  })
  await at.customers.disconnect(at.anna)
  expect(await codeOf(at.customers.markReviewed(connection))).toBe('not-connected')
})

test('of fifty changes at once ten are made; the next one waits for the exact rest of the minute', async () => {
  const asked = Array.from({ length: 50 }, () => codeOf(at.customers.spend('anna', 'change')))
  const answers = await Promise.all(asked)
  expect(answers.filter((answer) => answer === undefined)).toHaveLength(10)
  expect(answers.filter((answer) => answer === 'rate-limited')).toHaveLength(40)
  at.clock.pass(17_500)
  const error: CustomerError = await at.customers.spend('anna', 'change').then(
    () => expect.unreachable('it was allowed'),
    (error) => error,
  )
  expect(error).toBeInstanceOf(CustomerError)
  expect(error.retryAfterSeconds).toBe(43)
  expect(error.message).toBe('You can make 10 changes a minute. Try again in 43 seconds.')
  at.clock.pass(42_500)
  expect(await codeOf(at.customers.spend('anna', 'change'))).toBeUndefined()
})

test('a sync is for once a minute, and counts apart from changes and from other customers', async () => {
  expect(await codeOf(at.customers.spend('anna', 'sync'))).toBeUndefined()
  expect(await codeOf(at.customers.spend('anna', 'sync'))).toBe('rate-limited')
  expect(await codeOf(at.customers.spend('anna', 'change'))).toBeUndefined()
  expect(await codeOf(at.customers.spend('ben', 'sync'))).toBeUndefined()
  at.clock.pass(60_000)
  expect(await codeOf(at.customers.spend('anna', 'sync'))).toBeUndefined()
})
