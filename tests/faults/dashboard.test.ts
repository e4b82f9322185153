import { describe, expect, test } from 'vitest'
import type { Answer, Browser } from '#faces/dashboard/testing.ts'
import { TransportError } from '#providers/cloudflare/transport.ts'
import type { AccountStore } from '#store/accounts.ts'
import type { EditStore } from '#store/edits.ts'
import { type Store, StoreError } from '#store/store.ts'
import { createDashboardWorld, type DashboardWorld } from '../support/dashboard-world.ts'
import { CATALOGUE, type Row } from './catalogue.ts'

/**
 * What a customer is told of the same troubles as a caller of the webhook, and what is true of the zone afterwards.
 * A change that nobody knows the outcome of is 202, and its operation tells in the end; nothing is tried twice on its own.
 */
const OPERATIONS = ['create', 'change', 'remove', 'sync'] as const
type Operation = (typeof OPERATIONS)[number]
type Truth = 'as asked' | 'as before' | 'gone'

/** In the order of `OPERATIONS`: a status, for 202 with what it came to. */
const DONE = '201 200 204 200'
const CHECKED_DONE = '202:done 202:done 202:done 200'
const CHECKED_FAILED = '202:failed 202:failed 202:failed 200'
const WAIT = '429 429 429 429'
const UNAVAILABLE = '503 503 503 503'
const BLOCKED = '409 409 409 409'

/** By id, or by id and title where a fault comes in several forms. `DONE` unless it is here. */
const COLUMN: Readonly<Record<string, string>> = {
  F1: WAIT,
  F2: WAIT,
  'F3 500, nothing done': CHECKED_FAILED,
  'F3 500 to every change': CHECKED_FAILED,
  'F3 500 to every list for two minutes': UNAVAILABLE,
  F4: CHECKED_DONE,
  'F5 522 as HTML, before-commit': CHECKED_FAILED,
  'F5 522 as HTML, after-commit': CHECKED_DONE,
  'F6 no connection, twice': UNAVAILABLE,
  'F6 no connection for good': UNAVAILABLE,
  'F6 reset before an answer': CHECKED_FAILED,
  'F7 no answer, nothing done': CHECKED_FAILED,
  F8: CHECKED_DONE,
  F9: CHECKED_DONE,
  F10: CHECKED_DONE,
  'F11 the answer drips': CHECKED_DONE,
  F12: CHECKED_DONE,
  // To a list that is too large smaller pages are asked for, once.
  'F12 a body that is endless': '202:done 503 503 503',
  'F12 a body that is deep': '202:done 503 503 503',
  // The list meets it first, and nothing is sent.
  F13: UNAVAILABLE,
  F14: '422 422 422 200',
  // What was to be changed is not there any more; what was to be deleted is as wished.
  F15: '201 409 204 200',
  // Only what makes the zone grow.
  F17: '422 200 204 200',
  F22: BLOCKED,
  F23: '409 409 409 200',
  'F27 the zone is deleted: 403, as for one that the credential may not see': BLOCKED,
  'F27 the zone is deleted: 404': BLOCKED,
  'F27 the zone is deleted, and missing in the list of zones': BLOCKED,
  'F27 the zone has moved, and the list of zones says so': '409 409 409 200',
  // What others do in between is a conflict for whoever changes the same next; here they do it during the first.
  'F29 somebody else works in the zone: change': '201 - - 200',
  'F29 somebody else works in the zone: remove': '201 - - 200',
  F31: UNAVAILABLE,
  'F33 a kept connection is dead, before-auth': CHECKED_FAILED,
  'F33 a kept connection is dead, after-commit': CHECKED_DONE,
  F34: CHECKED_FAILED,
}

/** Where what is true afterwards is not what the answer says. */
const OTHERWISE: Readonly<Record<string, Partial<Record<Operation, Truth>>>> = {
  // Somebody else deleted it.
  F15: { change: 'gone' },
  // Cloudflare said yes and lost it. An edit is done once; the next look at the zone shows that it is not there.
  F32: { create: 'as before' },
}

const ON_OUR_SIDE = CATALOGUE.filter(({ outcome }) => outcome === 'ours')

describe.each(
  CATALOGUE.filter((row) => !ON_OUR_SIDE.includes(row)).map((row) => [`${row.id} ${row.title}`, row]),
)('%s', (name, row) => {
  const fates = (COLUMN[name as string] ?? COLUMN[(row as Row).id] ?? DONE).split(' ')

  test(`is answered with ${fates.join(', ')}`, async () => {
    const trial = await prepared(row as Row)
    for (const [index, operation] of OPERATIONS.entries()) {
      const fate = fates[index]!
      if (fate === '-') continue
      trial.arm(operation)
      const answer = await trial.ask(operation)
      expect([operation, await trial.told(answer)]).toEqual([operation, fate])
      expectWaits(answer)
      await trial.calm()
      if ((row as Row).inject.zone !== 'deleted') {
        const truth = isDone(fate) ? 'as asked' : 'as before'
        const expected = OTHERWISE[(row as Row).id]?.[operation] ?? truth
        expect([operation, trial.values(operation)]).toEqual([operation, VALUES[operation][expected]])
      }
    }
    expect(trial.touchedByUs()).toEqual([])
    expect(trial.world.logged.filter((line) => line.includes('unexpected error'))).toEqual([])
    await trial.world.end()
  })
})

describe('F38 our database', () => {
  const failing: readonly (readonly [string, Failing, string])[] = [
    ['fails as an edit is written down', { store: ['dispatch'] }, '503:SERVER_ERROR as before'],
    ['fails between the commit and its note', { store: ['settle'] }, '202:done as asked'],
    ['fails as a change is counted', { store: ['spend'] }, '503:SERVER_ERROR as before'],
    ['fails as somebody is recognised', { accounts: ['session'] }, '503:SERVER_ERROR as before'],
    ['fails as the cache is read', { edits: ['cached'] }, '503:SERVER_ERROR as before'],
  ]
  test.each(failing)('%s, once', async (_title, methods, told) => {
    const trial = await prepared({ inject: {} }, methods)
    trial.arm('create')
    const answer = await trial.ask('create')
    const fate =
      answer.error === undefined ? await trial.told(answer) : `${answer.status}:${answer.error.code}`
    expectWaits(answer)
    await trial.calm()
    const { create } = VALUES
    const truth = trial.values('create').length === create['as asked'].length ? 'as asked' : 'as before'
    expect(`${fate} ${truth}`).toBe(told)
    await trial.world.end()
  })
})

test('a grant that is lost is told so, and the list stays', async () => {
  const trial = await prepared({ inject: { rules: [{ fault: 'F22', times: Number.POSITIVE_INFINITY }] } })
  trial.arm('create')
  const { status, error } = await trial.ask('create')
  expect([status, error?.code]).toEqual([409, 'RECONNECT_REQUIRED'])
  const list = await trial.browser.get(RECORDS)
  expect([list.status, list.json.records.length]).toEqual([200, 5])
  await trial.world.end()
})

const RECORDS = '/dashboard/api/dns/records'
/** Longer than any doubt lasts. */
const CALM_MS = 300_000

const VALUES: Readonly<Record<Operation, Record<Truth, readonly string[]>>> = {
  create: { 'as asked': ['192.0.2.7'], 'as before': [], gone: [] },
  change: { 'as asked': ['192.0.2.7'], 'as before': ['192.0.2.1'], gone: [] },
  remove: { 'as asked': [], 'as before': ['192.0.2.2'], gone: [] },
  sync: { 'as asked': ['192.0.2.25'], 'as before': ['192.0.2.25'], gone: [] },
}

/** The name that each is about. */
const LABELS: Readonly<Record<Operation, string>> = {
  create: 'new',
  change: 'www',
  remove: 'old',
  sync: 'mail',
}

interface Failing {
  readonly store?: readonly (keyof Store)[]
  readonly edits?: readonly (keyof EditStore)[]
  readonly accounts?: readonly (keyof AccountStore)[]
}

interface Trial {
  readonly world: DashboardWorld
  readonly browser: Browser
  arm(operation: Operation): void
  ask(operation: Operation): Promise<Answer>
  /** The status, and for a change whose outcome was not known what it came to. */
  told(answer: Answer): Promise<string>
  /** Nothing goes wrong any more, and all that is under way comes to its end. */
  calm(): Promise<void>
  values(operation: Operation): readonly string[]
  /** Names that we have written to and that nobody asked us to. */
  touchedByUs(): readonly string[]
}

/** Somebody who is connected, and whose zone was read some time ago. */
async function prepared({ inject }: Pick<Row, 'inject'>, failing: Failing = {}): Promise<Trial> {
  let isOn = false
  let lost = 0
  const world = await createDashboardWorld({
    ...(inject.invisible && { unknowns: { invisibleZone: inject.invisible } }),
    between: (way) => async (request) => {
      if (!isOn || lost >= (inject.unconnected ?? 0)) return way(request)
      lost += 1
      throw new TransportError('connect', false)
    },
    overStore: (store) => failingStore(store, failing, () => isOn),
    zones: [
      {
        name: 'example.com',
        plan: 'pro',
        records: [
          { type: 'MX', name: '@', content: 'mail.example.com', priority: 10 },
          { type: 'TXT', name: '@', content: '"v=spf1 -all"' },
          { type: 'A', name: 'mail', content: '192.0.2.25' },
          { type: 'A', name: 'www', content: '192.0.2.1' },
          { type: 'A', name: 'old', content: '192.0.2.2' },
        ],
      },
    ],
  })
  const { clock, emulator } = world
  const browser = await world.connected('anna')
  await clock.pass(400_000)
  const { json } = await browser.get(RECORDS)
  const pathOf = (label: string) => {
    const { id } = json.records.find(({ name }: { name: string }) => name === `${label}.example.com`)
    return `${RECORDS}/${id}`
  }
  const questions: Record<Operation, () => Promise<Answer>> = {
    create: () => browser.post(RECORDS, { type: 'A', name: 'new', content: '192.0.2.7' }),
    change: () => browser.send('PUT', pathOf('www'), { type: 'A', name: 'www', content: '192.0.2.7' }),
    remove: () => browser.send('DELETE', pathOf('old')),
    sync: () => browser.post('/dashboard/api/dns/sync'),
  }
  return {
    world,
    browser,
    arm(operation) {
      isOn = true
      lost = 0
      const name = `${LABELS[operation]}.example.com`
      emulator.faults.script((inject.rules ?? []).map((rule) => ('name' in rule ? { ...rule, name } : rule)))
      const { state } = emulator
      const isThere = state.zones().length > 0
      if (inject.zone === 'deleted' && isThere) state.removeZone('example.com')
      if (inject.zone === 'paused') state.changeZone('example.com', { paused: true })
      else if (inject.zone !== undefined && inject.zone !== 'deleted') {
        state.changeZone('example.com', { status: inject.zone })
      }
    },
    async ask(operation) {
      const began = clock.now()
      const answer = await questions[operation]()
      expect(clock.now() - began).toBeLessThanOrEqual(25_000)
      return answer
    },
    async told({ status, json }) {
      if (status !== 202) return `${status}`
      const path = `/dashboard/api/operations/${json.operation.id}`
      await clock.pass(CALM_MS)
      const { operation } = (await browser.get(path)).json
      return `202:${operation.status}`
    },
    async calm() {
      isOn = false
      emulator.faults.script([])
      await clock.pass(CALM_MS)
    },
    values: (operation) =>
      emulator.state
        .records('example.com')
        .filter(({ name }) => name === `${LABELS[operation]}.example.com`)
        .map(({ content }) => content),
    touchedByUs: () =>
      (inject.zone === 'deleted' ? [] : emulator.state.history('example.com'))
        .filter(({ by }) => by === 'api')
        .flatMap(({ changes }) => changes.map(({ before, after }) => before?.name ?? after?.name ?? ''))
        .filter((name) => !Object.values(LABELS).some((label) => name === `${label}.example.com`)),
  }
}

function expectWaits({ status, headers }: Answer): void {
  const isTemporary = status === 429 || status === 503
  expect(Number(headers['retry-after'] ?? 0) > 0).toBe(isTemporary)
}

function isDone(fate: string): boolean {
  return fate.startsWith('20') && fate !== '202:failed'
}

/** Each of these methods fails once. */
function failingStore(
  whole: Store,
  { store = [], edits = [], accounts = [] }: Failing,
  isOn: () => boolean,
): Store {
  return new Proxy(failingOnce(whole, store, isOn), {
    get(target, property, receiver) {
      const part: unknown = Reflect.get(target, property, receiver)
      if (property === 'edits') return failingOnce(target.edits, edits, isOn)
      return property === 'accounts' ? failingOnce(target.accounts, accounts, isOn) : part
    },
  })
}

const failed = new WeakSet<object>()

function failingOnce<Part extends object>(
  part: Part,
  methods: readonly (keyof Part)[],
  isOn: () => boolean,
): Part {
  return new Proxy(part, {
    get(target, property, receiver) {
      const method: unknown = Reflect.get(target, property, receiver)
      if (!isOn() || !methods.includes(property as keyof Part) || failed.has(part)) return method
      return async () => {
        failed.add(part)
        throw new StoreError('The database did not answer.')
      }
    },
  })
}
