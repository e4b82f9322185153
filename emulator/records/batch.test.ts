import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RecordBody, RecordSeed } from '../emulator.ts'
import { api } from '../testing.ts'

const A = (host: number, name = 'www'): RecordSeed => ({ type: 'A', name, content: `192.0.2.${host}` })

function zoneWith(records: readonly RecordSeed[], plan: 'free' | 'pro' = 'free') {
  const started = api({ zones: [{ name: 'example.com', plan, records }] })
  const held = () => started.emulator.state.records('example.com')
  const batch = (body: unknown) => started.call('POST', `/zones/${started.zoneId}/dns_records/batch`, body)
  return { ...started, held, batch, ids: held().map(({ id }) => id) }
}

describe('order', () => {
  test('deletes go first, so a CNAME replaces an A in one batch whatever the JSON says', async () => {
    const { batch, held, ids } = zoneWith([A(1)])
    const { status } = await batch({
      posts: [{ type: 'CNAME', name: 'www', content: 'a.example.net' }],
      deletes: [{ id: ids[0] }],
    })
    expect(status).toBe(200)
    expect(held().map(({ type }) => type)).toEqual(['CNAME'])
  })

  test('patches go before puts, and puts before posts', async () => {
    const { batch, ids } = zoneWith([A(1), A(2)])
    const { status } = await batch({
      posts: [A(2)],
      puts: [{ id: ids[1], ...A(1) }],
      patches: [{ id: ids[0], content: '192.0.2.3' }],
    })
    expect(status).toBe(200)
  })

  test('the answer holds whole records under all four names', async () => {
    const { batch, ids } = zoneWith([A(1)])
    const { json } = await batch({ deletes: [{ id: ids[0] }], posts: [A(2)] })
    expect(json.result).toMatchObject({
      deletes: [{ id: ids[0], content: '192.0.2.1', name: 'www.example.com' }],
      patches: [],
      puts: [],
      posts: [{ content: '192.0.2.2' }],
    })
  })
})

describe('all or nothing', () => {
  test('an unknown id undoes the whole batch, and only the first error is told', async () => {
    const { batch, held, ids } = zoneWith([A(1)])
    const before = held()
    const { status, json } = await batch({
      deletes: [{ id: ids[0] }, { id: ids[0] }],
      posts: [{ type: 'A', name: '', content: '' }],
    })
    expect(status).toBe(404)
    expect(json.errors.map(({ code }) => code)).toEqual([81044])
    expect(held()).toEqual(before)
  })

  test('a refused post undoes the deletes before it', async () => {
    const { batch, held, ids } = zoneWith([A(1), A(2)])
    const before = held()
    expect(
      (await batch({ deletes: ids.map((id) => ({ id })), posts: [A(3), A(3)] })).json.errors[0]?.code,
    ).toBe(81058)
    expect(held().toSorted(byId)).toEqual(before.toSorted(byId))
  })

  type Operation =
    | { kind: 'deletes' | 'patches' | 'puts'; target: number; content: number; ttl: number }
    | { kind: 'posts'; content: number; ttl: number; type: 'A' | 'CNAME' }
  const operation: fc.Arbitrary<Operation> = fc.oneof(
    fc.record({
      kind: fc.constantFrom('deletes' as const, 'patches' as const, 'puts' as const),
      target: fc.nat(4),
      content: fc.integer({ min: 1, max: 6 }),
      ttl: fc.constantFrom(1, 60, 59),
    }),
    fc.record({
      kind: fc.constant('posts' as const),
      content: fc.integer({ min: 1, max: 6 }),
      ttl: fc.constantFrom(1, 60, 59),
      type: fc.constantFrom('A' as const, 'CNAME' as const),
    }),
  )

  test('any batch takes effect whole or leaves the zone as it was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 6 }), async (operations) => {
        const { batch, held, ids, emulator } = zoneWith([A(1), A(2), A(3), A(4)])
        const before = held().toSorted(byId)
        const answer = await batch(bodyOf(operations, ids))
        if (answer.status !== 200) {
          expect(answer.json.errors).toHaveLength(1)
          expect(held().toSorted(byId)).toEqual(before)
          expect(emulator.state.history()).toHaveLength(1)
          return
        }
        const result = answer.json.result as Record<string, RecordBody[]>
        const after = new Map(before.map((record) => [record.id, record]))
        for (const { id } of result.deletes!) after.delete(id)
        for (const record of [...result.patches!, ...result.puts!, ...result.posts!])
          after.set(record.id, record)
        expect(held().toSorted(byId)).toEqual([...after.values()].toSorted(byId))
      }),
      { numRuns: 300 },
    )
  })

  function bodyOf(operations: readonly Operation[], ids: readonly string[]): object {
    const lists: Record<Operation['kind'], object[]> = { deletes: [], patches: [], puts: [], posts: [] }
    for (const each of operations) {
      const content =
        each.kind === 'posts' && each.type === 'CNAME' ? 'a.example.net' : `192.0.2.${each.content}`
      if (each.kind === 'posts') lists.posts.push({ type: each.type, name: 'www', content, ttl: each.ttl })
      else {
        const id = ids[each.target] ?? 'f'.repeat(32)
        lists[each.kind].push({ id, type: 'A', name: 'www', content, ttl: each.ttl })
      }
    }
    return lists
  }
})

describe('limits', () => {
  const posts = (count: number) =>
    Array.from({ length: count }, (_, index) => A((index % 250) + 1, `h${Math.floor(index / 250)}`))

  test('200 operations on a free plan, and not one more', async () => {
    expect((await zoneWith([]).batch({ posts: posts(200) })).status).toBe(200)
    const { batch, held } = zoneWith([])
    expect((await batch({ posts: posts(201) })).status).toBe(400)
    expect(held()).toEqual([])
  })

  test('3,500 on a paid plan', async () => {
    expect((await zoneWith([], 'pro').batch({ posts: posts(3_500) })).status).toBe(200)
    expect((await zoneWith([], 'pro').batch({ posts: posts(3_501) })).status).toBe(400)
  })

  test('the quota counts what the deletes have freed', async () => {
    const started = api({ zones: [{ name: 'example.com', records: [A(1)], recordQuota: 1 }] })
    const { id } = started.emulator.state.records('example.com')[0]!
    const path = `/zones/${started.zoneId}/dns_records/batch`
    expect((await started.call('POST', path, { posts: [A(2)] })).json.errors[0]?.code).toBe(81045)
    expect((await started.call('POST', path, { deletes: [{ id }], posts: [A(2)] })).status).toBe(200)
  })

  test.each(['[]', '{"posts":{}}', '{"deletes":["x"]}', '{"patches":[{"content":"192.0.2.1"}]}'])(
    '%s is 9207',
    async (body) => {
      expect((await zoneWith([]).batch(body)).json.errors[0]?.code).toBe(9207)
    },
  )
})

function byId(left: { id: string }, right: { id: string }): number {
  return left.id < right.id ? -1 : 1
}
