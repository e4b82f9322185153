import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { textValue } from '#dns/value.ts'
import type { RecordSeed } from '#emulator/emulator.ts'
import { createDashboardWorld, type DashboardWorld } from '../../../tests/support/dashboard-world.ts'
import type { ApiChange } from './api.ts'
import type { Browser } from './testing.ts'

const EXPORT = '/dashboard/api/dns/export'
const IMPORT = '/dashboard/api/dns/import'
const CONFIRM = '/dashboard/cloudflare/confirm'

let world: DashboardWorld

afterEach(() => world.end())

const worldOf = async (records: readonly RecordSeed[], others: readonly RecordSeed[] = []) => {
  world = await createDashboardWorld({
    zones: [
      { name: 'example.com', plan: 'pro', records },
      { name: 'example.net', records: others },
    ],
  })
  return world.connected('anna')
}
const bring = (browser: Browser, text: string, query = '') =>
  browser.send('POST', `${IMPORT}${query}`, text, { 'content-type': 'text/dns' })
const rows = (changes: readonly ApiChange[]) =>
  changes
    .filter(({ action }) => action !== 'keep')
    .map(({ action, name, type, selected }) => `${selected ? '☑' : '☐'} ${action} ${name} ${type}`)
const texts = (changes: readonly ApiChange[]) =>
  changes
    .filter(({ action }) => action !== 'keep')
    .map(({ action, name, selected, current, proposed }) =>
      [selected ? '☑' : '☐', action, name, (proposed ?? current)?.content].join(' '),
    )
const held = (zone = 'example.com') =>
  world.emulator.state
    .records(zone)
    .map(({ name, type, content, data, priority, ttl, proxied, comment }) =>
      JSON.stringify([name, type, content, data, priority, ttl, proxied, comment || null]),
    )
    .sort()

const WWW: RecordSeed = { name: 'www', type: 'A', content: '192.0.2.1', proxied: true, comment: 'the shop' }

describe('the zone file of a zone', () => {
  test('the zone file is a download named after the zone, with every type in it', async () => {
    const browser = await worldOf([
      WWW,
      { name: '@', type: 'TXT', content: '"one" "two"' },
      { name: '_ftp._tcp', type: 'URI', priority: 5, data: { weight: 1, target: 'ftp://ftp.example.net/' } },
      { name: 'www', type: 'HTTPS', ttl: 600, data: { priority: 1, target: '.', value: 'alpn="h2"' } },
    ])
    const { status, headers, text } = await browser.get(EXPORT)
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('text/dns; charset=utf-8')
    expect(headers['content-disposition']).toBe('attachment; filename="example.com.txt"')
    expect(text.replaceAll('\t', ' ').split('\n').slice(6)).toEqual([
      'example.com. 1 IN TXT "onetwo"',
      '_ftp._tcp.example.com. 1 IN URI 5 1 "ftp://ftp.example.net/"',
      'www.example.com. 1 IN A 192.0.2.1 ; the shop cf_tags=cf-proxied:true',
      'www.example.com. 600 IN HTTPS 1 . alpn="h2"',
      '',
    ])
  })

  test('the zone file needs a connection', async () => {
    await worldOf([])
    const ben = await world.signedIn('ben')
    expect(await ben.get(EXPORT)).toMatchObject({ status: 409, error: { code: 'NOT_CONNECTED' } })
    expect(await bring(ben, 'www A 192.0.2.1')).toMatchObject({
      status: 409,
      error: { code: 'NOT_CONNECTED' },
    })
  })

  test('importing the exported file into an empty zone restores every editable record', async () => {
    const name = fc.constantFrom('@', 'www', '*', '_dmarc', 'a.b')
    const ttl = fc.constantFrom(1, 60, 3_600)
    const comment = fc.constantFrom('', 'by hand', 'ü; (x')
    const seed: fc.Arbitrary<RecordSeed> = fc.oneof(
      fc.record({
        name,
        type: fc.constant('A' as const),
        content: fc.constantFrom('192.0.2.1', '192.0.2.2', '192.0.2.3'),
        ttl,
        proxied: fc.boolean(),
        comment,
      }),
      fc.record({
        name,
        type: fc.constant('AAAA' as const),
        content: fc.constant('2001:db8::1'),
        ttl,
        comment,
      }),
      fc.record({
        name: fc.constantFrom('alias', 'other'),
        type: fc.constant('CNAME' as const),
        content: fc.constantFrom('host.example.net', 'www.example.com'),
        proxied: fc.boolean(),
        comment,
      }),
      fc.record({
        name,
        type: fc.constant('MX' as const),
        content: fc.constantFrom('mail.example.net', 'mail.example.com'),
        priority: fc.integer({ min: 0, max: 65_535 }),
        ttl,
        comment,
      }),
      fc.record({
        name,
        type: fc.constant('TXT' as const),
        content: fc.uint8Array({ minLength: 1, maxLength: 300 }).map((octets): string => textValue(octets)),
        ttl,
        comment,
      }),
    )
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(seed, { selector: keyOf, maxLength: 12 }), async (records) => {
        const before = await worldOf(records)
        const wanted = held()
        const { text } = await before.get(EXPORT)
        await world.end()
        const browser = await worldOf([])
        const planned = await bring(browser, text)
        expect(planned.status).toBe(200)
        const { id, changes } = planned.json.plan
        const selected = changes.map((change: ApiChange) => change.id)
        if (selected.length > 0) {
          expect(await browser.post(CONFIRM, { planId: id, selected })).toMatchObject({ status: 200 })
        }
        expect(held()).toEqual(wanted)
        // And once more: there is nothing left to do.
        await browser.post('/dashboard/api/dns/sync')
        expect(rows((await bring(browser, (await browser.get(EXPORT)).text)).json.plan.changes)).toEqual([])
        await world.end()
      }),
      { numRuns: 8 },
    )
    await worldOf([])
  }, 60_000)
})

describe('a zone file that is brought', () => {
  const BEFORE: readonly RecordSeed[] = [
    WWW,
    { name: 'www', type: 'A', content: '192.0.2.2' },
    { name: 'blog', type: 'CNAME', content: 'host.example.net' },
    { name: '@', type: 'MX', content: 'mail.example.net', priority: 10 },
  ]
  const FILE = `$TTL 300
@ SOA ns1.example.net. host.example.net. 1 2 3 4 5
@ NS ns1.example.net.
www A 192.0.2.9
new TXT "hello"
blog A 192.0.2.5
x HTTPS 1 . alpn=h2
`

  test('an import is a plan, and changes nothing before it is confirmed', async () => {
    const browser = await worldOf(BEFORE)
    const before = held()
    const { json, status } = await bring(browser, FILE)
    expect(status).toBe(200)
    expect(rows(json.plan.changes)).toEqual([
      '☑ replace www.example.com A',
      '☑ delete www.example.com A',
      '☑ add new.example.com TXT',
      '☐ delete blog.example.com CNAME',
      '☐ add blog.example.com A',
    ])
    expect(json.plan).toMatchObject({ domain: 'example.com', origin: { kind: 'import' } })
    const warnings = json.plan.warnings.map(({ message }: { message: string }) => message)
    expect(warnings.slice(0, 2)).toEqual([
      "SOA and the name servers of the domain itself are Cloudflare's own, so they are left out (lines 2 and 3).",
      'Records of these types can only be added at Cloudflare, so they are left out: HTTPS x.example.com (line 7).',
    ])
    expect(held()).toEqual(before)

    const selected = json.plan.changes.filter((row: ApiChange) => row.selected).map(({ id }: ApiChange) => id)
    const confirmed = await browser.post(CONFIRM, { planId: json.plan.id, selected })
    expect(confirmed).toMatchObject({ status: 200, json: { applied: 3 } })
    const history = await browser.get('/dashboard/api/dns/history')
    expect(history.json.entries[0]).toMatchObject({ id: confirmed.json.historyId })
    expect(history.json.entries[0].changes).toHaveLength(2)
    expect(held().filter((line) => line.includes('"www.'))).toEqual([
      JSON.stringify(['www.example.com', 'A', '192.0.2.9', null, null, 1, true, 'the shop']).replaceAll(
        'null,',
        'null,',
      ),
    ])
  })

  test('an import keeps TXT records that the file does not name, each of which may be ticked for deletion', async () => {
    const browser = await worldOf([
      { name: '@', type: 'TXT', content: '"v=spf1 include:spf.example.net ~all"' },
      { name: '@', type: 'TXT', content: '"MS=ms12345678"' },
      { name: '@', type: 'TXT', content: '"some-verification=old"' },
    ])
    const file = '@ 3600 IN TXT "some-verification=new"'
    const { changes, id } = (await bring(browser, file)).json.plan
    expect(texts(changes)).toEqual([
      '☑ add example.com some-verification=new',
      '☐ delete example.com MS=ms12345678',
      '☐ delete example.com some-verification=old',
      '☐ delete example.com v=spf1 include:spf.example.net ~all',
    ])
    const spared = changes.filter(({ action }: ApiChange) => action === 'delete')
    expect(new Set(spared.map(({ reason }: ApiChange) => reason))).toEqual(
      new Set(['The file does not name this text, so it stays. Tick it to delete it.']),
    )
    const added = changes.filter(({ action }: ApiChange) => action === 'add')
    const selected = [...added, spared[1]].map((change: ApiChange) => change.id)
    expect(await browser.post(CONFIRM, { planId: id, selected })).toMatchObject({ json: { applied: 2 } })
    expect(held().map((line) => JSON.parse(line)[2])).toEqual([
      '"MS=ms12345678"',
      '"some-verification=new"',
      '"v=spf1 include:spf.example.net ~all"',
    ])
    expect((await bring(browser, file, '?dryRun=false')).json).toMatchObject({ applied: 0 })
    expect(held()).toHaveLength(3)
  })

  test.each([
    ['SPF', '@', ['V=SPF1 mx -all', 'v=spf1 a -all'], 'v=spf1 -all'],
    ['DMARC', '_dmarc', ['v=DMARC1; p=none'], 'v=DMARC1;p=reject'],
    ['DMARC of a name below', '_dmarc.shop', ['v = DMARC1; p=none'], 'v=DMARC1; p=reject'],
    ['a key of DKIM', 'k1._domainkey', ['k=rsa; p=AAAA'], 'v=DKIM1; p=BBBB'],
    ['MTA-STS', '_mta-sts', ['v=STSv1; id=1'], 'v=STSv1; id=2'],
    [
      'TLS reports',
      '_smtp._tls',
      ['v=TLSRPTv1; rua=mailto:a@example.net'],
      'v=TLSRPTv1; rua=mailto:b@example.net',
    ],
  ])(
    'an import replaces %s by the one in the file, because two would be invalid',
    async (_, name, before, after) => {
      const seeds = before.map((text): RecordSeed => ({ name, type: 'TXT', content: JSON.stringify(text) }))
      const browser = await worldOf(seeds)
      await bring(browser, `${name} 300 TXT "also-new" \n${name} 300 TXT "${after}"`, '?dryRun=false')
      const left = held().map((line) => JSON.parse(JSON.parse(line)[2]))
      expect(left.sort()).toEqual(['also-new', after].sort())
    },
  )

  test('an import takes a text for SPF only where mail servers do', async () => {
    const browser = await worldOf([{ name: '@', type: 'TXT', content: '"v=spf10 -all"' }])
    expect(texts((await bring(browser, '@ 300 TXT "v=spf1 -all"')).json.plan.changes)).toEqual([
      '☑ add example.com v=spf1 -all',
      '☐ delete example.com v=spf10 -all',
    ])
  })

  test('an import is refused with a new plan when the zone has changed since', async () => {
    const browser = await worldOf(BEFORE)
    const { json } = await bring(browser, 'www 300 A 192.0.2.9')
    world.emulator.state.addRecord('example.com', { name: 'www', type: 'A', content: '192.0.2.3' })
    const selected = json.plan.changes.map(({ id }: ApiChange) => id)
    const refused = await browser.post(CONFIRM, { planId: json.plan.id, selected })
    expect(refused).toMatchObject({ status: 409, error: { code: 'PLAN_OUT_OF_DATE' } })
    const plan = refused.error?.details?.plan as { changes: ApiChange[]; origin: unknown }
    expect(rows(plan.changes)).toHaveLength(3)
    expect(plan.origin).toMatchObject({ kind: 'import' })
  })

  test('an import without dry run makes the advised changes at once', async () => {
    const browser = await worldOf(BEFORE)
    const done = await bring(browser, FILE, '?dryRun=false')
    expect(done).toMatchObject({ status: 200, json: { applied: 3 } })
    expect(held().some((line) => line.includes('"blog.example.com","CNAME"'))).toBe(true)
  })

  test('an import names each line that cannot be read', async () => {
    const browser = await worldOf(BEFORE)
    const { status, error } = await bring(
      browser,
      'www A 192.0.2.300\n\n$INCLUDE x\nlocal 60 A 10.0.0.1 ; cf_tags=cf-proxied:true',
    )
    expect(status).toBe(422)
    expect(error?.details?.problems).toEqual([
      expect.objectContaining({ field: 'line 1', code: 'address-malformed' }),
      expect.objectContaining({ field: 'line 3', code: 'zone-text' }),
    ])
    expect((await bring(browser, 'local 60 A 10.0.0.1 ; cf_tags=cf-proxied:true')).error).toMatchObject({
      code: 'INVALID_INPUT',
      field: 'line 1',
    })
  })

  test('an import reports at most a hundred unreadable lines', async () => {
    const browser = await worldOf(BEFORE)
    const { status, error } = await bring(browser, 'no zone file\n'.repeat(10_000))
    expect(status).toBe(422)
    expect(error?.details?.problems).toHaveLength(100)
  })

  test.each([
    ['nothing', '', {}, 422],
    ['blanks', ' \n', {}, 422],
    ['another type', 'www A 192.0.2.1', { 'content-type': 'text/plain' }, 415],
    ['JSON', '{"a":1}', { 'content-type': 'application/json' }, 422],
    ['more than 256 KiB', `;${'x'.repeat(256 * 1024)}`, {}, 413],
  ])('an import of %s is refused', async (_, text, headers, status) => {
    const browser = await worldOf(BEFORE)
    const sent = { 'content-type': 'text/dns', ...headers }
    const refused = await browser.send('POST', IMPORT, text, sent)
    expect(refused).toMatchObject({ status, error: { code: 'INVALID_INPUT' } })
    browser.csrfToken = `${browser.csrfToken}x`
    expect(await bring(browser, 'www A 192.0.2.1')).toMatchObject({ status: 403, error: { code: 'CSRF' } })
    await browser.session()
    const odd = await bring(browser, 'www A 192.0.2.1', '?dryRun=perhaps')
    expect(odd).toMatchObject({ status: 422, error: { field: 'dryRun' } })
  })
})

function keyOf({ name, type, content }: RecordSeed): string {
  return type === 'CNAME' ? name : `${name} ${type} ${content}`
}
