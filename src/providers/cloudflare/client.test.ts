import { inspect } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Change } from '#dns/plan.ts'
import { RECORD_TYPES } from '#dns/record-type.ts'
import { aName, anyTtl, anyValue } from '#dns/testing.ts'
import { createEmulator, type EmulatorOptions } from '#emulator/emulator.ts'
import { systemClock } from '#platform/system.ts'
import type { Provider } from '#providers/provider.ts'
import { providerContract } from '../../../tests/contracts/provider.ts'
import { EMULATOR_URL, emulatorTransport } from '../../../tests/support/emulator-transport.ts'
import { type Credential, createCloudflareClient } from './client.ts'
import { CloudflareError } from './errors.ts'
import type { RateLimiter } from './rate-limiter.ts'
import { nodeTransport, type Transport, TransportError, type TransportRequest } from './transport.ts'

const TOKEN = 'token-of-the-tests-0123456789-0123456789'
const KEY = '0123456789abcdef0123456789abcdef01234'
const EMAIL = 'owner@example.com'
const ZONE = '0a'.repeat(16)

describe('against the emulator', () => {
  providerContract(async () => {
    const { client, emulator } = overEmulator()
    const [zone] = emulator.state.zones()
    return { client, zone: { id: zone!.id, name: aName(zone!.name) } }
  })

  test('any value of any type comes back as it was written', async () => {
    const { client, emulator } = overEmulator({ zones: [{ name: 'example.com', recordQuota: 100_000 }] })
    const zone = emulator.state.zones()[0]!.id
    let number = 0
    for (const type of RECORD_TYPES) {
      await fc.assert(
        fc.asyncProperty(
          fc.array(anyValue(type), { minLength: 1, maxLength: 20 }),
          anyTtl,
          async (values, ttl) => {
            const changes: Change[] = values.map((value) => {
              number += 1
              const to = {
                name: aName(`n${number}.example.com`),
                type,
                value,
                ttl,
                proxied: false,
                comment: null,
              }
              return { kind: 'post', to }
            })
            const { created } = await client.batch(zone, changes, await client.permit('machines', 0))
            expect(created.map(({ value }) => value)).toEqual(values)
            const { records } = await client.listRecords(zone, 'machines')
            const listed = new Map(records.map((record) => [record.id, record]))
            expect(created.map(({ id }) => listed.get(id))).toEqual(created)
          },
        ),
        { numRuns: 15 },
      )
    }
  })

  test('records of other types are told as they are, and read-only ones as such', async () => {
    const { client, emulator } = overEmulator({
      zones: [
        {
          name: 'example.com',
          records: [
            {
              type: 'MX',
              name: 'example.com',
              content: 'mail.example.net',
              priority: 5,
              meta: { read_only: true },
            },
            { type: 'TXT', name: 'example.com', content: 'v=spf1 -all' },
          ],
        },
      ],
    })
    const { records, others } = await client.listRecords(emulator.state.zones()[0]!.id, 'machines')
    expect(records.map(({ type, readOnly, value }) => ({ type, readOnly, value }))).toEqual([
      { type: 'MX', readOnly: true, value: '5 mail.example.net' },
      // Written without quotes at Cloudflare, and the same value.
      { type: 'TXT', readOnly: false, value: '"v=spf1 -all"' },
    ])
    expect(others).toEqual([])
  })

  test('only zones of the account are listed, when one is named', async () => {
    const account = '0c'.repeat(16)
    const zones = [{ name: 'example.com', account: { id: account } }, { name: 'example.net' }]
    const names = async (client: Provider) => (await client.listZones('machines')).map(({ name }) => name)
    expect(await names(overEmulator({ zones }).client)).toEqual(['example.com', 'example.net'])
    expect(await names(overEmulator({ zones }, { accountId: account }).client)).toEqual(['example.com'])
    expect(await names(overEmulator({ zones }, { accountId: '0d'.repeat(16) }).client)).toEqual([])
  })

  test('a zone is told with all that we decide by', async () => {
    const { client } = overEmulator({
      zones: [{ name: 'example.com', status: 'pending', type: 'partial', paused: true, plan: 'pro' }],
      credentials: [{ kind: 'token', token: TOKEN, permissions: ['zone:read', 'dns:read'] }],
    })
    expect(await client.listZones('machines')).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f]{32}$/),
        name: 'example.com',
        status: 'pending',
        type: 'partial',
        paused: true,
        accountId: expect.stringMatching(/^[0-9a-f]{32}$/),
        plan: 'pro',
        nameServers: ['ada.ns.example.org', 'bob.ns.example.org'],
        permissions: ['#dns_records:read', '#zone:read'],
      },
    ])
  })

  test('more zones than one page holds are all listed', async () => {
    const zones = Array.from({ length: 120 }, (_, index) => ({ name: `n${index}.example.com` }))
    const { client, emulator } = overEmulator({ zones })
    expect(await client.listZones('machines')).toHaveLength(120)
    expect(emulator.state.calls()).toHaveLength(3)
  })

  test('a key with its e-mail is as good as a token, and a wrong one is not', async () => {
    const credentials = [{ kind: 'key', key: KEY, email: EMAIL }] as const
    const withKey = (email: string) =>
      overEmulator({ credentials }, { credential: { kind: 'key', key: KEY, email } }).client.listZones(
        'machines',
      )
    expect(await withKey(EMAIL)).toHaveLength(1)
    await expect(withKey('other@example.com')).rejects.toMatchObject({ kind: 'unauthorised', codes: [9103] })
  })
})

describe('a list', () => {
  test('is read to its end when pages are smaller than asked for', async () => {
    const { client, asked } = overPages(ids(250), { largest: 100 })
    const { others } = await client.listRecords(ZONE, 'machines')
    expect(others.map(({ id }) => id)).toEqual(ids(250))
    expect(asked).toHaveLength(3)
  })

  test('is read to its end when pages claim to be larger than they are', async () => {
    const { client } = overPages(ids(250), { largest: 100, info: { per_page: 1_000, count: 1_000 } })
    expect((await client.listRecords(ZONE, 'machines')).others).toHaveLength(250)
  })

  test('takes one call when it fits a page, also when it is empty', async () => {
    for (const count of [0, 1, 100]) {
      const { client, asked } = overPages(ids(count), { largest: 100 })
      expect((await client.listRecords(ZONE, 'machines')).others).toHaveLength(count)
      expect(asked).toHaveLength(1)
    }
  })

  test('asks leave for every page', async () => {
    const entered: string[] = []
    const rateLimiter: RateLimiter = { ...openRateLimiter, enter: async (work) => void entered.push(work) }
    const { client } = overPages(ids(250), { largest: 100 }, rateLimiter)
    await client.listRecords(ZONE, 'background')
    expect(entered).toEqual(['background', 'background', 'background'])
  })

  test('asks for smaller pages when the largest are refused, and remembers', async () => {
    const { client, asked } = overPages(ids(1_500), { largest: 100, refusesLarger: true })
    expect((await client.listRecords(ZONE, 'machines')).others).toHaveLength(1_500)
    expect((await client.listRecords(ZONE, 'machines')).others).toHaveLength(1_500)
    expect(asked.map(({ perPage }) => perPage)).toEqual([1_000, ...Array(30).fill(100)])
  })

  test('is refused for good when the smallest pages are', async () => {
    const { client, asked } = overPages(ids(10), { largest: 5, refusesLarger: true })
    await expect(client.listRecords(ZONE, 'machines')).rejects.toMatchObject({ kind: 'refused', status: 400 })
    expect(asked.map(({ perPage }) => perPage)).toEqual([1_000, 100])
  })

  test('of twenty thousand is read, and of more is refused on its first page', async () => {
    const { client, asked } = overPages(ids(20_000), { largest: 1_000 })
    expect((await client.listRecords(ZONE, 'machines')).others).toHaveLength(20_000)
    expect(asked).toHaveLength(20)
    const large = overPages(ids(20_001), { largest: 1_000 })
    await expect(large.client.listRecords(ZONE, 'machines')).rejects.toMatchObject({
      kind: 'too-many',
      outcome: 'not-executed',
      message: 'records.list has 20001 entries; a list of more than 20000 is not read.',
    })
    expect(large.asked).toHaveLength(1)
  })

  test('of long texts takes the memory of its texts, and not of each of their letters', async () => {
    const records = ids(2_000).map((id) => ({
      id,
      name: 'www.example.com',
      type: 'TXT',
      content: `"${id.repeat(7)}"`,
      ttl: 300,
    }))
    const info = { page: 1, per_page: 2_000, count: 2_000, total_count: 2_000 }
    const { client } = overAnswers(JSON.stringify({ success: true, result: records, result_info: info }))
    const before = heapInUse()
    const listed = await client.listRecords(ZONE, 'machines')
    const octets = heapInUse() - before
    expect(listed.records).toHaveLength(2_000)
    expect(octets / 2_000).toBeLessThan(2_000)
  })

  test('whose page is too large is asked for in smaller ones, and the breaker stays closed', async () => {
    const heard: (CloudflareError | undefined)[] = []
    const rateLimiter: RateLimiter = { ...openRateLimiter, ended: async (error) => void heard.push(error) }
    const { client, asked } = overPages(ids(150), { largest: 1_000, tooLargeOver: 100 }, rateLimiter)
    expect((await client.listRecords(ZONE, 'machines')).others).toHaveLength(150)
    expect(asked.map(({ perPage }) => perPage)).toEqual([1_000, 100, 100])
    expect(heard.map((error) => error?.kind)).toEqual(['too-large', undefined, undefined])
  })

  describe('whose pages do not add up is unknown, not short:', () => {
    const lies: Readonly<Record<string, PageOptions>> = {
      'it promises more than there is': { largest: 100, info: { total_count: 251 } },
      'it gives more than it promises': { largest: 100, info: { total_count: 249 } },
      'it promises none and gives some': { largest: 100, info: { total_count: 0 } },
      'the count changes on the way': {
        largest: 100,
        change: (page, info) => (page === 2 ? { ...info, total_count: 251 } : info),
      },
      'a record moves to a page that was read before': {
        largest: 100,
        show: (page, shown) => (page === 2 ? [ids(1)[0]!, ...shown.slice(1)] : shown),
      },
      'a page in the middle is empty': { largest: 100, show: (page, shown) => (page === 2 ? [] : shown) },
      'the pages never end, each with something new': {
        largest: 100,
        info: { total_count: 150 },
        show: (page) => ids(page * 100).slice(-100),
      },
      'the pages never end, each like the first': {
        largest: 100,
        info: { total_count: 20_000 },
        show: () => ids(100),
      },
    }
    for (const [title, options] of Object.entries(lies)) {
      test(title, async () => {
        const { client, asked } = overPages(ids(250), options)
        await expect(client.listRecords(ZONE, 'machines')).rejects.toMatchObject({
          kind: 'incomplete-list',
          outcome: 'not-executed',
        })
        expect(asked.length).toBeLessThanOrEqual(4)
      })
    }
  })

  test('that is not of the shape we know is unreadable', async () => {
    const record = { id: ids(1)[0], name: 'example.com', type: 'LOC', content: '', ttl: 1 }
    const info = { page: 1, per_page: 100, count: 1, total_count: 1 }
    const answers: Readonly<Record<string, object>> = {
      'no info': { success: true, result: [record] },
      'no list': { success: true, result: record, result_info: info },
      'no id': { success: true, result: [{ ...record, id: undefined }], result_info: info },
      'an id with a path in it': {
        success: true,
        result: [{ ...record, id: '../../user' }],
        result_info: info,
      },
      'an id in capitals': { success: true, result: [{ ...record, id: 'A'.repeat(32) }], result_info: info },
      'a TTL in quotes': { success: true, result: [{ ...record, ttl: '1' }], result_info: info },
      'a record that is null': { success: true, result: [null], result_info: info },
    }
    for (const body of Object.values(answers)) {
      const { client } = overAnswers(JSON.stringify(body))
      await expect(client.listRecords(ZONE, 'machines')).rejects.toMatchObject({
        kind: 'unreadable',
        outcome: 'not-executed',
      })
    }
  })

  test('is not asked for with an id that is none', async () => {
    const { client, asked } = overPages(ids(1), { largest: 100 })
    for (const zone of ['', '../user', 'A'.repeat(32), '0a'.repeat(15), `${ZONE}?x=1`, `${ZONE}\n`]) {
      await expect(client.listRecords(zone, 'machines')).rejects.toThrow('not a Cloudflare zone id')
    }
    expect(asked).toEqual([])
  })
})

describe('a batch', () => {
  const record = {
    id: ids(1)[0]!,
    name: 'www.example.com',
    type: 'A',
    content: '192.0.2.1',
    ttl: 300,
    proxied: false,
  }
  const changes: Change[] = [
    {
      kind: 'post',
      to: {
        name: aName('www.example.com'),
        type: 'A',
        value: '192.0.2.1' as never,
        ttl: 300,
        proxied: false,
        comment: null,
      },
    },
  ]
  const sent = async (body: object) => {
    const { client } = overAnswers(JSON.stringify(body))
    return client.batch(ZONE, changes, await client.permit('machines', 0)).catch((error: unknown) => error)
  }

  test('with an answer that we cannot read was executed all the same', async () => {
    const results: unknown[] = [
      null,
      {},
      [],
      { posts: [] },
      { posts: [record, record] },
      { posts: [{ ...record, id: 'x' }] },
      { posts: [{ ...record, type: 'LOC' }] },
      { posts: [record], patches: [record] },
      { posts: record },
    ]
    for (const result of results) {
      expect(await sent({ success: true, result })).toMatchObject({ kind: 'unreadable', outcome: 'executed' })
    }
    expect(await sent({ success: true })).toMatchObject({ kind: 'unreadable', outcome: 'executed' })
  })

  test('is answered with or without lists for what was not in it', async () => {
    for (const result of [
      { posts: [record] },
      { deletes: [], patches: [], puts: [], posts: [record] },
      { deletes: null, posts: [record] },
    ]) {
      expect(await sent({ success: true, result })).toMatchObject({
        deleted: [],
        patched: [],
        created: [{ id: record.id }],
      })
    }
  })

  test('needs a permit of its own', async () => {
    const { client } = overAnswers(JSON.stringify({ success: true, result: { posts: [record] } }))
    const permit = await client.permit('machines', 0)
    await client.batch(ZONE, changes, permit)
    await expect(client.batch(ZONE, changes, permit)).rejects.toThrow('a permit is good for one call')
  })
})

describe('every call', () => {
  test('is counted with its endpoint, its status and its time', async () => {
    const seen: unknown[] = []
    const { client, emulator } = overEmulator({}, { observe: (call) => seen.push(call) })
    const zone = emulator.state.zones()[0]!.id
    await client.listZones('machines')
    emulator.faults.script([{ fault: 'F6' }])
    await client.listRecords(zone, 'machines').catch(() => {})
    const ms = expect.any(Number)
    expect(seen).toEqual([
      { endpoint: 'zones.list', status: 200, ms },
      { endpoint: 'records.list', status: 0, ms },
    ])
  })

  test('tells the gate how it ended', async () => {
    const ended: unknown[] = []
    const rateLimiter: RateLimiter = {
      ...openRateLimiter,
      ended: async (error) => void ended.push(error?.kind),
    }
    const { client, emulator } = overEmulator({}, { rateLimiter })
    emulator.faults.script([{ fault: 'F1' }, { fault: 'F3' }, { fault: 'F6' }])
    for (let call = 0; call < 4; call += 1) await client.listZones('machines').catch(() => {})
    expect(ended).toEqual(['rate-limited', 'server-error', 'unreachable', undefined])
  })

  test('that fails shows nothing secret, whatever the fault', async () => {
    const faults = [
      'F1',
      'F2',
      'F3',
      'F4',
      'F5',
      'F6',
      'F7',
      'F10',
      'F12',
      'F13',
      'F14',
      'F17',
      'F20',
      'F21',
      'F34',
    ] as const
    for (const fault of faults) {
      const { client, emulator } = overEmulator()
      const zone = emulator.state.zones()[0]!.id
      emulator.faults.script([{ fault, times: Number.POSITIVE_INFINITY }])
      for (const call of [
        () => client.listZones('machines'),
        () => client.listRecords(zone, 'machines'),
        async () => client.batch(zone, secretChange, await client.permit('machines', 0)),
      ]) {
        const error = await call().catch((error: unknown) => error)
        if (error instanceof CloudflareError) expectNoSecretIn(error)
        else expect(error).not.toBeInstanceOf(Error)
      }
    }
  })

  test('that is refused, or finds nobody there, shows nothing secret', async () => {
    const strangers: Credential[] = [
      { kind: 'token', token: 'another-token-of-the-tests-0123456789-0123456789' },
      { kind: 'token', token: 'short' },
      { kind: 'key', key: KEY, email: EMAIL },
      { kind: 'key', key: 'odd', email: 'odd' },
    ]
    for (const credential of strangers) {
      const { client } = overEmulator({}, { credential })
      const error = await client.listZones('machines').catch((error: unknown) => error)
      expect(error).toMatchObject({ kind: 'unauthorised', outcome: 'not-executed' })
      expectNoSecretIn(error, credential.kind === 'token' ? credential.token : credential.key)
    }
    const transport = nodeTransport()
    const client = createCloudflareClient({
      ...common,
      transport,
      rateLimiter: openRateLimiter,
      baseUrl: 'http://127.0.0.1:1/client/v4',
    })
    const error = await client.listZones('machines').catch((error: unknown) => error)
    expect(error).toMatchObject({ kind: 'unreachable', outcome: 'not-executed' })
    expectNoSecretIn(error)
    transport.close()
  })

  const secretChange: Change[] = [
    {
      kind: 'post',
      to: {
        name: aName('www.example.com'),
        type: 'TXT',
        value: `"${'content-'.repeat(4)}"` as never,
        ttl: 300,
        proxied: false,
        comment: null,
      },
    },
  ]

  function expectNoSecretIn(error: unknown, secret = TOKEN): void {
    expect(error).toBeInstanceOf(CloudflareError)
    const causes: unknown[] = []
    for (let cause = error; cause instanceof Error; cause = cause.cause)
      causes.push(cause, cause.message, cause.stack)
    const shown =
      JSON.stringify(error) +
      JSON.stringify(causes) +
      inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true }) +
      String(error)
    for (const hidden of [secret, 'Bearer', EMAIL, 'content-content', EMULATOR_URL])
      expect(shown).not.toContain(hidden)
  }
})

const common = {
  credential: { kind: 'token', token: TOKEN } as Credential,
  credentialName: 'test',
  baseUrl: EMULATOR_URL,
  now: systemClock.now,
}

/** After a collection. */
function heapInUse(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}

/** Lets everybody through. */
const openRateLimiter: RateLimiter = {
  enter: async () => {},
  ended: async () => {},
  status: () => ({
    lastAnswerAt: undefined,
    silentSince: undefined,
    credentialRefused: false,
    callsLeft: undefined,
  }),
}

function overEmulator(
  options: EmulatorOptions = {},
  client: Partial<Parameters<typeof createCloudflareClient>[0]> = {},
) {
  const emulator = createEmulator({
    zones: [{ name: 'example.com' }],
    credentials: [{ kind: 'token', token: TOKEN }],
    ...options,
  })
  const transport = emulatorTransport(emulator, systemClock, 50)
  return {
    emulator,
    client: createCloudflareClient({ ...common, transport, rateLimiter: openRateLimiter, ...client }),
  }
}

function overAnswers(body: string) {
  const transport: Transport = async () => ({ status: 200, headers: {}, body })
  return { client: createCloudflareClient({ ...common, transport, rateLimiter: openRateLimiter }) }
}

interface PageOptions {
  readonly largest: number
  readonly refusesLarger?: boolean
  /** Pages of more are larger than a transport takes. */
  readonly tooLargeOver?: number
  /** What `result_info` says instead of the truth. */
  readonly info?: Readonly<Record<string, number>>
  readonly change?: (page: number, info: Record<string, number>) => Record<string, number>
  readonly show?: (page: number, shown: readonly string[]) => readonly string[]
}

/** A server that has these records and gives them by pages, honestly or not. */
function overPages(all: readonly string[], options: PageOptions, rateLimiter: RateLimiter = openRateLimiter) {
  const asked: { page: number; perPage: number }[] = []
  const transport: Transport = async ({ url }: TransportRequest) => {
    const query = new URL(url).searchParams
    const page = Number(query.get('page'))
    const perPage = Number(query.get('per_page'))
    asked.push({ page, perPage })
    if (asked.length > 600) throw new TransportError('timeout', true)
    if (perPage > (options.tooLargeOver ?? perPage)) throw new TransportError('too-large', true)
    if (options.refusesLarger && perPage > options.largest) {
      const errors = [{ code: 9207, message: 'Request body is invalid.' }]
      return { status: 400, headers: {}, body: JSON.stringify({ success: false, errors, result: null }) }
    }
    const size = Math.min(perPage, options.largest)
    const honest = all.slice((page - 1) * size, page * size)
    const shown = options.show?.(page, honest) ?? honest
    const info = { page, per_page: size, count: shown.length, total_count: all.length, ...options.info }
    const result = shown.map((id) => ({ id, name: 'example.com', type: 'LOC', content: 'x', ttl: 1 }))
    const body = { success: true, errors: [], result, result_info: options.change?.(page, info) ?? info }
    return { status: 200, headers: {}, body: JSON.stringify(body) }
  }
  return { client: createCloudflareClient({ ...common, transport, rateLimiter }), asked }
}

function ids(count: number): string[] {
  return Array.from({ length: count }, (_, index) => index.toString(16).padStart(32, '0'))
}
