import { describe, expect, test } from 'vitest'
import { createEmulator } from './emulator.ts'
import { api, TOKEN } from './testing.ts'

describe('the envelope', () => {
  test('a created record comes back with status 200, keys in the order of the wire', async () => {
    const { call, zoneId } = api()
    const { status, text } = await call('POST', `/zones/${zoneId}/dns_records`, {
      type: 'A',
      name: 'WWW',
      content: '192.0.2.1',
    })
    expect(status).toBe(200)
    expect(text).toMatch(
      /^\{"result":\{"id":"[0-9a-f]{32}","name":"www\.example\.com","type":"A","content":"192\.0\.2\.1","proxiable":true,"proxied":false,"ttl":1,"settings":\{\},"meta":\{\},"comment":null,"tags":\[\],"created_on":"[^"]+Z","modified_on":"[^"]+Z"\},"success":true,"errors":\[\],"messages":\[\]\}$/,
    )
  })
})

test('the same seed gives the same ids', async () => {
  const ids = async (seed: number) => {
    const { state } = createEmulator({ seed, zones: [{ name: 'example.com' }] })
    return [
      state.zones()[0]?.id,
      state.addRecord('example.com', { type: 'A', name: '@', content: '192.0.2.1' }).id,
    ]
  }
  expect(await ids(7)).toEqual(await ids(7))
  expect(await ids(7)).not.toEqual(await ids(8))
})

test('a token is a token', () => expect(TOKEN.length).toBeGreaterThanOrEqual(40))
