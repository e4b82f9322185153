import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { CloudflareError } from '#providers/cloudflare/errors.ts'
import { TransportError } from '#providers/cloudflare/transport.ts'
import type { Connection, Customers } from './customers.ts'
import { HOURS, type House, house, KEY, TOKENS } from './testing.ts'

let at: House
beforeEach(async () => {
  at = await house()
})
afterEach(() => at.close())

/** `2`: so many zones; `unauthorised` and the like otherwise. */
async function zones(connection: Connection, customers: Customers = at.customers): Promise<number | string> {
  return customers
    .cloudflareOf(connection)
    .listZones('people')
    .then(
      (all) => all.length,
      (error: CloudflareError) => error.kind,
    )
}

const refreshesSent = () => at.sent.filter((line) => line.endsWith('refresh_token')).length
const status = async () => (await at.row())?.status

describe('a grant by OAuth', () => {
  test('is used as it is until its last minute, and renewed in that', async () => {
    const connection = await at.connected()
    at.clock.pass(HOURS(16) - 61_000)
    expect(await zones(connection)).toBe(2)
    expect(refreshesSent()).toBe(0)
    at.clock.pass(2_000)
    expect(await zones(connection)).toBe(2)
    expect(refreshesSent()).toBe(1)
    expect(await zones(connection)).toBe(2)
    expect(refreshesSent()).toBe(1)
    expect(at.refreshes).toEqual(['refreshed'])
    const row = (await at.row())!
    expect(row).toMatchObject({ tokenVersion: 2, status: 'active' })
    expect(JSON.stringify(row)).not.toMatch(/cfoat_|cfort_/)
  })

  test('goes on for weeks, each refresh token used once', async () => {
    const connection = await at.connected()
    for (let day = 0; day < 28; day += 1) {
      at.clock.pass(HOURS(24))
      expect(await zones(connection)).toBe(2)
    }
    expect(at.refreshes).toEqual(Array(28).fill('refreshed'))
  })

  test('is renewed once, however many ask at once in however many processes', async () => {
    const connection = await at.connected()
    const others = [at.customers, at.replica(), at.replica(), at.replica()]
    at.clock.pass(HOURS(17))
    const asked = Array.from({ length: 20 }, (_, index) => zones(connection, others[index % 4]))
    expect(await Promise.all(asked)).toEqual(Array(20).fill(2))
    expect(refreshesSent()).toBe(1)
  })

  test('is renewed once after a refusal, and the call is carried again', async () => {
    const connection = await at.connected()
    at.clock.pass(HOURS(1))
    const { access } = await tokens(at)
    at.emulator.state.changeCredential(access, { status: 'revoked' })
    expect(await zones(connection)).toBe(2)
    expect(refreshesSent()).toBe(1)
  })

  test('that another process has renewed meanwhile is not renewed again', async () => {
    const connection = await at.connected()
    const other = at.replica()
    at.clock.pass(HOURS(1))
    const { access } = await tokens(at)
    const { way } = at
    at.way = async (request) => {
      at.way = way
      // The call is on its way with the token of before, as the other one renews it.
      at.emulator.state.changeCredential(access, { status: 'revoked' })
      expect(await zones(connection, other)).toBe(2)
      return way(request)
    }
    expect(await zones(connection)).toBe(2)
    expect(refreshesSent()).toBe(1)
  })

  test('that was refused in passing is not ended by it', async () => {
    const connection = await at.connected()
    for (let minute = 0; minute < 5; minute += 1) {
      at.clock.pass(61_000)
      at.emulator.faults.script([{ fault: 'F21', route: 'zones' }])
      expect(await zones(connection)).toBe(2)
    }
    at.emulator.faults.script([{ fault: 'F21', route: 'zones' }])
    expect(await zones(connection)).toBe(2)
    expect(await status()).toBe('active')
  })

  test('that its owner took back has to be given again', async () => {
    const connection = await at.connected()
    at.clock.pass(HOURS(1))
    at.emulator.state.revokeGrant(at.emulator.state.grants()[0]!.id)
    expect(await zones(connection)).toBe('unauthorised')
    expect(await status()).toBe('reconnect_required')
    const before = at.sent.length
    expect(await zones(connection)).toBe('unauthorised')
    expect(at.sent).toHaveLength(before)
    expect(at.refreshes).toEqual(['refused'])
  })

  test('is not ended by a token endpoint that is down; its last minute is used up meanwhile', async () => {
    const connection = await at.connected()
    const always = Number.POSITIVE_INFINITY
    at.emulator.faults.script([{ fault: 'F26', phase: 'before-commit', form: '429', times: always }])
    at.clock.pass(HOURS(16) - 30_000)
    expect(await zones(connection)).toBe(2)
    at.clock.pass(31_000)
    expect(await zones(connection)).toBe('unreachable')
    expect(refreshesSent()).toBe(2)
    expect(await zones(connection)).toBe('unreachable')
    expect(refreshesSent()).toBe(2)
    expect(await status()).toBe('active')
    at.emulator.faults.clear()
    at.clock.pass(5_000)
    expect(await zones(connection)).toBe(2)
    expect(at.refreshes).toEqual(['failed', 'failed', 'refreshed'])
  })

  test('whose renewal was lost on its way has to be given again, and nobody is told a lie before', async () => {
    const connection = await at.connected()
    at.clock.pass(HOURS(17))
    at.emulator.faults.script([{ fault: 'F24', form: 'reset' }])
    expect(await zones(connection)).toBe('unreachable')
    expect(await status()).toBe('active')
    at.clock.pass(5_000)
    expect(await zones(connection)).toBe('unauthorised')
    expect(await status()).toBe('reconnect_required')
  })

  test('is not ended by a client secret of ours that is wrong', async () => {
    const connection = await at.connected()
    const { way } = at
    at.way = (request) =>
      way({ ...request, ...(request.body && { body: request.body.replace('secret', 'x') }) })
    at.clock.pass(HOURS(17))
    expect(await zones(connection)).toBe('unreachable')
    expect(await status()).toBe('active')
    expect(at.logged).toContain('refreshing an OAuth grant failed; retrying')
  })

  test('that a process died with in its hands is renewed by another one', async () => {
    const connection = await at.connected()
    at.clock.pass(HOURS(17))
    const hold = { connectionId: connection.id, owner: 'dead', version: 1 }
    await at.store.accounts.holdRefresh(hold, at.clock.now(), at.clock.now() + 10_000)
    expect(await zones(connection)).toBe(2)
  })

  test('that cannot be unsealed has to be given again', async () => {
    const connection = await at.connected()
    const stranger = at.replica({ secretKeys: [KEY.toUpperCase()] })
    expect(await zones(connection, stranger)).toBe('unauthorised')
    expect(await status()).toBe('reconnect_required')
  })

  test("of another customer's row opens nothing", async () => {
    const [own, others] = [await at.connected(), await at.connected(at.ben)]
    const theirs = (await at.row(at.ben))!
    const row = (await at.row())!
    await at.store.accounts.resealTokens(row, theirs)
    expect(await zones(own)).toBe('unauthorised')
    expect(await zones(others)).toBe(2)
  })

  test("is nothing in another customer's hands, though they know its id", async () => {
    const connection = await at.connected()
    expect(await zones(connection)).toBe(2)
    expect(await zones({ ...connection, customerId: 'ben' })).toBe('unauthorised')
    expect(await status()).toBe('active')
  })

  test('that was disconnected is good for nothing, for who has it in hand as well', async () => {
    const connection = await at.connected()
    await at.customers.disconnect(at.anna)
    expect(await zones(connection)).toBe('unauthorised')
  })

  test('that is renewed while it is disconnected leaves nothing behind', async () => {
    const connection = await at.connected()
    at.clock.pass(HOURS(17))
    const { way } = at
    at.way = async (request) => {
      const reply = await way(request)
      // Between the answer and the row: the connection goes.
      if (request.body?.includes('grant_type=refresh_token'))
        await at.store.accounts.removeConnection('anna', connection.id)
      return reply
    }
    expect(await zones(connection)).toBe('unauthorised')
    expect(at.emulator.state.grants()).toMatchObject([{ ended: true }])
    expect(await at.row()).toBeUndefined()
  })
})

describe('a grant by token', () => {
  let connection: Connection
  beforeEach(async () => {
    connection = await at.customers.connectByToken(at.anna, TOKENS.user)
    at.clock.pass(61_000)
  })

  test('is asked about when it is refused, and kept if it is good', async () => {
    at.emulator.faults.script([{ fault: 'F21', route: 'zones' }])
    expect(await zones(connection)).toBe(2)
    expect(await status()).toBe('active')
  })

  test('has to be given again when Cloudflare says three times that there is none', async () => {
    at.emulator.state.changeCredential(TOKENS.user, { status: 'revoked' })
    const before = at.sent.length
    expect(await zones(connection)).toBe('unauthorised')
    expect(await status()).toBe('reconnect_required')
    expect(at.sent.slice(before).filter((line) => line.endsWith('verify'))).toHaveLength(3)
  })

  test('is not ended while nobody can be asked about it', async () => {
    at.emulator.state.changeCredential(TOKENS.user, { status: 'revoked' })
    const { way } = at
    at.way = async (request) => {
      if (request.url.endsWith('verify')) throw new TransportError('timeout', true)
      return way(request)
    }
    expect(await zones(connection)).toBe('unauthorised')
    expect(await status()).toBe('active')
  })

  test('of an account is asked about there', async () => {
    connection = await at.customers.connectByToken(at.anna, TOKENS.account)
    at.clock.pass(61_000)
    at.emulator.faults.script([{ fault: 'F21', route: 'zones' }])
    expect(await zones(connection)).not.toBe('unauthorised')
    expect(at.sent.some((line) => /\/accounts\/[0-9a-f]{32}\/tokens\/verify$/.test(line))).toBe(true)
    expect(await status()).toBe('active')
  })
})

test('each connection has a budget of its own, named by a hash', async () => {
  const [one, two] = [await at.connected(), await at.connected(at.ben)]
  const names = [one, two].map((connection) => at.customers.cloudflareOf(connection).credential)
  expect(new Set(names).size).toBe(2)
  for (const name of names) expect(name).toMatch(/^[0-9a-f]{8}$/)
  expect(at.customers.cloudflareOf(one)).toBe(at.customers.cloudflareOf({ ...one }))
})

async function tokens(at: House): Promise<{ access: string }> {
  const seen: string[] = []
  const { way } = at
  at.way = async (request) => {
    seen.push(request.headers.Authorization?.replace('Bearer ', '') ?? '')
    return way(request)
  }
  await at.customers.cloudflareOf((await at.customers.connectionOf('anna'))!).listZones('people')
  at.way = way
  return { access: seen[0]! }
}
