import { describe, expect, test } from 'vitest'
import type { Variables } from '#config/config.ts'
import { Secret } from '#config/secret.ts'
import type { Permission } from '#emulator/emulator.ts'
import { nameOfCredential } from '#server/build-engine.ts'
import { inspectSqlite } from '#store/sqlite/inspect.ts'
import { openSqliteStore } from '#store/sqlite/open.ts'
import { seededRandom } from '../../../tests/support/world.ts'
import { KEY, openPractice, TOKEN } from './testing.ts'

const practice = openPractice()

describe('the credential', () => {
  const wrongWith = async (change: Variables = {}) => {
    const { code, wrong } = await practice.doctor({ ...change })
    return { code, wrong: wrong.filter((line) => !/^! (database|server|configuration)/.test(line)) }
  }

  test('that Cloudflare does not know', async () => {
    const { code, wrong } = await wrongWith({ CLOUDFLARE_API_TOKEN: 'x'.repeat(40) })
    expect([code, wrong]).toEqual([
      1,
      [expect.stringMatching(/^✗ credential: Cloudflare does not know the API token: .*copy it again/)],
    ])
  })

  test.each(['disabled', 'expired'] as const)('that is %s', async (status) => {
    practice.emulator.emulator.state.changeCredential(TOKEN, { status })
    const { code, wrong } = await wrongWith()
    expect([code, wrong]).toEqual([
      1,
      [expect.stringContaining(`✗ credential: the API token is ${status}; `)],
    ])
  })

  test('that is a token of an account is asked about there', async () => {
    await practice.startCloudflare({ credentials: [{ kind: 'token', token: TOKEN, accountOwned: true }] })
    expect((await practice.doctor()).lines).toContain('✓ credential: the API token of an account is active.')
  })

  test('that is an API key, good or not', async () => {
    const key = { CLOUDFLARE_API_TOKEN: undefined, CLOUDFLARE_API_KEY: KEY }
    const { lines } = await practice.doctor({ ...key, CLOUDFLARE_EMAIL: 'owner@example.com' })
    expect(lines).toContain('✓ credential: Cloudflare takes the API key.')
    const { code, wrong } = await wrongWith({ ...key, CLOUDFLARE_EMAIL: 'other@example.com' })
    expect([code, wrong]).toEqual([
      1,
      [expect.stringMatching(/^✗ credential: Cloudflare refuses the API key: /)],
    ])
  })

  test('that may list no zones, and one that may not edit', async () => {
    const may = (...permissions: readonly Permission[]) =>
      practice.emulator.emulator.state.changeCredential(TOKEN, { permissions })
    may('dns:edit')
    expect(await wrongWith()).toEqual({
      code: 1,
      wrong: [expect.stringMatching(/^✗ permissions: the token may list no zones: .*Zone → Zone → Read/)],
    })
    may('zone:read', 'dns:read')
    expect((await wrongWith()).wrong).toEqual(
      ['example.com', 'example.net'].map(
        (zone) =>
          `✗ permissions: ${zone} has records that may be read, and not edited; give the credential Zone → DNS → Edit.`,
      ),
    )
  })

  test('that sees no zone', async () => {
    practice.emulator.emulator.state.changeCredential(TOKEN, { zones: [] })
    expect(await wrongWith()).toEqual({
      code: 1,
      wrong: [expect.stringMatching(/^✗ zones: the credential sees none; /)],
    })
  })

  test('that is blocked by what servers wrote down is not used', async () => {
    const { path } = practice
    await practice.migrate()
    const store = await openSqliteStore({ path, random: seededRandom(1), now: Date.now })
    const name = nameOfCredential({ kind: 'token', token: new Secret(TOKEN) })
    const left = { people: 0, machines: 0, background: 0 }
    const budget = { left, at: Date.now(), blockedUntil: Date.now() + 200_000 }
    await store.changeBudget(name, () => ({ budget, answer: undefined }))
    await store.close()
    const { code, wrong } = await wrongWith()
    expect([code, wrong]).toEqual([
      0,
      [expect.stringMatching(/^! call budget: Cloudflare takes no calls until 20/)],
    ])
    expect(practice.emulator.emulator.state.calls(TOKEN)).toEqual([])
    expect(inspectSqlite(path)?.budgets.get(name)).toEqual(budget)
  })

  test('that Cloudflare itself blocks', async () => {
    await practice.startCloudflare({ quota: 1 })
    expect((await wrongWith()).wrong).toContainEqual(
      expect.stringMatching(/^! call budget: Cloudflare could not be asked: .*status 429.*wait five minutes/),
    )
  })
})
