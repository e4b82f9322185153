import { describe, expect, test } from 'vitest'
import { cookieOf, fieldsOf, office, textOf } from '../oauth/testing.ts'

const GROUPS = '[{"key":"dns","type":"edit"},{"key":"zone","type":"read"}]'

function link(changes: Record<string, string> = {}): string {
  const asked = { permissionGroupKeys: GROUPS, accountId: '*', zoneId: 'all', name: 'Zonewright', ...changes }
  return `/profile/api-tokens?${new URLSearchParams(asked)}`
}

/** Opens a link, changes the form, sends it; the answer, and the token in it. */
async function made(
  started: ReturnType<typeof office>,
  url: string,
  change: (fields: URLSearchParams) => void = () => {},
) {
  const page = await started.get(url)
  const fields = fieldsOf(textOf(page))
  change(fields)
  const send = () => started.post('/profile/api-tokens', fields, cookieOf(page))
  const reply = await send()
  const token = /<output[^>]*>([^<]+)</.exec(textOf(reply))?.[1] ?? ''
  return { page: textOf(page), reply, text: textOf(reply), token, send }
}

describe('the page that makes a token', () => {
  test('is filled in by the link, and makes a token that may do just that', async () => {
    const started = office()
    const { page, token, text } = await made(started, link())
    expect(fieldsOf(page).getAll('permission')).toEqual(['zone:read', 'dns:edit'])
    expect(fieldsOf(page).get('name')).toBe('Zonewright')
    expect(token).toMatch(/^cfut_[A-Za-z0-9]{48}$/)
    expect(text).toContain('for all zones. Zone: read, DNS: edit.')
    expect(await started.callWith(token, '/user/tokens/verify')).toEqual([200, undefined])
    expect(await started.zonesSeenBy(token)).toEqual(['example.com', 'example.net'])
  })

  test('shows the token once', async () => {
    const started = office()
    const { send, token } = await made(started, link())
    const again = await send()
    expect(again.status).toBe(400)
    expect(textOf(again)).not.toContain(token)
  })

  test('gives a token for the zones that were chosen, by the link or by hand', async () => {
    const started = office()
    const [com, net] = started.emulator.state.zones().map(({ id }) => id) as [string, string]
    const linked = await made(started, link({ zoneId: com }))
    expect(await started.zonesSeenBy(linked.token)).toEqual(['example.com'])
    const byHand = await made(started, link(), (fields) => {
      fields.set('zones', 'some')
      fields.append('zone', net)
    })
    expect(await started.zonesSeenBy(byHand.token)).toEqual(['example.net'])
    const forgotten = await made(started, link(), (fields) => fields.append('zone', net))
    expect(await started.zonesSeenBy(forgotten.token)).toEqual(['example.net'])
    const accountId = started.emulator.state.zones()[1]!.accountId
    const ofAccount = await made(started, link({ accountId }))
    expect(await started.zonesSeenBy(ofAccount.token)).toEqual(['example.net'])
  })

  test('reads only what it knows, and says what it leaves out', async () => {
    const started = office()
    const { page, token } = await made(
      started,
      link({ permissionGroupKeys: '[{"key":"workers","type":"edit"},{"key":"dns","type":"read"}]' }),
    )
    expect(page).toContain('<bdi>workers edit</bdi>')
    expect(await started.callWith(token)).toEqual([403, 9109])
  })

  test.each([
    ['no name', (fields: URLSearchParams) => fields.set('name', ' ')],
    ['no permission', (fields: URLSearchParams) => fields.delete('permission')],
    ['no zone', (fields: URLSearchParams) => fields.set('zones', 'some')],
    [
      'an unknown zone',
      (fields: URLSearchParams) => {
        fields.set('zones', 'some')
        fields.append('zone', 'f'.repeat(32))
      },
    ],
  ])('asks again for %s', async (_words, change) => {
    const { reply, text, token } = await made(office(), link(), change)
    expect([reply.status, token]).toEqual([400, ''])
    expect(text).toContain('role="alert"')
  })

  test.each(['{', '{}', '[1]', '[null]', '[{"key":"dns"}]'])('refuses the link with %j', async (keys) => {
    expect((await office().get(link({ permissionGroupKeys: keys }))).status).toBe(400)
  })

  test('without the cookie of the browser makes none', async () => {
    const started = office()
    const fields = fieldsOf(textOf(await started.get(link())))
    const forged = await started.post('/profile/api-tokens', fields)
    expect(forged.status).toBe(400)
  })
})

test("an account's token is of the account that was chosen", async () => {
  const started = office()
  const { accountId } = started.emulator.state.zones()[1]!
  const url = `/?to=/:account/api-tokens&name=Z&permissionGroupKeys=${encodeURIComponent(GROUPS)}`
  expect((await made(started, url)).text).toContain('Choose an account.')
  const { token } = await made(started, url, (fields) => fields.set('account', accountId))
  expect(token).toMatch(/^cfat_/)
  expect(await started.zonesSeenBy(token)).toEqual(['example.net'])
  expect(await started.callWith(token, `/accounts/${accountId}/tokens/verify`)).toEqual([200, undefined])
  expect(await started.callWith(token, '/user/tokens/verify')).toEqual([401, 1000])
  expect((await started.get('/')).status).toBe(501)
})
