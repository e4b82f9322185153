import { describe, expect, test } from 'vitest'
import { api } from '../testing.ts'

const estate = api({
  zones: [
    { name: 'example.net', status: 'pending', account: { name: 'Second' } },
    { name: 'example.com', plan: 'pro' },
    { name: 'example.org', type: 'internal' },
  ],
})

async function names(query: string): Promise<string[]> {
  const { json } = await estate.call('GET', `/zones?${query}`)
  return (json.result as { name: string }[]).map(({ name }) => name)
}

describe('the list of zones', () => {
  const account = estate.emulator.state.zones()[0]!.accountId
  test.each([
    ['', ['example.com', 'example.net']],
    ['direction=desc', ['example.net', 'example.com']],
    ['name=example.com', ['example.com']],
    ['name=example', []],
    ['name=contains:ple.n', ['example.net']],
    ['name=ends_with:.com', ['example.com']],
    ['status=active', ['example.com']],
    ['status=active&status=pending&match=any', ['example.com', 'example.net']],
    ['account.name=Second', []],
    ['account.name=equal:second', ['example.net']],
    [`account.id=${account}`, ['example.net']],
    ['type=full,internal', ['example.com', 'example.net', 'example.org']],
    ['type=internal', ['example.org']],
    ['page=2', []],
  ])('%s', async (query, expected) => {
    expect(await names(query)).toEqual(expected)
  })

  test('takes 100 a page, as seen, and no more', async () => {
    const perPage = async (query: string) =>
      (await estate.call('GET', `/zones?${query}`)).json.result_info?.per_page
    expect([await perPage(''), await perPage('per_page=100'), await perPage('per_page=500')]).toEqual([
      20, 100, 100,
    ])
  })
})

test('a zone shows plan, name servers and account, and no activation while it is pending', async () => {
  const { json } = await estate.call('GET', `/zones/${estate.zoneId}`)
  expect(json.result).toMatchObject({
    name: 'example.net',
    status: 'pending',
    activated_on: null,
    paused: false,
    name_servers: ['ada.ns.example.org', 'bob.ns.example.org'],
    account: { name: 'Second' },
    plan: { id: '0feeeeeeeeeeeeeeeeeeeeeeeeeeeeee', legacy_id: 'free' },
  })
})
