import { describe, expect, test } from 'vitest'
import type { PlainReply, WireReply } from '../emulator.ts'
import { answerIn, office, textOf } from '../oauth/testing.ts'

function replied(reply: WireReply): PlainReply {
  if (reply.kind !== 'reply') throw new Error(`a reply was expected, and ${reply.kind} came`)
  return reply
}

describe('F24', () => {
  test.each([
    ['reset', 'reset'],
    ['hang', 'hang'],
    ['error', 'reply'],
  ])('%s: the token was rotated, and only the emulator knows the next', async (form, kind) => {
    const { code, exchange, refresh, refreshAnyhow, emulator } = office()
    const held = await exchange(code())
    emulator.faults.script([{ fault: 'F24', form }])
    expect((await refreshAnyhow(held.refresh)).kind).toBe(kind)
    expect((await refresh(held.refresh)).json.error).toBe('invalid_grant')
    expect(emulator.state.grants()).toMatchObject([{ ended: true }])
  })

  test('waits for a refresh: the exchange of a code is none', async () => {
    const { code, exchange, emulator } = office()
    emulator.faults.script([{ fault: 'F24' }])
    expect((await exchange(code())).status).toBe(200)
    expect(emulator.faults.pending()).toHaveLength(1)
  })
})

describe('F25', () => {
  test('the winner holds tokens that are good no more, the loser holds none', async () => {
    for (const [form, status] of [
      ['first', 200],
      ['second', 400],
    ] as const) {
      const { code, exchange, refresh, emulator, callWith } = office()
      const held = await exchange(code())
      emulator.faults.script([{ fault: 'F25', form }])
      const answer = await refresh(held.refresh)
      expect(answer.status).toBe(status)
      expect(await callWith(answer.access || held.access)).toEqual([403, 9109])
    }
  })
})

describe('F26', () => {
  test.each([
    ['server_error', 500],
    ['temporarily_unavailable', 503],
    ['429', 429],
    ['html', 502],
  ])('%s is %i, before or after the tokens were issued', async (form, status) => {
    for (const phase of ['before-commit', 'after-commit'] as const) {
      const { code, exchange, refreshAnyhow, refresh, emulator } = office()
      const held = await exchange(code())
      emulator.faults.script([{ fault: 'F26', form, phase, seconds: 7 }])
      const reply = replied(await refreshAnyhow(held.refresh))
      expect(reply.status).toBe(status)
      if (form === 'html') expect(textOf(reply)).toContain('<html>')
      else expect(JSON.parse(textOf(reply)).error).toBe(form === '429' ? 'rate_limited' : form)
      if (form === '429') expect(reply.headers['retry-after']).toBe('7')
      expect((await refresh(held.refresh)).status).toBe(phase === 'before-commit' ? 200 : 400)
    }
  })

  test('slow is late and good', async () => {
    const { code, exchange, refreshAnyhow, emulator } = office()
    const held = await exchange(code())
    emulator.faults.script([{ fault: 'F26', form: 'slow', seconds: 30 }])
    expect(await refreshAnyhow(held.refresh)).toMatchObject({ status: 200, delayMs: 30_000 })
  })

  test.each(['server_error', 'temporarily_unavailable'])(
    'the authorize endpoint sends %s back',
    async (form) => {
      const { get, authorizeUrl, emulator } = office()
      const rule = { fault: 'F26', form, route: 'authorize' } as const
      emulator.faults.script([rule, rule])
      const reply = await get(authorizeUrl())
      expect(answerIn(reply.headers.location)).toMatchObject({ error: form, state: 'state-0123456789' })
      expect((await get(authorizeUrl({ client_id: 'nobody' }))).status).toBe(400)
    },
  )
})

describe('faults of every endpoint', () => {
  test('happen to the token endpoint, with or without effect', async () => {
    const { code, exchange, refreshAnyhow, refresh, emulator } = office()
    const held = await exchange(code())
    emulator.faults.script([{ fault: 'F5', phase: 'before-commit', route: 'refresh' }])
    expect(replied(await refreshAnyhow(held.refresh)).status).toBeGreaterThan(500)
    expect((await refresh(held.refresh)).status).toBe(200)
  })

  test('F22 can take the whole grant, F23 the right to edit for all later tokens', async () => {
    const withdrawn = office()
    const held = await withdrawn.exchange(withdrawn.code())
    withdrawn.emulator.faults.script([{ fault: 'F22', form: 'grant', credential: held.access }])
    expect(await withdrawn.callWith(held.access)).toEqual([403, 9109])
    expect((await withdrawn.refresh(held.refresh)).json.error).toBe('invalid_grant')
    withdrawn.emulator.faults.end('F22')
    expect(withdrawn.emulator.state.grants()).toMatchObject([{ ended: false }])

    const reduced = office()
    const tokens = await reduced.exchange(reduced.code())
    reduced.emulator.faults.script([{ fault: 'F23' }])
    await reduced.callWith(tokens.access)
    const { json } = await reduced.refresh(tokens.refresh)
    expect(json.scope).toBe('zone.read dns.read offline_access openid')
    reduced.emulator.faults.end('F23')
    expect(reduced.emulator.state.grants()[0]?.scopes).toContain('dns.write')
  })

  test('F22 of the token alone leaves the refresh token good', async () => {
    const { code, exchange, callWith, refresh, emulator } = office()
    const held = await exchange(code())
    emulator.faults.script([{ fault: 'F22' }])
    expect(await callWith(held.access)).toEqual([403, 9109])
    expect((await refresh(held.refresh)).status).toBe(200)
  })

  test('chance leaves pages for people alone', async () => {
    const { get, authorizeUrl, emulator, code, exchange } = office()
    const fresh = code()
    emulator.faults.random({ rate: 1, only: ['F3'] })
    expect((await get(authorizeUrl())).status).toBe(200)
    expect((await get('/profile/api-tokens')).status).toBe(200)
    expect((await exchange(fresh)).status).toBe(500)
  })
})
