import { describe, expect, test } from 'vitest'
import type { RecordSeed } from '../emulator.ts'
import { api } from '../testing.ts'

const RECORDS: readonly RecordSeed[] = [
  { type: 'TXT', name: '@', content: 'v=spf1 -all', comment: 'Mail' },
  { type: 'A', name: 'www', content: '192.0.2.1', proxied: true },
  { type: 'A', name: 'www', content: '192.0.2.2', ttl: 600, tags: ['owner:dns'] },
  { type: 'A', name: 'api', content: '192.0.2.3', tags: ['owner:web', 'prod'] },
  { type: 'CNAME', name: 'shop', content: 'shops.example.net' },
]

const zone = api({ zones: [{ name: 'example.com', plan: 'pro', records: RECORDS }] })

async function contents(query: string): Promise<string[]> {
  const { records } = await zone.call('GET', `/zones/${zone.zoneId}/dns_records?${query}`)
  return records.map(({ content }) => content)
}

describe('the order', () => {
  test('is by type, then name, then newest first', async () => {
    expect(await contents('')).toEqual([
      '192.0.2.3',
      '192.0.2.2',
      '192.0.2.1',
      'shops.example.net',
      'v=spf1 -all',
    ])
  })
  test('follows order and direction', async () => {
    expect(await contents('order=content&direction=desc&type=A')).toEqual([
      '192.0.2.3',
      '192.0.2.2',
      '192.0.2.1',
    ])
    expect((await contents('order=name'))[0]).toBe('192.0.2.3')
  })
})

describe('filters', () => {
  test.each([
    ['name=WWW.example.com', 2],
    ['name=www', 0],
    ['name.exact=www.example.com', 2],
    ['name.contains=w.ex', 2],
    ['name.startswith=shop', 1],
    ['name.endswith=.example.com', 4],
    ['content=192.0.2.1', 1],
    ['content.startswith=192.', 3],
    ['type=A', 3],
    ['type=A&name=www.example.com&proxied=true', 1],
    ['type=CNAME&proxied=true&match=any', 2],
    ['name=www.example.com&name=api.example.com&match=any', 3],
    ['name=www.example.com&name=api.example.com', 0],
    ['comment.present=true', 1],
    ['comment.absent=true', 4],
    ['comment.exact=mail', 1],
    ['tag.present=owner', 2],
    ['tag.absent=owner', 3],
    ['tag.exact=owner:dns', 1],
    ['tag.exact=owner:dns&tag.present=prod&tag_match=any', 2],
    ['search=SHOP', 1],
    // Removed in 2025; taken as the literal text they are.
    ['name=contains:www', 0],
    ['name=www.example.com,api.example.com', 0],
  ])('%s finds %i', async (query, count) => {
    expect(await contents(query)).toHaveLength(count)
  })

  test('that the emulator has not got are refused by name', async () => {
    const { status } = await zone.call(
      'GET',
      `/zones/${zone.zoneId}/dns_records?include_shadow_metadata=true`,
    )
    expect(status).toBe(501)
  })
})

describe('pages', () => {
  const info = async (query: string) =>
    (await zone.call('GET', `/zones/${zone.zoneId}/dns_records?${query}`)).json.result_info

  test('count what the filter passes', async () => {
    expect(await info('type=A&per_page=5')).toEqual({
      page: 1,
      per_page: 5,
      count: 3,
      total_count: 3,
      total_pages: 1,
    })
  })
  test('past the last are empty, with 200', async () => {
    expect(await info('page=7')).toMatchObject({ page: 7, count: 0, total_count: 5 })
  })
  test('hold at least 5 and at most 5,000', async () => {
    expect(await info('per_page=1')).toMatchObject({ per_page: 5 })
    expect(await info('per_page=999999')).toMatchObject({ per_page: 5_000 })
  })
  test('together are the whole, each record once', async () => {
    const records = Array.from({ length: 23 }, (_, n) => ({ type: 'A', name: `h${n}`, content: '192.0.2.1' }))
    const many = api({ zones: [{ name: 'example.com', records }] })
    const ids: string[] = []
    for (let page = 1; ; page += 1) {
      const answer = await many.call('GET', `/zones/${many.zoneId}/dns_records?per_page=5&page=${page}`)
      expect(answer.json.result_info?.total_pages).toBe(5)
      if (answer.records.length === 0) break
      ids.push(...answer.records.map(({ id }) => id))
    }
    expect(new Set(ids).size).toBe(23)
    expect(ids).toHaveLength(23)
  })
})
