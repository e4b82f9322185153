import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { FaultRule, RecordBody } from '../emulator.ts'
import { api } from '../testing.ts'

const A = (host: number, name = 'www') => ({ type: 'A', name, content: `192.0.2.${host}` })

/** A zone with two records, and rules for what comes next. */
function faulty(...rules: FaultRule[]) {
  const started = api({ zones: [{ name: 'example.com', plan: 'pro', records: [A(1), A(2)] }] })
  started.emulator.faults.script(rules)
  const records = `/zones/${started.zoneId}/dns_records`
  const held = () => started.emulator.state.records('example.com').map(({ content }) => content)
  const ids = started.emulator.state.records('example.com').map(({ id }) => id)
  const listed = async () =>
    (await started.call('GET', `${records}?order=content`)).records.map((each) => each.content)
  return { ...started, records, held, ids, listed }
}

describe('answers', () => {
  test('F1 says how long to wait, F2 does not', async () => {
    const { call } = faulty({ fault: 'F1', seconds: 17 }, { fault: 'F2', form: 'html' })
    const first = await call('GET', '/zones')
    expect([first.status, first.headers['retry-after']]).toEqual([429, '17'])
    const { raw, emulator } = faulty({ fault: 'F2', form: 'html' })
    const second = await raw('GET', '/zones')
    expect(second).toMatchObject({ status: 429, headers: { 'content-type': 'text/html; charset=UTF-8' } })
    expect(emulator.faults.hits()).toEqual([{ fault: 'F2', phase: 'before-auth', count: 1 }])
  })

  test('F5 is a page of HTML with a status of the edge', async () => {
    const { raw } = faulty({ fault: 'F5', status: 522 })
    const reply = await raw('GET', '/zones')
    expect(reply).toMatchObject({ kind: 'reply', status: 522 })
    expect(reply.kind === 'reply' && Buffer.from(reply.body).toString()).toContain('<html>')
  })

  test('F14 fails every batch with one record in it, and lets the others through', async () => {
    const rule = { fault: 'F14', name: 'bad.example.com', times: Number.POSITIVE_INFINITY }
    const { call, records, held } = faulty(rule)
    const batch = (...names: string[]) =>
      call('POST', `${records}/batch`, { posts: names.map((name) => A(9, name)) }).then(
        ({ status }) => status,
      )
    expect(await batch('good', 'bad')).toBe(400)
    expect(await batch('good')).toBe(200)
    expect(await batch('BAD.example.com')).toBe(400)
    expect(held()).toHaveLength(3)
  })

  test('F17 refuses new records only', async () => {
    const { call, records, ids } = faulty({ fault: 'F17' })
    expect((await call('DELETE', `${records}/${ids[0]}`)).status).toBe(200)
    expect((await call('POST', records, A(5))).json.errors[0]?.code).toBe(81045)
  })

  test('F21 refuses a good credential once', async () => {
    const { call, records } = faulty({ fault: 'F21' })
    const refused = await call('GET', records)
    expect([refused.status, refused.json.errors[0]?.code]).toEqual([403, 10000])
    expect((await call('GET', records)).status).toBe(200)
  })

  test('F34 points to another host', async () => {
    const { raw } = faulty({ fault: 'F34', status: 307 })
    expect(await raw('GET', '/zones')).toMatchObject({
      status: 307,
      headers: { location: 'https://www.example.org/client/v4/zones' },
    })
  })
})

describe('bodies', () => {
  const bodyOf = async (form: string) => {
    const { raw, records } = faulty({ fault: 'F12', form })
    const reply = await raw('GET', records)
    if (reply.kind !== 'reply') throw new Error('a reply was expected')
    return reply
  }
  test.each(['cut', 'empty', 'no JSON', 'no UTF-8'])('F12, %s, is no JSON', async (form) => {
    const { body } = await bodyOf(form)
    expect(() => JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))).toThrow()
  })
  test('F12 can be endless, and larger inside than outside', async () => {
    expect((await bodyOf('endless')).body.length).toBeGreaterThan(40_000_000)
    const bomb = await bodyOf('gzip bomb')
    expect(bomb.body.length).toBeLessThan(100_000)
    expect(gunzipSync(bomb.body).length).toBeGreaterThan(40_000_000)
  })

  test('F37 tells times of another clock, and changes none', async () => {
    const { call, records, emulator } = faulty({ fault: 'F37', form: 'behind', seconds: 60 })
    const truth = emulator.state.records('example.com')[0]!.modified_on
    const told = (await call('GET', records)).records[0]!.modified_on
    expect(Date.parse(truth) - Date.parse(told)).toBeGreaterThan(59_000)
    expect(emulator.state.records('example.com')[0]!.modified_on).toBe(truth)
  })
})

describe('commits', () => {
  test('F9 takes effect when its time has come, before anything else is looked at', async () => {
    const { raw, records, held, clock, emulator } = faulty({ fault: 'F9', seconds: 40, form: 'hang' })
    expect(await raw('POST', records, A(3))).toEqual({ kind: 'hang' })
    clock.now += 39_999
    expect(held()).toHaveLength(2)
    clock.now += 61_000
    expect(held()).toHaveLength(3)
    const late = emulator.state.history().at(-1)!
    expect(late.at).toBe(clock.now - 61_000 + 1)
  })

  test('F9 that has become impossible does not happen', async () => {
    const { raw, call, records, held, ids, clock } = faulty({ fault: 'F9', seconds: 40 })
    await raw('PATCH', `${records}/${ids[0]}`, { content: '192.0.2.9' })
    await call('DELETE', `${records}/${ids[0]}`)
    clock.now += 60_000
    expect(held()).toEqual(['192.0.2.2'])
  })

  test('F32 answers with an id that no list ever shows', async () => {
    const { call, records, listed } = faulty({ fault: 'F32' })
    const { status, record } = await call('POST', records, A(3))
    expect([status, record.content]).toEqual([200, '192.0.2.3'])
    expect(await listed()).toEqual(['192.0.2.1', '192.0.2.2'])
    expect((await call('GET', `${records}/${record.id}`)).status).toBe(404)
  })

  test('F36 carries a request out twice: the second is refused by what the first did', async () => {
    const { call, records, held } = faulty({ fault: 'F36', form: 'second' }, { fault: 'F36', form: 'first' })
    expect((await call('POST', records, A(3))).json.errors[0]?.code).toBe(81058)
    expect((await call('POST', records, A(4))).status).toBe(200)
    expect(held()).toHaveLength(4)
  })
})

describe('reads', () => {
  test('F18 shows the zone as it was', async () => {
    const { call, records, clock, listed, ids } = faulty({ fault: 'F18', seconds: 10, after: 0 })
    clock.now += 20_000
    await call('POST', `${records}/batch`, {
      deletes: [{ id: ids[0] }],
      patches: [{ id: ids[1], content: '192.0.2.9' }],
      posts: [A(3)],
    })
    clock.now += 5_000
    expect(await listed()).toEqual(['192.0.2.1', '192.0.2.2'])
    expect(await listed()).toEqual(['192.0.2.3', '192.0.2.9'])
  })

  test('F19 loses a row, repeats one, miscounts, or never ends', async () => {
    const seen = async (form: string, query = '') => {
      const { call, records } = faulty({ fault: 'F19', form })
      const { json } = await call('GET', `${records}${query}`)
      return [(json.result as RecordBody[]).length, json.result_info?.total_count]
    }
    expect(await seen('missing')).toEqual([1, 2])
    expect(await seen('twice')).toEqual([3, 2])
    expect(await seen('count')).toEqual([2, 3])
    expect(await seen('endless', '?page=99')).toEqual([1, 2])
  })

  test('F20 is an empty list with 200', async () => {
    const { call, records } = faulty({ fault: 'F20' })
    const { status, json } = await call('GET', records)
    expect([status, json.result, json.result_info?.total_count]).toEqual([200, [], 0])
  })
})

describe('other hands', () => {
  test('F15 deletes a record that the request names, so that the whole request fails', async () => {
    const { call, records, ids, held } = faulty({ fault: 'F15' })
    const { status, json } = await call('POST', `${records}/batch`, {
      deletes: [{ id: ids[0] }],
      posts: [A(3)],
    })
    expect([status, json.errors[0]?.code]).toEqual([404, 81044])
    expect(held()).toEqual(['192.0.2.2'])
  })

  test('F16 creates the record first', async () => {
    const { call, records, emulator } = faulty({ fault: 'F16' })
    expect((await call('POST', records, A(3))).json.errors[0]?.code).toBe(81058)
    expect(emulator.state.history().at(-1)?.by).toBe('human')
  })

  test('F29 edits the zone just before a write', async () => {
    const { call, records, held } = faulty({ fault: 'F29', form: 'add' })
    expect((await call('POST', records, A(3))).status).toBe(200)
    expect(held()).toHaveLength(4)
  })

  test('F22 and F23 last: the token is unknown, or may only read', async () => {
    const revoked = faulty({ fault: 'F22' })
    expect((await revoked.call('GET', revoked.records)).status).toBe(401)
    expect((await revoked.call('GET', revoked.records)).status).toBe(401)
    const reader = faulty({ fault: 'F23', route: 'create' })
    expect((await reader.call('POST', reader.records, A(3))).status).toBe(403)
    expect((await reader.call('GET', reader.records)).status).toBe(200)
    expect((await reader.call('POST', reader.records, A(3))).status).toBe(403)
  })

  test('F27 takes the zone away, F28 its batch size', async () => {
    const gone = faulty({ fault: 'F27', form: 'deleted' })
    expect((await gone.call('GET', gone.records)).status).toBe(403)
    const poorer = faulty({ fault: 'F28' })
    const posts = Array.from({ length: 201 }, (_, index) => A(1, `h${index}`))
    expect((await poorer.call('POST', `${poorer.records}/batch`, { posts })).status).toBe(400)
  })

  test('F28 takes as few operations in a batch as it is told', async () => {
    const { call, records } = faulty({ fault: 'F28', operations: 2 })
    const batch = async (size: number) => {
      const posts = Array.from({ length: size }, (_, index) => A(1, `h${size}-${index}`))
      return (await call('POST', `${records}/batch`, { posts })).status
    }
    expect([await batch(3), await batch(2)]).toEqual([400, 200])
  })
})

describe('what lasts can end', () => {
  test('F22 and F23: the token is good again, and may write', async () => {
    for (const fault of ['F22', 'F23']) {
      const { call, records, emulator } = faulty({ fault, times: 2 })
      const write = async () => (await call('POST', records, A(3))).status
      expect([await write(), await write()], fault).not.toContain(200)
      emulator.faults.end(fault)
      expect(await write(), fault).toBe(200)
    }
  })

  test.each(['deleted', 'moved', 'pending', 'paused', 'read-only'])(
    'F27: a zone that was %s is there as before, with its records',
    async (form) => {
      const { call, records, emulator } = faulty()
      const zones = async () => (await call('GET', '/zones')).json.result
      const before = await zones()
      emulator.faults.script([{ fault: 'F27', form }])
      await call('GET', records)
      expect(await zones()).not.toEqual(before)
      emulator.faults.end('F27')
      expect(await zones()).toEqual(before)
      expect((await call('GET', records)).records).toHaveLength(2)
    },
  )

  test('F27: a zone that was made anew in the meantime stays', async () => {
    const { call, records, emulator } = faulty({ fault: 'F27', form: 'deleted' })
    await call('GET', records)
    const { id } = emulator.state.addZone({ name: 'example.com', id: '0123456789abcdef0123456789abcdef' })
    emulator.faults.end('F27')
    expect(emulator.state.zones().map((zone) => zone.id)).toEqual([id])
  })

  test('F28: the plan and its batches are as before', async () => {
    const { call, records, emulator } = faulty({ fault: 'F28', operations: 2 })
    const posts = [A(1, 'h1'), A(1, 'h2'), A(1, 'h3')]
    expect((await call('POST', `${records}/batch`, { posts })).status).toBe(400)
    emulator.faults.end('F28')
    expect(emulator.state.zones()[0]?.plan).toBe('pro')
    expect((await call('POST', `${records}/batch`, { posts })).status).toBe(200)
  })

  test('F31, and rules that happen always, without an end of the others', async () => {
    const always = Number.POSITIVE_INFINITY
    const { call, raw, emulator } = faulty(
      { fault: 'F31', form: 'reset' },
      { fault: 'F3', route: 'verify', times: always },
    )
    expect((await raw('GET', '/zones')).kind).toBe('reset')
    emulator.faults.end('F31')
    expect((await call('GET', '/zones')).status).toBe(200)
    expect((await call('GET', '/user/tokens/verify')).status).toBe(500)
    emulator.faults.end('F3')
    expect((await call('GET', '/user/tokens/verify')).status).toBe(200)
    expect(() => emulator.faults.end('F99')).toThrow('F99')
  })
})
