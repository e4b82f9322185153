import { describe, expect, test } from 'vitest'
import type { FaultRule, WireReply } from '../emulator.ts'
import { office } from '../oauth/testing.ts'
import { type Api, api } from '../testing.ts'

function zoneOfThree(): Api & { records: string; ids: readonly string[] } {
  const records = [1, 2, 3].map((host) => ({ type: 'A', name: `h${host}`, content: `192.0.2.${host}` }))
  const started = api({ zones: [{ name: 'example.com', plan: 'pro', records }] })
  return {
    ...started,
    records: `/zones/${started.zoneId}/dns_records`,
    ids: started.emulator.state.records('example.com').map(({ id }) => id),
  }
}

/** A batch that every fault of writes can happen to. */
function writeTo({ raw, records, ids }: ReturnType<typeof zoneOfThree>): Promise<WireReply> {
  return raw('POST', `${records}/batch`, {
    patches: [{ id: ids[0], content: '192.0.2.9' }],
    posts: [{ type: 'A', name: 'new', content: '192.0.2.4' }],
  })
}

const OF_OAUTH = { F24: true, F25: true, F26: true }

async function written(rule: FaultRule) {
  const zone = zoneOfThree()
  zone.emulator.faults.script([rule])
  await writeTo(zone)
  await zone.raw('GET', zone.records)
  return zone.emulator
}

async function refreshed(rule: FaultRule) {
  const { emulator, exchange, code, refreshAnyhow } = office()
  const { refresh } = await exchange(code())
  emulator.faults.script([rule])
  await refreshAnyhow(refresh)
  return emulator
}

describe('scripts', () => {
  test('every fault of the catalogue happens in every one of its phases, in every one of its forms', async () => {
    for (const { fault, phases, forms } of api().emulator.faults.catalogue()) {
      for (const phase of phases) {
        for (const form of forms.length > 0 ? forms : [undefined]) {
          const rule = { fault, phase, ...(form !== undefined && { form }) }
          const { faults } = fault in OF_OAUTH ? await refreshed(rule) : await written(rule)
          expect(faults.hits()[0], `${fault} ${phase} ${form}`).toMatchObject({ fault, phase })
          expect(faults.pending(), `${fault} ${phase} ${form}`).toEqual([])
        }
      }
    }
  })

  test('a fault leaves nothing behind that took effect before its phase, and all of it after', async () => {
    const took = async (rule: FaultRule) => {
      const zone = zoneOfThree()
      zone.emulator.faults.script([rule])
      await writeTo(zone)
      return zone.emulator.state.history().some(({ by }) => by === 'api')
    }
    for (const fault of ['F3', 'F5', 'F7']) {
      expect(await took({ fault, phase: 'before-auth' }), fault).toBe(false)
      expect(await took({ fault, phase: 'before-commit' }), fault).toBe(false)
    }
    for (const fault of ['F4', 'F5', 'F8', 'F33', 'F13']) {
      expect(await took({ fault, phase: 'after-commit' }), fault).toBe(true)
    }
    expect(await took({ fault: 'F33', phase: 'before-auth' })).toBe(false)
    expect(await took({ fault: 'F10' })).toBe(true)
  })

  test('before commit, a bad credential is still refused as such; before authorisation, nobody asked', async () => {
    const status = async (rule: FaultRule) => {
      const { call, zoneId, emulator } = api()
      emulator.faults.script([rule])
      return (await call('GET', `/zones/${zoneId}/dns_records`, undefined, {})).status
    }
    expect(await status({ fault: 'F3', phase: 'before-auth' })).toBe(500)
    expect(await status({ fault: 'F3', phase: 'before-commit' })).toBe(400)
  })

  test('a rule waits for its route, its zone and its turn', async () => {
    const { call, emulator, zoneId } = api({ zones: [{ name: 'example.com' }, { name: 'example.net' }] })
    const other = emulator.state.zones()[1]!.id
    emulator.faults.script([{ fault: 'F3', route: 'list', zone: 'example.net', after: 1, times: 2 }])
    const status = async (path: string) => (await call('GET', path)).status
    expect(await status('/zones')).toBe(200)
    expect(await status(`/zones/${zoneId}/dns_records`)).toBe(200)
    const list = `/zones/${other}/dns_records`
    expect([await status(list), await status(list), await status(list), await status(list)]).toEqual([
      200, 500, 500, 200,
    ])
  })

  test('a fault, phase, form or route that is not there is refused when it is scripted', () => {
    const { faults } = api().emulator
    expect(() => faults.script([{ fault: 'F99' }])).toThrow('F99')
    expect(() => faults.script([{ fault: 'F1', phase: 'after-commit' }])).toThrow('before-auth')
    expect(() => faults.script([{ fault: 'F2', form: 'xml' }])).toThrow('json, html')
    expect(() => faults.script([{ fault: 'F1', route: 'lists' as 'list' }])).toThrow('lists')
  })

  test('the log of calls tells which fault it was, and 0 where no status was sent', async () => {
    const zone = zoneOfThree()
    zone.emulator.faults.script([{ fault: 'F8', route: 'batch' }])
    await writeTo(zone)
    expect(zone.emulator.state.calls()).toMatchObject([
      { route: 'batch', status: 0, operations: 2, fault: 'F8', phase: 'after-commit' },
    ])
  })
})

describe('chance', () => {
  async function faultsSeen(rate: number, seed: number, only?: readonly string[]) {
    const zone = zoneOfThree()
    zone.emulator.faults.random({ rate, seed, ...(only !== undefined && { only }) })
    for (let turn = 0; turn < 100; turn += 1) await zone.raw('GET', zone.records)
    return zone.emulator.state.calls().map(({ fault }) => fault)
  }

  test('is off until asked for', async () => {
    const zone = zoneOfThree()
    for (let turn = 0; turn < 50; turn += 1) await zone.raw('GET', zone.records)
    expect(zone.emulator.faults.hits()).toEqual([])
  })

  test('repeats with its seed', async () => {
    expect(await faultsSeen(0.5, 3)).toEqual(await faultsSeen(0.5, 3))
    expect(await faultsSeen(0.5, 3)).not.toEqual(await faultsSeen(0.5, 4))
  })

  test('keeps to its rate and to the faults that are named', async () => {
    expect((await faultsSeen(0.2, 1)).filter((fault) => fault !== undefined).length).toBeGreaterThan(8)
    expect((await faultsSeen(0.2, 1)).filter((fault) => fault !== undefined).length).toBeLessThan(35)
    expect(new Set(await faultsSeen(1, 1, ['F1', 'F3']))).toEqual(new Set(['F1', 'F3']))
    expect(new Set(await faultsSeen(0, 1))).toEqual(new Set([undefined]))
  })

  test('never picks what would last, unless it is named', async () => {
    const { emulator } = api()
    const lasting = emulator.faults.catalogue().filter((entry) => entry.lasting)
    const seen = new Set(await faultsSeen(1, 5))
    expect(lasting.map(({ fault }) => fault)).toEqual(['F22', 'F23', 'F27', 'F28', 'F31'])
    for (const { fault } of lasting) expect(seen.has(fault)).toBe(false)
  })
})

test('an outage lasts as long as it was told, for every route, and ends when cleared', async () => {
  const { call, raw, clock, emulator } = api()
  emulator.faults.script([{ fault: 'F31', seconds: 600, form: 'error' }])
  for (const minute of [0, 5, 9]) {
    clock.now += minute * 60_000 - (clock.now % 600_000)
    expect((await raw('GET', '/zones')).kind).toBe('reply')
    expect(emulator.state.calls().at(-1)?.status).toBeGreaterThanOrEqual(500)
  }
  clock.now += 60_001
  expect((await call('GET', '/zones')).status).toBe(200)
  emulator.faults.script([{ fault: 'F31', form: 'reset' }])
  expect((await raw('GET', '/zones')).kind).toBe('reset')
  emulator.faults.clear()
  expect((await call('GET', '/zones')).status).toBe(200)
})

test('after a reset all is as it was created', async () => {
  const zone = zoneOfThree()
  await writeTo(zone)
  zone.emulator.faults.script([{ fault: 'F3' }])
  zone.emulator.reset()
  expect(zone.emulator.state.records('example.com').map(({ id }) => id)).toEqual(zone.ids)
  expect(zone.emulator.state.calls()).toEqual([])
  expect(zone.emulator.faults.pending()).toEqual([])
})
