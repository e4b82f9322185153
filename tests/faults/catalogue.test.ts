import { expect, test } from 'vitest'
import type { Emulator } from '#emulator/emulator.ts'
import type { FaultHit } from '#emulator/faults/faults.ts'
import type { CloudflareError } from '#providers/cloudflare/errors.ts'
import { type Call, readReply, unreachable } from '#providers/cloudflare/reply.ts'
import {
  type Transport,
  TransportError,
  type TransportReply,
  type TransportRequest,
} from '#providers/cloudflare/transport.ts'
import type { OutcomeClass } from '#providers/provider.ts'
import { openSqliteStore } from '#store/sqlite/open.ts'
import { type Store, StoreError } from '#store/store.ts'
import { createVirtualClock } from '../support/virtual-clock.ts'
import { seededRandom } from '../support/world.ts'
import { CATALOGUE, CUSTOMERS_ONLY, type Fate, type Injection, type Row } from './catalogue.ts'
import { type Answer, createWebhook, type SentRecord, type Webhook } from './webhook.ts'

const OPERATIONS = ['create', 'change', 'remove', 'read'] as const
type Operation = (typeof OPERATIONS)[number]

test('the catalogue is total', () => {
  const all = Array.from({ length: 38 }, (_, index) => `F${index + 1}`)
  const told = new Set([...CATALOGUE.map(({ id }) => id), ...Object.keys(CUSTOMERS_ONLY)])
  expect([...told].sort()).toEqual(all.sort())
})

test('temporary trouble says when to come again, and nothing but our own bugs is 500', () => {
  const fates = CATALOGUE.flatMap((row) => OPERATIONS.map((operation) => row[operation]))
  expect(new Set(fates.map(({ status }) => status))).toEqual(new Set([200, 400, 429, 503]))
})

for (const row of CATALOGUE) {
  for (const operation of OPERATIONS) {
    const fate = row[operation]
    test(`${row.id}, ${row.title}: ${operation} is answered with ${fate.status}, and the set is ${fate.zone}`, async () => {
      const trial = await prepared(row, operation)
      trial.arm()
      await trial.webhook.clock.pass(row.inject.leadMs ?? 0)
      const answer = await trial.ask()
      expectAnswer(answer, fate)
      expect(trial.wasMet()).toBe(fate.met !== false)
      if (row.outcome !== 'read' && row.outcome !== 'ours') {
        expect(trial.outcomesOfWrites().filter((outcome) => outcome !== row.outcome)).toEqual([])
      }
      if (fate.zone === 'as asked' || fate.zone === 'as before') expect(trial.set()).toEqual(trial[fate.zone])
      if (fate.status === 200 && operation === 'read') {
        expect(answer.json.record?.values).toEqual(['192.0.2.25'])
      }

      await trial.webhook.clock.pass(row.id === 'F31' ? OUTAGE_MS + SETTLED_MS : SETTLED_MS)
      if (fate.zone !== 'gone') {
        expect(trial.set()).toEqual(trial[fate.zone === 'as before' ? 'as before' : 'as asked'])
        await expectCleanHands(trial.webhook)
      }
      if (row.outcome !== 'ours') expect(trial.webhook.errors).toEqual([])
      await trial.webhook.end()
    })
  }
}

const OUTAGE_MS = 3_600_000
/** All reads after an unknown outcome, and one more for the mirror. */
const SETTLED_MS = 700_000

function expectAnswer(answer: Answer, { status, code, reason, withinMs = 25_000 }: Fate): void {
  expect({ status: answer.status, code: answer.code, reason: answer.reason }).toEqual({
    status,
    code,
    reason,
  })
  if (status === 429 || status === 503) expect(answer.retryAfterSeconds).toBeGreaterThan(0)
  else expect(answer.retryAfterSeconds).toBeUndefined()
  expect(answer.afterMs).toBeLessThanOrEqual(withinMs)
}

interface Trial {
  readonly webhook: Webhook
  /** From here on things go wrong. */
  arm(): void
  ask(): Promise<Answer>
  /** The values of the set, as Cloudflare holds them. */
  set(): readonly string[]
  wasMet(): boolean
  /** What we know of the writes that met the fault. */
  outcomesOfWrites(): readonly OutcomeClass[]
  readonly 'as asked': readonly string[]
  readonly 'as before': readonly string[]
}

/** A zone with somebody else's records, read some time ago; for `change` and `remove` our own set is in it. */
async function prepared(row: Row, operation: Operation): Promise<Trial> {
  const { sent, held } = row.inject.sets === 'sloppy' ? SLOPPY : PLAIN
  const clock = createVirtualClock()
  const trouble = createTrouble(row.inject, () => webhook.emulator.faults.hits())
  const store = await openSqliteStore({
    path: ':memory:',
    random: seededRandom(1),
    now: clock.now,
    bootId: undefined,
  })
  const webhook: Webhook = await createWebhook({
    clock,
    // Nobody else writes anything down here.
    engine: { lookEveryMs: 60_000 },
    ...(row.inject.invisible && { unknowns: { invisibleZone: row.inject.invisible } }),
    store: trouble.overStore(store),
    between: trouble.overTransport,
    zones: [
      {
        name: 'example.com',
        plan: 'pro',
        records: [
          { type: 'MX', name: '@', content: 'mail.example.com', priority: 10 },
          { type: 'TXT', name: '@', content: '"v=spf1 -all"' },
          { type: 'A', name: 'mail', content: '192.0.2.25' },
        ],
      },
    ],
  })
  const isThere = operation === 'change' || operation === 'remove'
  const [first] = await webhook.answers([isThere ? webhook.upsert(sent.create) : webhook.get('A', 'mail')])
  expect(first.status).toBe(200)
  await clock.pass(400_000)

  const questions: Record<Operation, () => Promise<Answer>> = {
    create: () => webhook.upsert(sent.create),
    change: () => webhook.upsert(sent.change),
    remove: () => webhook.remove(sent.create.type, 'www'),
    read: () => webhook.get('A', 'mail'),
  }
  const before = isThere ? held.create : []
  const asked = { create: held.create, change: held.change, remove: [], read: [] }
  return {
    webhook,
    arm() {
      webhook.emulator.faults.script(row.inject.rules ?? [])
      inDashboard(webhook.emulator, row.inject.zone)
      trouble.begin()
    },
    ask: async () => (await webhook.answers([questions[operation]()]))[0],
    set: () => valuesOf(webhook.emulator),
    wasMet: () =>
      row.inject.sets !== undefined ||
      row.inject.zone !== undefined ||
      trouble.met() ||
      webhook.emulator.faults.hits().length > 0,
    outcomesOfWrites: trouble.outcomesOfWrites,
    'as asked': asked[operation],
    'as before': before,
  }
}

const PLAIN = setsOf(
  'A',
  { create: ['192.0.2.1'], change: ['192.0.2.7', '192.0.2.8'] },
  { create: ['192.0.2.1'], change: ['192.0.2.7', '192.0.2.8'] },
)
const SLOPPY = setsOf(
  'AAAA',
  { create: ['2001:DB8:0:0::1'], change: ['2001:0db8::7', '2001:DB8::0:8'] },
  { create: ['2001:db8::1'], change: ['2001:db8::7', '2001:db8::8'] },
)

type Values = Record<'create' | 'change', readonly string[]>

function setsOf(type: string, sent: Values, held: Values) {
  const record = (values: readonly string[]): SentRecord => ({ type, subdomain: 'www', values })
  return { sent: { create: record(sent.create), change: record(sent.change) }, held }
}

/** What goes wrong on our own side of the wire. */
function createTrouble({ unconnected = 0, store: failing }: Injection, hits: () => readonly FaultHit[]) {
  const outcomes: OutcomeClass[] = []
  let isOn = false
  let lost = 0
  const failed = new Map<string, number>()

  function fails(method: string): boolean {
    const times = failed.get(method) ?? 0
    if (!isOn || !failing?.methods.includes(method as keyof Store) || times >= failing.times) return false
    failed.set(method, times + 1)
    return true
  }

  async function unconnectedReply(): Promise<TransportReply> {
    lost += 1
    throw new TransportError('connect', false)
  }

  return {
    begin() {
      isOn = true
    },
    met: () => lost > 0 || failed.size > 0,
    overTransport:
      (way: Transport): Transport =>
      async (request) => {
        if (!isOn) return way(request)
        const before = lost + countOf(hits())
        const replying = lost < unconnected ? unconnectedReply() : way(request)
        const outcome = await outcomeOf(replying, request)
        const isFaulty = lost + countOf(hits()) > before
        if (isFaulty && request.method === 'POST') outcomes.push(outcome)
        return replying
      },
    outcomesOfWrites: () => outcomes,
    overStore: (store: Store): Store =>
      new Proxy(store, {
        get(target, property, receiver) {
          const method: unknown = Reflect.get(target, property, receiver)
          if (typeof method !== 'function' || typeof property !== 'string') return method
          return (...values: unknown[]) =>
            fails(property)
              ? Promise.reject(new StoreError('The database did not answer.'))
              : method(...values)
        },
      }),
  }
}

function countOf(hits: readonly FaultHit[]): number {
  return hits.reduce((sum, { count }) => sum + count, 0)
}

/** As our client sees it. */
async function outcomeOf(
  replying: Promise<TransportReply>,
  { method }: TransportRequest,
): Promise<OutcomeClass> {
  const call: Call = { method, endpoint: 'test', path: '', writes: method === 'POST' }
  try {
    readReply(await replying, call)
    return 'executed'
  } catch (error) {
    return error instanceof TransportError
      ? unreachable(error, call).outcome
      : (error as CloudflareError).outcome
  }
}

function valuesOf(emulator: Emulator): readonly string[] {
  return emulator.state
    .records('example.com')
    .filter(({ name }) => name === 'www.example.com')
    .map(({ content }) => content)
    .sort()
}

function inDashboard({ state }: Emulator, change: Injection['zone']): void {
  if (change === 'deleted') state.removeZone('example.com')
  else if (change === 'paused') state.changeZone('example.com', { paused: true })
  else if (change !== undefined) state.changeZone('example.com', { status: change })
}

/** We touched nothing that is not ours, emptied no name that lives, and left nothing half done. */
async function expectCleanHands({ emulator, store }: Webhook): Promise<void> {
  const [zone] = emulator.state.zones()
  const { dispatches } = await store.zoneState(zone!.id)
  expect(dispatches.filter(({ state }) => state !== 'fenced')).toEqual([])
  expect(await store.waitingIntents(zone!.id)).toEqual([])

  const held = new Set<string>()
  for (const { by, changes } of emulator.state.history('example.com')) {
    const wasLive = held.size > 0
    const isDeletion = changes.every(({ after }) => after === null)
    for (const { before, after } of changes) {
      const name = before?.name ?? after?.name
      if (by === 'api') expect(name).toBe('www.example.com')
      if (name !== 'www.example.com') continue
      if (before) held.delete(before.id)
      if (after) held.add(after.id)
    }
    // Only a deletion may leave the name empty, and never a change of what is there.
    if (by === 'api' && wasLive && !isDeletion) expect(held.size).toBeGreaterThan(0)
  }
}
