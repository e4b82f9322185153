import { describe, expect, test } from 'vitest'
import type { PlainReply } from '../emulator.ts'
import { ALL_SCOPES, answerIn, CALLBACK, cookieOf, fieldsOf, type Office, office, textOf } from './testing.ts'

/** Sends the page's form as a browser would, with what the person changed in it. */
async function submit(
  { post }: Office,
  page: PlainReply,
  decision: string,
  change: (fields: URLSearchParams) => void = () => {},
  headers: Record<string, string> = cookieOf(page),
): Promise<PlainReply> {
  const fields = fieldsOf(textOf(page))
  fields.append('decision', decision)
  change(fields)
  return post('/oauth2/consent', fields, headers)
}

function tickAllAccounts({ emulator }: Office) {
  return (fields: URLSearchParams) => {
    for (const { accountId } of emulator.state.zones()) fields.append('account', accountId)
  }
}

describe('the consent page', () => {
  test('says who asks, for what and where one goes, and needs no script', async () => {
    const { get, authorizeUrl } = office()
    const page = await get(authorizeUrl())
    expect(page.status).toBe(200)
    const text = textOf(page)
    for (const words of [
      'The Shop',
      'Second',
      'Read DNS records',
      'dns.write',
      'localhost:3000',
      'Accept',
      'Deny',
    ]) {
      expect(text).toContain(words)
    }
    expect(text).not.toContain('<script')
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'x-frame-options': 'DENY',
    })
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/)
  })

  test('every box and field has a label of its own', async () => {
    const { get, authorizeUrl } = office()
    const text = textOf(await get(authorizeUrl()))
    const ids = [...text.matchAll(/<input type="(?:checkbox|radio|text)" id="([^"]+)"/g)].map(([, id]) => id)
    expect(ids).toHaveLength(3)
    for (const id of ids) expect(text).toContain(`<label for="${id}">`)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('accept goes back with a code, deny with access_denied, both with the state', async () => {
    const shop = office()
    const accepted = await submit(shop, await shop.get(shop.authorizeUrl()), 'accept', tickAllAccounts(shop))
    expect(accepted.status).toBe(303)
    expect(accepted.headers.location).toMatch(/^http:\/\/localhost:3000\/callback\?code=/)
    expect(answerIn(accepted.headers.location)).toMatchObject({
      scope: ALL_SCOPES,
      state: 'state-0123456789',
    })
    const denied = await submit(shop, await shop.get(shop.authorizeUrl()), 'deny')
    expect(answerIn(denied.headers.location)).toMatchObject({
      error: 'access_denied',
      state: 'state-0123456789',
    })
  })

  test('the only account is chosen already; of several none is, and one must be', async () => {
    const alone = office({ zones: [{ name: 'example.com' }] })
    const alreadyChosen = await submit(alone, await alone.get(alone.authorizeUrl()), 'accept')
    expect(alreadyChosen.status).toBe(303)

    const shop = office()
    const again = await submit(shop, await shop.get(shop.authorizeUrl()), 'accept', (fields) =>
      fields.delete('scope'),
    )
    expect(again.status).toBe(400)
    expect(textOf(again)).toContain('role="alert">Choose at least one account.')
    expect(fieldsOf(textOf(again)).has('scope')).toBe(false)
    const chosen = await submit(shop, again, 'accept', tickAllAccounts(shop))
    expect(answerIn(chosen.headers.location).scope).not.toContain('dns.write')
  })

  test('an optional permission can be unticked, a required one cannot', async () => {
    const shop = office()
    const page = await shop.get(shop.authorizeUrl())
    expect(fieldsOf(textOf(page)).getAll('scope')).toEqual(['dns.write'])
    const reply = await submit(shop, page, 'accept', (fields) => {
      tickAllAccounts(shop)(fields)
      fields.delete('scope')
    })
    expect(answerIn(reply.headers.location).scope).toBe('zone.read dns.read offline_access openid')
    expect(shop.emulator.state.grants()).toMatchObject([
      { client: 'shop', scopes: ['zone.read', 'dns.read', 'offline_access', 'openid'] },
    ])
  })

  test('an account that was not offered is not granted', async () => {
    const shop = office()
    const reply = await submit(shop, await shop.get(shop.authorizeUrl()), 'accept', (fields) =>
      fields.append('account', 'f'.repeat(32)),
    )
    expect(reply.status).toBe(400)
    expect(shop.emulator.state.grants()).toEqual([])
  })
})

describe('a decision that nobody made', () => {
  test('a ticket is good once', async () => {
    const shop = office()
    const page = await shop.get(shop.authorizeUrl())
    expect((await submit(shop, page, 'accept', tickAllAccounts(shop))).status).toBe(303)
    const again = await submit(shop, page, 'accept', tickAllAccounts(shop))
    expect(again.status).toBe(400)
    expect(shop.emulator.state.grants()).toHaveLength(1)
  })

  test.each([
    ['no cookie', {}],
    ["another browser's cookie", { cookie: `emulator_browser=${'A'.repeat(32)}` }],
  ])('a ticket with %s is refused, and stays good for its own browser', async (_words, headers) => {
    const shop = office()
    const page = await shop.get(shop.authorizeUrl())
    const forged = await submit(shop, page, 'accept', tickAllAccounts(shop), headers)
    expect(forged.status).toBe(400)
    expect(shop.emulator.state.grants()).toEqual([])
    expect((await submit(shop, page, 'deny')).status).toBe(303)
  })

  test('a ticket is good for half an hour', async () => {
    const shop = office()
    const page = await shop.get(shop.authorizeUrl())
    shop.clock.now += 30 * 60_000
    expect((await submit(shop, page, 'accept', tickAllAccounts(shop))).status).toBe(400)
  })

  test('two tabs of one browser do not disturb each other', async () => {
    const shop = office()
    const first = await shop.get(shop.authorizeUrl())
    const second = await shop.get(shop.authorizeUrl(), cookieOf(first))
    expect(cookieOf(second)).toEqual(cookieOf(first))
    for (const page of [first, second]) expect((await submit(shop, page, 'deny')).status).toBe(303)
  })
})

test.each([
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '</title><script>alert(1)</script>',
  '&lt;b&gt;',
])('the name %j is text, wherever it stands', async (name) => {
  const shop = office({
    zones: [{ name: 'example.com', account: { name, id: name } }],
    oauthClients: [{ id: 'shop', secret: 's', name, redirectUris: [CALLBACK] }],
  })
  const text = textOf(await shop.get(shop.authorizeUrl()))
  expect(text).not.toContain(name)
  expect(text).toContain(
    name
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll("'", '&#39;'),
  )
  const tokens = textOf(await shop.get(`/profile/api-tokens?name=${encodeURIComponent(name)}`))
  expect(tokens).not.toContain(name)
  const error = textOf(await shop.get(shop.authorizeUrl({ client_id: name, redirect_uri: name })))
  expect(error).not.toContain(name)
})
