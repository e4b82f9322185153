import { afterEach, beforeEach, expect, test } from 'vitest'
import { TransportError } from '#providers/cloudflare/transport.ts'
import { codeOf, type House, house, SESSION, TOKENS } from './testing.ts'

let at: House
beforeEach(async () => {
  at = await house()
})
afterEach(() => at.close())

const revocations = () => at.sent.filter((line) => line.endsWith('/revoke')).length

test('what was granted ends at Cloudflare, and is gone here', async () => {
  await at.connected()
  expect(await at.customers.disconnect(at.anna)).toEqual({ revoked: 'yes' })
  expect(await at.customers.connectionOf('anna')).toBeUndefined()
  expect(at.emulator.state.grants()).toMatchObject([{ ended: true }])
  expect(revocations()).toBe(2)
})

test('a token that was pasted is forgotten; to delete it is up to its owner', async () => {
  await at.customers.connectByToken(at.anna, TOKENS.user)
  expect(await at.customers.disconnect(at.anna)).toEqual({ revoked: 'not-ours-to-revoke' })
  expect(await at.row()).toBeUndefined()
  expect(revocations()).toBe(0)
})

test('Cloudflare may be down: three tries, and everything is gone here all the same', async () => {
  await at.connected()
  at.way = async () => {
    throw new TransportError('connect', false)
  }
  expect(await at.customers.disconnect(at.anna)).toEqual({ revoked: 'no' })
  expect(revocations()).toBe(3)
  expect(await at.row()).toBeUndefined()
})

test('Cloudflare may be silent: it is waited for no longer than five seconds', async () => {
  await at.connected()
  at.way = () => new Promise(() => {})
  const startedAt = at.clock.now()
  expect(await at.customers.disconnect(at.anna)).toEqual({ revoked: 'no' })
  expect(at.clock.now() - startedAt).toBe(5_000)
  expect(await at.row()).toBeUndefined()
})

test('a second try is enough', async () => {
  await at.connected()
  at.emulator.faults.script([{ fault: 'F5', route: 'revoke' }])
  expect(await at.customers.disconnect(at.anna)).toEqual({ revoked: 'yes' })
})

test('tokens that cannot be read are deleted, and it is said that nothing was revoked', async () => {
  await at.connected()
  const stranger = at.replica({ secretKeys: ['another key of thirty-two octets'] })
  expect(await stranger.disconnect(at.anna)).toEqual({ revoked: 'no' })
  expect(await at.row()).toBeUndefined()
})

test('what is renewed while it is revoked ends, too', async () => {
  await at.connected()
  const { way } = at
  let isRenewed = false
  at.way = async (request) => {
    const reply = await way(request)
    if (request.url.endsWith('/revoke') && !isRenewed) {
      isRenewed = true
      const hold = { connectionId: (await at.row())!.id, owner: 'another process', version: 1 }
      await at.store.accounts.holdRefresh(hold, at.clock.now(), at.clock.now() + 1_000)
      const { accessToken, refreshToken, expiresAt, scope } = (await at.row())!
      await at.store.accounts.keepTokens(hold, { accessToken, refreshToken, expiresAt, scope })
    }
    return reply
  }
  expect(await at.customers.disconnect(at.anna)).toEqual({ revoked: 'yes' })
  expect(revocations()).toBe(4)
})

test('of two connections that are made at once one stays, and the other one ends at Cloudflare', async () => {
  await at.connected()
  const callbacks = [await at.consented(), await at.consented()]
  await Promise.all(callbacks.map((callback) => at.customers.finishOAuth(at.anna, SESSION, callback)))
  expect(at.emulator.state.grants().filter(({ ended }) => !ended)).toHaveLength(1)
})

test("cache and plans of this customer go with it, and nobody else's", async () => {
  await at.connected()
  await at.connected(at.ben)
  await at.customers.disconnect(at.anna)
  expect(await at.row(at.ben)).toBeDefined()
  expect(await codeOf(at.customers.disconnect(at.anna))).toBe('not-connected')
})
