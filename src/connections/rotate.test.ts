import { afterEach, beforeEach, expect, test } from 'vitest'
import { rotate } from './rotate.ts'
import { createSeals } from './seals.ts'
import { type House, house, KEY, TOKENS } from './testing.ts'

const NEXT = 'the next key of thirty-two octets'

let at: House
beforeEach(async () => {
  at = await house()
  await at.connected()
  await at.customers.connectByToken(at.ben, TOKENS.user)
})
afterEach(() => at.close())

const seals = (...keys: string[]) => createSeals(keys, at.clock.now)

test('after a rotation the current key is enough, and the old one is of no use', async () => {
  expect(await rotate(at.store.accounts, seals(NEXT, KEY))).toEqual({
    sealed: 2,
    wereSealed: 0,
    unreadable: 0,
  })
  expect(await rotate(at.store.accounts, seals(NEXT))).toEqual({ sealed: 0, wereSealed: 2, unreadable: 0 })
  expect(await rotate(at.store.accounts, seals(KEY))).toEqual({ sealed: 0, wereSealed: 0, unreadable: 2 })
  const next = at.replica({ secretKeys: [NEXT] })
  for (const customer of [at.anna, at.ben]) {
    const connection = (await next.connectionOf(customer.id))!
    expect(await next.cloudflareOf(connection).listZones('people')).toHaveLength(2)
  }
})

test('a refresh during a rotation is not undone by it', async () => {
  const { accounts } = at.store
  let isFirst = true
  const busy = {
    ...accounts,
    async resealTokens(...given: Parameters<typeof accounts.resealTokens>) {
      if (isFirst) {
        isFirst = false
        at.clock.pass(17 * 3_600_000)
        // Both are renewed, or used, by a process with the old key.
        for (const id of ['anna', 'ben'])
          await at.customers.cloudflareOf((await at.customers.connectionOf(id))!).listZones('people')
      }
      return accounts.resealTokens(...given)
    },
  }
  expect(await rotate(busy, seals(NEXT, KEY))).toMatchObject({ sealed: 2, unreadable: 0 })
  expect(await rotate(accounts, seals(NEXT))).toMatchObject({ wereSealed: 2 })
  expect(await at.row()).toMatchObject({ tokenVersion: 2 })
})
