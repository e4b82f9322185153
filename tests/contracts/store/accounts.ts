import { beforeEach, describe, expect, test } from 'vitest'
import {
  type AuditRow,
  type ConnectionRow,
  type CustomerRow,
  SESSION_IDLE_MS,
  SESSION_LONGEST_MS,
} from '#store/accounts.ts'
import type { Limit } from '#store/coordination.ts'
import type { Store } from '#store/store.ts'
import { NOON, nameOf, record, ZONE, zoneFacts } from '../../support/samples.ts'

const MINUTE_MS = 60_000

function customer(id: string, more: Partial<CustomerRow> = {}): CustomerRow {
  return {
    id,
    email: `${id}@example.com`,
    passwordHash: '$argon2id$…',
    domain: nameOf('@'),
    ipv4: [],
    ipv6: [],
    host: null,
    servesWww: null,
    createdAt: NOON,
    ...more,
  }
}

function connection(id: string, more: Partial<ConnectionRow> = {}): ConnectionRow {
  return {
    id,
    customerId: 'anna',
    kind: 'oauth',
    status: 'active',
    zoneId: null,
    accessToken: `sealed access of ${id}`,
    refreshToken: `sealed refresh of ${id}`,
    expiresAt: NOON + 3_600_000,
    scope: 'zone.read',
    tokenVersion: 1,
    connectedAt: NOON,
    reviewedAt: null,
    lastSyncAt: null,
    ...more,
  }
}

export function accountContract(store: () => Store): void {
  const accounts = () => store().accounts

  test('a customer is kept as given, found by id and by address, and listed by address', async () => {
    const ben = customer('ben', { host: nameOf('stores'), servesWww: false, passwordHash: null })
    const anna = customer('anna', { ipv4: ['192.0.2.1' as never], servesWww: true })
    expect(await accounts().addCustomer(ben)).toBe(true)
    expect(await accounts().addCustomer(anna)).toBe(true)
    expect(await accounts().customer('ben')).toEqual(ben)
    expect(await accounts().customerByEmail('anna@example.com')).toEqual(anna)
    expect(await accounts().customers()).toEqual([anna, ben])
    expect(await accounts().customer('nobody')).toBeUndefined()
  })

  test('an address is one customer, when it is added and when it is changed', async () => {
    await accounts().addCustomer(customer('anna'))
    await accounts().addCustomer(customer('ben'))
    expect(await accounts().addCustomer(customer('other', { email: 'anna@example.com' }))).toBe(false)
    expect(await accounts().changeCustomer(customer('ben', { email: 'anna@example.com' }))).toBe(false)
    expect(await accounts().changeCustomer(customer('ben', { email: 'b@example.com' }))).toBe(true)
    expect(await accounts().changeCustomer(customer('nobody'))).toBe(false)
    expect((await accounts().customers()).map(({ email }) => email)).toEqual([
      'anna@example.com',
      'b@example.com',
    ])
  })

  test('a customer of another domain has chosen no zone and reviewed nothing, as of that moment', async () => {
    const chosen = { zoneId: ZONE, reviewedAt: NOON }
    const none = { zoneId: null, reviewedAt: null }
    await accounts().addCustomer(customer('ben'))
    await accounts().addCustomer(customer('anna'))
    await accounts().replaceConnection(connection('of-anna', chosen))
    await accounts().replaceConnection(connection('of-ben', { ...chosen, customerId: 'ben' }))
    const elsewhere = customer('anna', { domain: nameOf('shop') })
    await accounts().changeCustomer(customer('anna', { servesWww: true }))
    await accounts().changeCustomer({ ...elsewhere, email: 'ben@example.com' })
    expect(await accounts().connectionOf('anna')).toMatchObject(chosen)
    expect(await accounts().changeCustomer(elsewhere)).toBe(true)
    expect(await accounts().connectionOf('anna')).toMatchObject(none)
    expect(await accounts().connectionOf('ben')).toMatchObject(chosen)
  })

  const happened = (id: string, more: Partial<AuditRow> = {}): AuditRow => ({
    id,
    customerId: 'anna',
    at: NOON,
    event: 'signed-in',
    address: '192.0.2.1',
    browser: 'Firefox on Linux',
    detail: null,
    ...more,
  })

  test('what happened to an account comes newest first, by pages, to its customer alone', async () => {
    const entries = [
      happened('c', { at: NOON + 2, event: 'connected', detail: 'oauth' }),
      happened('a', { at: NOON + 1 }),
      happened('b', { at: NOON + 1 }),
      happened('d'),
    ]
    for (const entry of entries.toReversed()) await accounts().noteAudit(entry, 9)
    await accounts().noteAudit(happened('e', { customerId: 'ben' }), 9)
    expect(await accounts().auditOf('anna', 9)).toEqual(entries)
    expect(await accounts().auditOf('anna', 2)).toEqual(entries.slice(0, 2))
    expect(await accounts().auditOf('anna', 2, entries[1])).toEqual(entries.slice(2))
    expect(await accounts().auditOf('nobody', 9)).toEqual([])
  })

  test('of one event only the newest are kept, so that guesses at a password push nothing else out', async () => {
    await accounts().noteAudit(happened('first'), 3)
    for (let index = 0; index < 6; index += 1) {
      await accounts().noteAudit(happened(`f${index}`, { at: NOON + index, event: 'sign-in-failed' }), 3)
    }
    expect((await accounts().auditOf('anna', 9)).map(({ id }) => id)).toEqual(['f5', 'f4', 'f3', 'first'])
  })

  test('what happened to an account is forgotten when it is old, or the account is gone', async () => {
    await accounts().addCustomer(customer('anna'))
    await accounts().noteAudit(happened('gone', { customerId: 'ben', at: NOON + 9 }), 9)
    await accounts().noteAudit(happened('old'), 9)
    await accounts().noteAudit(happened('new', { at: NOON + 1 }), 9)
    expect(await accounts().forgetAudit(NOON + 1)).toBe(2)
    expect(await accounts().forgetAudit(NOON + 1)).toBe(0)
    expect((await accounts().auditOf('anna', 9)).map(({ id }) => id)).toEqual(['new'])
    expect(await accounts().auditOf('ben', 9)).toEqual([])
  })

  test('with a customer goes all that is theirs, and nothing of another one', async () => {
    for (const id of ['anna', 'ben']) {
      await accounts().addCustomer(customer(id))
      await accounts().replaceConnection(connection(`of-${id}`, { customerId: id }))
      await accounts().keepSession({ idHash: `session-${id}`, customerId: id, data: '{}' }, NOON)
      await store().spend({ ...CHANGES, subject: id, customerId: id, most: 1 }, NOON)
      await accounts().noteAudit(happened(`audit-${id}`, { customerId: id }), 9)
    }
    expect(await accounts().removeCustomer('anna')).toBe(true)
    expect(await accounts().auditOf('anna', 9)).toEqual([])
    expect(await accounts().auditOf('ben', 9)).toHaveLength(1)
    expect(await accounts().removeCustomer('anna')).toBe(false)
    expect(await accounts().customer('anna')).toBeUndefined()
    expect(await accounts().connectionOf('anna')).toBeUndefined()
    expect(await accounts().session('session-anna', NOON)).toBeUndefined()
    expect(await store().spend({ ...CHANGES, most: 1 }, NOON)).toEqual({ ok: true })
    expect(await accounts().connectionOf('ben')).toBeDefined()
    expect(await accounts().session('session-ben', NOON)).toBeDefined()
  })

  const session = (more: object = {}) => ({ idHash: 's', customerId: 'anna', data: '{"a":1}', ...more })

  test('a session lives for 30 minutes from its last use', async () => {
    await accounts().keepSession(session(), NOON)
    expect(await accounts().session('s', NOON + SESSION_IDLE_MS - 1)).toEqual({
      ...session(),
      createdAt: NOON,
    })
    expect(await accounts().session('s', NOON + 2 * SESSION_IDLE_MS - 2)).toBeDefined()
    expect(await accounts().session('s', NOON + 3 * SESSION_IDLE_MS - 2)).toBeUndefined()
    expect(await accounts().keepSession(session(), NOON + 3 * SESSION_IDLE_MS)).toBe(false)
  })

  test('a session that goes on under another id began when it began', async () => {
    const createdAt = NOON - SESSION_LONGEST_MS + MINUTE_MS
    await accounts().keepSession(session({ createdAt }), NOON)
    expect(await accounts().session('s', NOON)).toMatchObject({ createdAt })
    expect(await accounts().session('s', NOON + MINUTE_MS)).toBeUndefined()
  })

  test('a session lives for 12 hours, however much it is used', async () => {
    await accounts().keepSession(session(), NOON)
    let at = NOON
    for (; at < NOON + SESSION_LONGEST_MS; at += SESSION_IDLE_MS - 1) {
      expect(await accounts().session('s', at)).toBeDefined()
      expect(await accounts().keepSession(session({ data: '{}' }), at)).toBe(true)
    }
    expect(await accounts().session('s', NOON + SESSION_LONGEST_MS)).toBeUndefined()
    expect(await accounts().keepSession(session(), NOON + SESSION_LONGEST_MS)).toBe(false)
  })

  test('a session that has ended is not brought back by a request that was under way', async () => {
    await accounts().keepSession(session(), NOON)
    await accounts().endSession('s', NOON + 1)
    expect(await accounts().keepSession(session(), NOON + 2)).toBe(false)
    expect(await accounts().session('s', NOON + 2)).toBeUndefined()
  })

  test('all sessions of a customer end together', async () => {
    for (const [idHash, customerId] of [
      ['one', 'anna'],
      ['two', 'anna'],
      ['three', 'ben'],
      ['four', null],
    ] as const)
      await accounts().keepSession(session({ idHash, customerId }), NOON)
    await accounts().endSessionsOf('anna', NOON + 1)
    const alive = await Promise.all(
      ['one', 'two', 'three', 'four'].map((idHash) => accounts().session(idHash, NOON + 2)),
    )
    expect(alive.map((one) => one !== undefined)).toEqual([false, false, true, true])
  })

  test('sessions are forgotten when nobody can bring them back', async () => {
    await accounts().keepSession(session({ idHash: 'old' }), NOON)
    await accounts().keepSession(session({ idHash: 'ended' }), NOON + SESSION_IDLE_MS)
    await accounts().endSession('ended', NOON + SESSION_IDLE_MS)
    const later = NOON + SESSION_IDLE_MS + 10 * MINUTE_MS
    await accounts().forgetSessions(later)
    expect(await accounts().keepSession(session({ idHash: 'ended' }), later)).toBe(false)
    await accounts().forgetSessions(later + 1)
    expect(await accounts().keepSession(session({ idHash: 'ended' }), later + 1)).toBe(true)
  })

  test('a state is taken once', async () => {
    const state = {
      stateHash: 'h',
      customerId: 'anna',
      sessionHash: 's',
      verifier: 'sealed',
      expiresAt: NOON + 600_000,
    }
    await accounts().addOAuthState(state, NOON)
    const taken = await Promise.all(Array.from({ length: 10 }, () => accounts().takeOAuthState('h')))
    expect(taken.filter((one) => one !== undefined)).toEqual([state])
    expect(await accounts().takeOAuthState('another')).toBeUndefined()
  })

  test('states that ran out are forgotten when another one is added', async () => {
    const state = (stateHash: string, expiresAt: number) => ({
      stateHash,
      customerId: 'anna',
      sessionHash: 's',
      verifier: 'sealed',
      expiresAt,
    })
    await accounts().addOAuthState(state('old', NOON), NOON - 1)
    await accounts().addOAuthState(state('new', NOON + 1), NOON)
    expect(await accounts().takeOAuthState('old')).toBeUndefined()
  })

  test('a connection is kept as given, found by its own customer alone, and changed', async () => {
    const kept = connection('c')
    await accounts().replaceConnection(kept)
    expect(await accounts().connectionOf('anna')).toEqual(kept)
    expect(await accounts().connection('anna', 'c')).toEqual(kept)
    expect(await accounts().connection('ben', 'c')).toBeUndefined()
    expect(await accounts().changeConnection('ben', 'c', { reviewedAt: NOON })).toBeUndefined()
    const changes = { zoneId: '0a'.repeat(16), reviewedAt: NOON + 1, lastSyncAt: NOON + 2 }
    expect(await accounts().changeConnection('anna', 'c', changes)).toEqual({ ...kept, ...changes })
    expect(await accounts().changeConnection('anna', 'c', { zoneId: null })).toMatchObject({ zoneId: null })
  })

  test('a new connection takes the place of the one before, also of several at once', async () => {
    await accounts().addCustomer(customer('anna'))
    await accounts().replaceConnection(connection('first'))
    await Promise.all(
      ['a', 'b', 'c', 'd'].map((id) =>
        accounts().replaceConnection(connection(id, { connectedAt: NOON + 1 })),
      ),
    )
    expect(await accounts().connection('anna', 'first')).toBeUndefined()
    const left = await accounts().sealedTokens()
    expect(left).toHaveLength(1)
    expect(await accounts().connectionOf('anna')).toEqual(left[0])
  })

  test('a connection is removed for its own customer alone', async () => {
    await accounts().replaceConnection(connection('c'))
    await accounts().removeConnection('ben', 'c')
    expect(await accounts().connectionOf('anna')).toBeDefined()
    await accounts().removeConnection('anna', 'c')
    expect(await accounts().connectionOf('anna')).toBeUndefined()
  })

  test('with a connection go its cache and its plans, and nothing of another one', async () => {
    const holders = ['anna', 'ben'].map((customerId) => ({ customerId, connectionId: `of-${customerId}` }))
    for (const holder of holders) {
      const { customerId, connectionId } = holder
      await accounts().replaceConnection(connection(connectionId, { customerId }))
      const seen = [record('r1 www A 192.0.2.1')]
      await store().edits.keepList(holder, ZONE, { at: NOON, seen, gone: [], outside: [] })
      await store().edits.keepPlan({
        ...holder,
        id: `plan-${customerId}`,
        zone: ZONE,
        plan: '{}',
        fingerprint: 'f',
        createdAt: NOON,
        expiresAt: NOON + 60_000,
      })
    }
    await accounts().removeConnection('anna', 'of-anna')
    const left = await Promise.all(
      holders.map(async (holder) => [
        (await store().edits.cached(holder, ZONE)).records.length,
        (await store().edits.planMadeFrom(holder, 'f', NOON)) !== undefined,
      ]),
    )
    expect(left).toEqual([
      [0, false],
      [1, true],
    ])
  })

  test('what is read as its connection goes is forgotten with the next tidying', async () => {
    const holder = { customerId: 'anna', connectionId: 'c' }
    const kept = { at: NOON, seen: [record('r1 www A 192.0.2.1')], gone: [], outside: [] }
    const cached = async () => (await store().edits.cached(holder, ZONE)).records.length
    await accounts().addCustomer(customer('anna'))
    await accounts().replaceConnection(connection('c'))
    await store().edits.keepList(holder, ZONE, kept)
    await accounts().forgetSessions(NOON)
    expect(await cached()).toBe(1)
    await accounts().removeConnection('anna', 'c')
    await store().edits.keepList(holder, ZONE, kept)
    await accounts().forgetSessions(NOON)
    expect(await cached()).toBe(0)
  })

  describe('the zones that a connection saw', () => {
    const zones = async (id: string) => (await store().zonesOf(`connection:${id}`)).length
    const see = (id: string) => store().rememberZones(`connection:${id}`, [zoneFacts('example.com')], NOON)

    beforeEach(async () => {
      for (const who of ['anna', 'ben']) {
        await accounts().addCustomer(customer(who))
        await accounts().replaceConnection(connection(`of-${who}`, { customerId: who }))
        await see(`of-${who}`)
      }
      await store().rememberZones('0a0a0a0a', [zoneFacts('example.com')], NOON)
    })

    test('go with it, and with its customer', async () => {
      await accounts().removeConnection('ben', 'of-anna')
      expect([await zones('of-anna'), await zones('of-ben')]).toEqual([1, 1])
      await accounts().replaceConnection(connection('next'))
      expect([await zones('of-anna'), await zones('of-ben')]).toEqual([0, 1])
      await accounts().removeCustomer('ben')
      expect(await zones('of-ben')).toBe(0)
    })

    test('are forgotten with the next tidying where they were listed as it went, and no others', async () => {
      await accounts().removeConnection('anna', 'of-anna')
      await see('of-anna')
      await accounts().forgetSessions(NOON)
      expect([await zones('of-anna'), await zones('of-ben')]).toEqual([0, 1])
      expect(await store().zonesOf('0a0a0a0a')).toHaveLength(1)
    })
  })

  test('a connection that was made as its customer went is forgotten with the next tidying', async () => {
    await accounts().addCustomer(customer('ben'))
    await accounts().replaceConnection(connection('of-ben', { customerId: 'ben' }))
    await accounts().replaceConnection(connection('of-nobody', { customerId: 'nobody' }))
    await accounts().forgetSessions(NOON)
    expect((await accounts().sealedTokens()).map(({ id }) => id)).toEqual(['of-ben'])
  })

  const hold = (owner: string, version = 1) => ({ connectionId: 'c', owner, version })
  const tokens = { accessToken: 'a2', refreshToken: 'r2', expiresAt: NOON + 1, scope: null }

  test('of many who would refresh at once, one may; the next one after it, from the new version', async () => {
    await accounts().replaceConnection(connection('c'))
    const asked = Array.from({ length: 20 }, (_, index) =>
      accounts().holdRefresh(hold(`p${index}`), NOON, NOON + 20_000),
    )
    const granted = await Promise.all(asked)
    expect(granted.filter(Boolean)).toHaveLength(1)
    const owner = `p${granted.indexOf(true)}`
    expect(await accounts().keepTokens(hold('somebody else'), tokens)).toBe(false)
    expect(await accounts().keepTokens(hold(owner), tokens)).toBe(true)
    expect(await accounts().connectionOf('anna')).toMatchObject({ ...tokens, tokenVersion: 2 })
    expect(await accounts().keepTokens(hold(owner), tokens)).toBe(false)
    expect(await accounts().holdRefresh(hold('late'), NOON, NOON + 20_000)).toBe(false)
    expect(await accounts().holdRefresh(hold('next', 2), NOON, NOON + 20_000)).toBe(true)
  })

  test('whoever died while refreshing keeps nobody out for longer than the hold', async () => {
    await accounts().replaceConnection(connection('c'))
    await accounts().holdRefresh(hold('dead'), NOON, NOON + 20_000)
    expect(await accounts().holdRefresh(hold('next'), NOON + 19_999, NOON + 60_000)).toBe(false)
    expect(await accounts().holdRefresh(hold('next'), NOON + 20_000, NOON + 60_000)).toBe(true)
    expect(await accounts().keepTokens(hold('dead'), tokens)).toBe(false)
  })

  test('whoever let go of a refresh says when the next one may try', async () => {
    await accounts().replaceConnection(connection('c'))
    await accounts().holdRefresh(hold('one'), NOON, NOON + 20_000)
    await accounts().releaseRefresh(hold('another'), NOON)
    expect(await accounts().holdRefresh(hold('two'), NOON + 4_999, NOON + 60_000)).toBe(false)
    await accounts().releaseRefresh(hold('one'), NOON + 5_000)
    expect(await accounts().holdRefresh(hold('two'), NOON + 4_999, NOON + 60_000)).toBe(false)
    expect(await accounts().holdRefresh(hold('two'), NOON + 5_000, NOON + 60_000)).toBe(true)
  })

  test('a grant is lost for the version that was refused, not for a newer one', async () => {
    await accounts().replaceConnection(connection('c', { tokenVersion: 2 }))
    await accounts().loseGrant('c', 1)
    expect(await accounts().connectionOf('anna')).toMatchObject({ status: 'active' })
    await accounts().loseGrant('c', 2)
    expect(await accounts().connectionOf('anna')).toMatchObject({ status: 'reconnect_required' })
    expect(await accounts().holdRefresh(hold('one', 2), NOON, NOON + 1)).toBe(false)
  })

  test('tokens are sealed anew only as long as they are the same', async () => {
    const before = connection('c')
    await accounts().replaceConnection(before)
    const after = { accessToken: 'a', refreshToken: null }
    expect(await accounts().resealTokens({ ...before, accessToken: 'other' }, after)).toBe(false)
    expect(await accounts().resealTokens({ ...before, tokenVersion: 0 }, after)).toBe(false)
    expect(await accounts().resealTokens(before, after)).toBe(true)
    expect(await accounts().connectionOf('anna')).toEqual({ ...before, ...after })
  })

  test('of fifty changes at once ten are within the limit, each time', async () => {
    for (let round = 0; round < 5; round += 1) {
      const limit = { ...CHANGES, subject: `anna-${round}` }
      const asked = Array.from({ length: 50 }, () => store().spend(limit, NOON))
      expect((await Promise.all(asked)).filter(({ ok }) => ok)).toHaveLength(10)
    }
  })

  test('the eleventh waits for the first to be a minute old, to the millisecond', async () => {
    for (let index = 0; index < 10; index += 1)
      expect(await store().spend(CHANGES, NOON + index * 1_000)).toEqual({ ok: true })
    expect(await store().spend(CHANGES, NOON + 9_000)).toEqual({ ok: false, waitMs: 51_000 })
    expect(await store().spend(CHANGES, NOON + MINUTE_MS - 1)).toEqual({ ok: false, waitMs: 1 })
    expect(await store().spend(CHANGES, NOON + MINUTE_MS)).toEqual({ ok: true })
    expect(await store().spend(CHANGES, NOON + MINUTE_MS)).toEqual({ ok: false, waitMs: 1_000 })
  })

  test('each kind and each subject has a limit of its own', async () => {
    const one = { ...CHANGES, most: 1 }
    expect(await store().spend(one, NOON)).toEqual({ ok: true })
    expect(await store().spend({ ...one, kind: 'sync' }, NOON)).toEqual({ ok: true })
    expect(await store().spend({ ...one, subject: 'ben' }, NOON)).toEqual({ ok: true })
    expect(await store().spend(one, NOON)).toMatchObject({ ok: false })
  })

  test('what was given back can be spent again', async () => {
    const one = { ...CHANGES, most: 1 }
    await store().spend(one, NOON)
    await store().giveBack(one, NOON - 1)
    expect(await store().spend(one, NOON)).toMatchObject({ ok: false })
    await store().giveBack(one, NOON)
    expect(await store().spend(one, NOON)).toEqual({ ok: true })
  })

  test('a clock that was set back makes nobody wait for longer than a minute', async () => {
    const one = { ...CHANGES, most: 1 }
    await store().spend(one, NOON + 30_000)
    expect(await store().spend(one, NOON)).toEqual({ ok: false, waitMs: MINUTE_MS })
    await store().giveBack(one, NOON + 30_000)
    await store().spend(one, NOON + 3_600_000)
    expect(await store().spend(one, NOON)).toEqual({ ok: true })
  })
}

const CHANGES: Limit = {
  subject: 'anna',
  kind: 'change',
  customerId: 'anna',
  most: 10,
  windowMs: MINUTE_MS,
}
