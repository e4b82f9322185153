import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ApiFault, type Driver, type Query, type RecordAnswer } from './drivers/driver.ts'

/** A zone in which the tests may write below names of their own; what else is in it is left alone. */
export interface Ground {
  readonly zoneName: string
  driver(): Driver
  /** The same client with another token. */
  driverWith(token: string): Driver
}

/**
 * What Cloudflare's DNS API does, for whatever client asks: held against the emulator always, and against a real zone by
 * whoever has a token for one. Every record is below one name that is drawn for each test, and is removed after it.
 */
export function cloudflareApi(ground: () => Promise<Ground>): void {
  let client: Driver
  let other: Ground['driverWith']
  let zone: { id: string; name: string }
  let below: string

  beforeEach(async () => {
    const { zoneName, driver, driverWith } = await ground()
    client = driver()
    other = driverWith
    zone = { id: (await client.zonesNamed(zoneName))[0]?.id ?? '', name: zoneName }
    below = `zonewright-${randomBytes(5).toString('hex')}`
  })
  afterEach(async () => {
    const left = await ours()
    if (left.length > 0) await client.batch(zone.id, { deletes: left.map(({ id }) => ({ id })) })
  })

  const full = (label: string) => `${label}.${below}.${zone.name}`
  const ours = (query: Query = {}) =>
    client.list(zone.id, { 'name.endswith': `.${below}.${zone.name}`, ...query })
  const create = (label: string, record: object) =>
    client.create(zone.id, { name: `${label}.${below}`, ttl: 300, ...record })
  const address = (label: string, content = '192.0.2.1', more: object = {}) =>
    create(label, { type: 'A', content, ...more })
  const faultOf = async (work: Promise<unknown>): Promise<ApiFault> => {
    const outcome = await work.catch((problem: unknown) => problem)
    expect(outcome).toBeInstanceOf(ApiFault)
    return outcome as ApiFault
  }
  const nobody = '0e'.repeat(16)

  /** A list may lag behind what was answered. */
  const expectListed = (labels: readonly string[], query?: Query) =>
    expect
      .poll(async () => (await ours(query)).map(({ name }) => name), { timeout: 30_000, interval: 1_000 })
      .toEqual(labels.map(full))

  test('the zone is found by its name, with what the token may do there', async () => {
    const [found, ...others] = await client.zonesNamed(zone.name)
    expect(others).toEqual([])
    expect(found).toMatchObject({ id: zone.id, name: zone.name, status: 'active', type: 'full' })
    expect(found?.permissions).toEqual(expect.arrayContaining(['#dns_records:edit', '#zone:read']))
    expect(await client.zone(zone.id)).toMatchObject({ id: zone.id, name: zone.name })
    expect(await client.zonesNamed(`no-${below}.example`)).toEqual([])
  })

  describe('a record of every type comes back as Cloudflare writes it:', () => {
    const types: readonly (readonly [title: string, asked: object, answered: object])[] = [
      ['A', { type: 'A', content: '192.0.2.1' }, { content: '192.0.2.1' }],
      ['AAAA', { type: 'AAAA', content: '2001:DB8:0::1' }, { content: '2001:db8::1' }],
      [
        'CAA',
        { type: 'CAA', data: { flags: 0, tag: 'issue', value: 'letsencrypt.org' } },
        { content: '0 issue "letsencrypt.org"', data: { flags: 0, tag: 'issue', value: 'letsencrypt.org' } },
      ],
      [
        'CNAME',
        { type: 'CNAME', content: 'host.example.net.' },
        { content: 'host.example.net', proxiable: true },
      ],
      [
        'HTTPS',
        { type: 'HTTPS', data: { priority: 1, target: '.', value: 'alpn="h2"' } },
        { content: '1 . alpn="h2"', data: { priority: 1, target: '.', value: 'alpn="h2"' } },
      ],
      [
        'MX',
        { type: 'MX', content: 'mail.example.net', priority: 0 },
        { content: 'mail.example.net', priority: 0 },
      ],
      ['NS', { type: 'NS', content: 'ns1.example.net' }, { content: 'ns1.example.net' }],
      ['PTR', { type: 'PTR', content: 'host.example.net' }, { content: 'host.example.net' }],
      [
        'SRV',
        { type: 'SRV', data: { priority: 10, weight: 5, port: 443, target: 'host.example.net' } },
        { content: '5 443 host.example.net', priority: 10, data: { port: 443, weight: 5 } },
      ],
      [
        'SSHFP',
        { type: 'SSHFP', data: { algorithm: 4, type: 2, fingerprint: 'ab'.repeat(32) } },
        { content: `4 2 ${'ab'.repeat(32)}`, data: { algorithm: 4, type: 2 } },
      ],
      [
        'SVCB',
        { type: 'SVCB', data: { priority: 2, target: 'svc.example.net.', value: 'port=8443' } },
        { content: '2 svc.example.net. port=8443', data: { target: 'svc.example.net.' } },
      ],
      [
        'TLSA',
        { type: 'TLSA', data: { usage: 3, selector: 1, matching_type: 1, certificate: 'cd'.repeat(32) } },
        { content: `3 1 1 ${'cd'.repeat(32)}`, data: { usage: 3, selector: 1, matching_type: 1 } },
      ],
      ['TXT', { type: 'TXT', content: '"one" "two"' }, { content: '"one" "two"', proxiable: false }],
      [
        'URI',
        { type: 'URI', priority: 10, data: { weight: 1, target: 'https://www.example.net/' } },
        { content: '1 "https://www.example.net/"', priority: 10, data: { weight: 1 } },
      ],
    ]
    for (const [title, asked, answered] of types) {
      test(title, async () => {
        const record = await create('x', asked)
        expect(record).toMatchObject({ name: full('x'), ttl: 300, proxied: false, ...answered })
        expect(record.id).toMatch(/^[0-9a-f]{32}$/)
        expect(record.created_on).toBe(record.modified_on)
        expect(await client.get(zone.id, record.id)).toEqual(record)
      })
    }

    test('DS, beside the NS that it needs', async () => {
      await create('x', { type: 'NS', content: 'ns1.example.net' })
      const data = { key_tag: 4_711, algorithm: 13, digest_type: 2, digest: 'ef'.repeat(32) }
      const record = await create('x', { type: 'DS', data })
      expect(record).toMatchObject({ content: `4711 13 2 ${'ef'.repeat(32)}`, data })
    })
  })

  test('a name is told in full, in lower case and as A-labels, however it was asked for', async () => {
    const asked = [`WWW.${below}`, `bücher.${below}`, `*.${below}.${zone.name}.`]
    const names = await Promise.all(
      asked.map(
        async (name) =>
          (await client.create(zone.id, { type: 'A', name, content: '192.0.2.1', ttl: 60 })).name,
      ),
    )
    expect(names).toEqual([full('www'), full('xn--bcher-kva'), full('*')])
  })

  test('a proxied record has TTL 1, and whether one can be proxied hangs on its content', async () => {
    expect(await address('www', '192.0.2.1', { proxied: true })).toMatchObject({ proxied: true, ttl: 1 })
    expect((await address('local', '127.0.0.1')).proxiable).toBe(false)
    const { status, codes } = await faultOf(address('private', '10.0.0.1', { proxied: true }))
    expect([status, codes]).toEqual([400, [9003]])
  })

  describe('a record that is there', () => {
    test('keeps by PATCH what is not said', async () => {
      const before = await address('www', '192.0.2.1', { comment: 'by hand' })
      const after = await client.patch(zone.id, before.id, { content: '192.0.2.2' })
      expect(after).toMatchObject({ id: before.id, content: '192.0.2.2', ttl: 300, comment: 'by hand' })
      expect(after.created_on).toBe(before.created_on)
      expect((await client.patch(zone.id, before.id, { comment: '' })).comment).toBeNull()
    })

    test('loses by PUT what is not said, and keeps its id', async () => {
      const before = await address('www', '192.0.2.1', { comment: 'by hand', proxied: true })
      const to = { type: 'A', name: `new.${below}`, content: '192.0.2.2', ttl: 600 }
      const after = await client.put(zone.id, before.id, to)
      expect(after).toMatchObject({
        id: before.id,
        name: full('new'),
        ttl: 600,
        proxied: false,
        comment: null,
      })
      expect(after.created_on).toBe(before.created_on)
    })

    test('keeps its type', async () => {
      const before = await address('www')
      const text = { type: 'TXT', content: 'text' }
      expect((await faultOf(client.patch(zone.id, before.id, text))).status).toBe(400)
    })

    test('is gone once it is deleted', async () => {
      const { id } = await address('www')
      expect(await client.delete(zone.id, id)).toBe(id)
      expect(await faultOf(client.delete(zone.id, id))).toMatchObject({ status: 404, codes: [81_044] })
      expect(await faultOf(client.get(zone.id, id))).toMatchObject({ status: 404, codes: [81_044] })
    })
  })

  describe('a list', () => {
    beforeEach(async () => {
      await client.batch(zone.id, {
        posts: [
          { type: 'A', name: `b.${below}`, content: '192.0.2.2', ttl: 120, proxied: true },
          { type: 'A', name: `a.${below}`, content: '192.0.2.1', ttl: 600, comment: 'Edge of the shop' },
          { type: 'TXT', name: `a.${below}`, content: 'Hello', ttl: 60 },
        ],
      })
    })

    const filters: readonly (readonly [title: string, query: () => Query, labels: readonly string[]])[] = [
      ['by type and name, if nobody says otherwise', () => ({}), ['a', 'b', 'a']],
      ['of one name', () => ({ 'name.exact': full('a') }), ['a', 'a']],
      ['of one name in capitals', () => ({ 'name.exact': full('A').toUpperCase() }), ['a', 'a']],
      ['of names that begin alike', () => ({ 'name.startswith': `b.${below}` }), ['b']],
      ['of one type', () => ({ type: 'TXT' }), ['a']],
      ['of one content', () => ({ 'content.exact': '192.0.2.1' }), ['a']],
      ['of part of a content', () => ({ 'content.contains': 'ELL' }), ['a']],
      ['of what is proxied', () => ({ proxied: 'true' }), ['b']],
      ['of what has a comment', () => ({ 'comment.present': 'true' }), ['a']],
      ['of part of a comment', () => ({ 'comment.contains': 'edge' }), ['a']],
      [
        'in order of content, backwards',
        () => ({ order: 'content', direction: 'desc', type: 'A' }),
        ['b', 'a'],
      ],
      ['in order of TTL', () => ({ order: 'ttl', direction: 'asc', proxied: 'false' }), ['a', 'a']],
    ]
    for (const [title, query, labels] of filters) test(title, () => expectListed(labels, query()))

    test('has any of several, if asked so', async () => {
      const any = { match: 'any', 'content.exact': 'Hello', 'name.exact': full('b') }
      const found = await client.list(zone.id, any)
      expect(found.map(({ name }) => name).sort()).toEqual([full('a'), full('b')])
    })

    test('is told in pages, and past the last there is an empty one', async () => {
      const posts = ['c', 'd', 'e', 'f'].map((label) => ({
        type: 'A',
        name: `${label}.${below}`,
        content: '192.0.2.3',
        ttl: 300,
      }))
      await client.batch(zone.id, { posts })
      const query = { 'name.endswith': `.${below}.${zone.name}`, per_page: '5', order: 'name' }
      await expect.poll(async () => (await ours()).length, { timeout: 30_000 }).toBe(7)
      const pages = await Promise.all(['1', '2', '3'].map((page) => client.page(zone.id, { ...query, page })))
      expect(pages.map((page) => page.length)).toEqual([5, 2, 0])
      expect(new Set(pages.flat().map(({ id }) => id)).size).toBe(7)
    })
  })

  describe('a batch', () => {
    test('deletes first, then patches, puts and posts, and tells of each', async () => {
      const [gone, kept, put] = await Promise.all(['www', 'kept', 'put'].map((label) => address(label)))
      const cname = { type: 'CNAME', name: `www.${below}`, content: 'host.example.net', ttl: 300 }
      const done = await client.batch(zone.id, {
        posts: [cname],
        puts: [{ id: put!.id, type: 'A', name: `put.${below}`, content: '192.0.2.9', ttl: 60 }],
        patches: [{ id: kept!.id, ttl: 600 }],
        deletes: [{ id: gone!.id }],
      })
      expect(done.deletes?.map(({ id }) => id)).toEqual([gone!.id])
      expect(done.patches).toMatchObject([{ id: kept!.id, content: '192.0.2.1', ttl: 600 }])
      expect(done.puts).toMatchObject([{ id: put!.id, content: '192.0.2.9' }])
      expect(done.posts).toMatchObject([{ name: full('www'), type: 'CNAME' }])
    })

    test('is carried out whole or not at all', async () => {
      const kept = await address('kept')
      const fault = await faultOf(
        client.batch(zone.id, {
          deletes: [{ id: kept.id }],
          posts: [{ type: 'A', name: `new.${below}`, content: 'no address', ttl: 300 }],
        }),
      )
      expect(fault).toMatchObject({ status: 400, codes: [9005] })
      expect((await client.get(zone.id, kept.id)).id).toBe(kept.id)
    })

    test('with an id that is not there does nothing', async () => {
      const posts = [{ type: 'A', name: `new.${below}`, content: '192.0.2.1', ttl: 300 }]
      const fault = await faultOf(client.batch(zone.id, { deletes: [{ id: nobody }], posts }))
      expect(fault.codes).toEqual([81_044])
      await expectListed([])
    })
  })

  describe('what is refused has a code:', () => {
    const refused: readonly (readonly [title: string, code: number, record: object])[] = [
      ['no name', 9000, {}],
      ['an address that is none', 9005, { type: 'A', content: '192.0.2.300' }],
      ['two addresses in one', 9005, { type: 'A', content: '192.0.2.1,192.0.2.2' }],
      ['a mail host that is an address', 9009, { type: 'MX', content: '192.0.2.1', priority: 10 }],
      ['a TTL of 30 s', 9021, { type: 'A', content: '192.0.2.1', ttl: 30 }],
      ['data without a part', 9101, { type: 'SSHFP', data: { type: 2, fingerprint: 'ab' } }],
      ['content where data is wanted', 9101, { type: 'SSHFP', content: '4 2 abcd' }],
      ['a list of contents', 9207, { type: 'A', content: ['192.0.2.1'] }],
      ['a comment that is too long', 9313, { type: 'A', content: '192.0.2.1', comment: 'x'.repeat(501) }],
    ]
    for (const [title, code, record] of refused) {
      test(title, async () => {
        const work = code === 9000 ? client.create(zone.id, record) : create('www', record)
        const fault = await faultOf(work)
        expect([fault.status, fault.codes]).toEqual([400, [code]])
      })
    }

    const beside: readonly (readonly [title: string, code: number, there: object, coming: object])[] = [
      [
        'the same again',
        81_058,
        { type: 'A', content: '192.0.2.1' },
        { type: 'A', content: '192.0.2.1', ttl: 60 },
      ],
      [
        'a CNAME beside an address',
        81_053,
        { type: 'A', content: '192.0.2.1' },
        { type: 'CNAME', content: 'a.example.net' },
      ],
      [
        'an address beside a CNAME',
        81_054,
        { type: 'CNAME', content: 'a.example.net' },
        { type: 'A', content: '192.0.2.1' },
      ],
      [
        'an address at a delegation',
        81_056,
        { type: 'NS', content: 'ns1.example.net' },
        { type: 'A', content: '192.0.2.1' },
      ],
    ]
    for (const [title, code, there, coming] of beside) {
      test(title, async () => {
        await create('www', there)
        const fault = await faultOf(create('www', coming))
        expect([fault.status, fault.codes]).toEqual([400, [code]])
      })
    }
  })

  test('a zone file is imported, exported, and counted', async () => {
    const before = await client.usage(zone.id)
    const file = `www.${below}.${zone.name}. 300 IN A 192.0.2.1 ; by file\nwww.${below}.${zone.name}. 300 IN TXT "one" "two"\n`
    expect(await client.import(zone.id, file)).toMatchObject({ recs_added: 2, total_records_parsed: 2 })
    await expectListed(['www', 'www'])
    const lines = (await client.export(zone.id)).split('\n').filter((line) => line.startsWith(full('www')))
    expect(lines.map((line) => line.split(/\s+/).slice(1, 4).join(' ')).sort()).toEqual([
      '300 IN A',
      '300 IN TXT',
    ])
    const after = await client.usage(zone.id)
    expect(after.record_usage - before.record_usage).toBe(2)
  })

  describe('a token', () => {
    const unknown = 'this-token-was-never-made-0123456789-0123'

    test('that is good says so', async () => {
      expect(await client.verify()).toMatchObject({ status: 'active' })
    })

    test('that nobody knows is refused by each kind of endpoint in its own words', async () => {
      const stranger = other(unknown)
      const told = [
        await faultOf(stranger.verify()),
        await faultOf(stranger.zone(zone.id)),
        await faultOf(stranger.list(zone.id)),
      ].map(({ status, codes }) => [status, codes])
      expect(told).toEqual([
        [401, [1000]],
        [403, [9109]],
        [401, [10_000]],
      ])
    })

    test('that cannot be one is refused by the gateway', async () => {
      expect(await faultOf(other('short').zone(zone.id))).toMatchObject({ status: 400, codes: [6003] })
    })

    test('sees no zone of others', async () => {
      expect((await faultOf(client.list(nobody))).status).toBeGreaterThanOrEqual(400)
      const record: Partial<RecordAnswer> = { type: 'A', name: 'www', content: '192.0.2.1', ttl: 300 }
      expect((await faultOf(client.create(nobody, record))).status).toBeGreaterThanOrEqual(400)
    })
  })
}
