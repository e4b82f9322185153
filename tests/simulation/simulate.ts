import type { RecordSet, SetKey } from '#dns/record-set.ts'
import { createEmulator, type HistoryEntry } from '#emulator/emulator.ts'
import type { Log, Random } from '#platform/ports.ts'
import { openSqliteStore } from '#store/sqlite/open.ts'
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.ts'
import { seededRandom } from '../support/world.ts'
import { type Asking, createOwner, hurry, type Owner, unrest } from './actors.ts'
import { checkAll, type Violation } from './checks.ts'
import {
  type Connections,
  CUSTOMERS,
  customerAtWork,
  type Hand,
  SHARED_NAMES,
  type Work,
} from './customers.ts'
import { createHits } from './hits.ts'
import { openInterleavedStore } from './interleaved.ts'
import { createLasting, withLasting } from './lasting.ts'
import { type Blow, createLife } from './life.ts'
import { createNetwork } from './network.ts'
import { type Noted, notingStore } from './noting.ts'
import { CREDENTIAL, createReplica, type Mutation, type Replica, tokenFor } from './replica.ts'
import { type Bias, between, oneOf, type Scenario, scenarioOf, withCustomers } from './scenario.ts'
import { keyIn, type NamePlan, namePlan } from './sets.ts'

export interface SeedOptions {
  readonly bias?: Bias
  /** Made anew for each seed. */
  readonly mutation?: () => Mutation
  readonly scenario?: Partial<Scenario>
  readonly blows?: readonly Blow[]
  /** Keep what happened, for people: the last lines of it. */
  readonly trace?: boolean
}

export interface SeedReport {
  readonly seed: number
  readonly violations: readonly Violation[]
  readonly changes: number
  readonly answered: number
  readonly answeredDone: number
  /** Whatever woke, in the whole world. */
  readonly events: number
  readonly virtualMs: number
  readonly hits: Readonly<Record<string, number>>
  readonly trace: readonly string[]
}

/** Where a strict caller has no business, though it is asked to. */
const MADE_BY_OTHERS = [
  { type: 'A', name: 'm0', content: '10.8.1.2', ttl: 300 },
  { type: 'A', name: 'n0', content: '10.8.1.1', ttl: 300 },
  { type: 'TXT', name: 'n1', content: '"made by others"', ttl: 300 },
  { type: 'MX', name: 'n1', content: 'mx.example.net', priority: 10, ttl: 300 },
]

/** What customers find at the names where callers begin to declare sets. */
const MADE_BEFORE = SHARED_NAMES.map((name, index) => ({
  type: 'A',
  name,
  content: `10.8.2.${index}`,
  ttl: 300,
}))

/** Time for a late commit to arrive after the last fault. */
const LATEST_COMMIT_MS = 110_000
const CONTENT_WITHIN_MS = 600_000
const OPERATOR_TIMEOUT_MS = 30_000
const ANSWER_WITHIN_MS = 25_000

/** The caller who declares sets at names where customers edit by hand. */
const BESIDE_CUSTOMERS = 'beside-customers'

/** One world from its seed: trouble, then quiet, then the checks. Always the same for the same seed and options. */
export async function runSeed(seed: number, options: SeedOptions = {}): Promise<SeedReport> {
  const random = seededRandom(seed)
  const bias = options.bias ?? 'none'
  const drawn = scenarioOf(seed, random, bias)
  const scenario = { ...(bias === 'none' ? withCustomers(withLasting(drawn)) : drawn), ...options.scenario }
  const clock = createVirtualClock({ turns: 1 })
  const world = await createSimulation(scenario, clock, random, options)
  const startedAt = clock.now()
  let stuck: Violation[] = []
  try {
    await clock.until(world.run())
  } catch (error) {
    stuck = [
      { rule: 'I7', text: `the world came to no end: ${error instanceof Error ? error.stack : error}` },
    ]
  }
  const violations = [...stuck, ...world.violations()]
  await world.close()
  return {
    seed,
    violations,
    changes: scenario.changes,
    answered: world.askings.filter(({ result }) => result !== 'lost').length,
    answeredDone: world.askings.filter(({ result }) => result === 'done').length,
    events: clock.wakes,
    virtualMs: clock.now() - startedAt,
    hits: world.hits(),
    trace: world.trace,
  }
}

async function createSimulation(
  scenario: Scenario,
  clock: VirtualClock,
  random: Random,
  options: SeedOptions,
) {
  const hits = createHits()
  const trace: string[] = []
  const beginning = clock.now()
  const note = (text: string) => {
    if (options.trace) trace.push(`${((clock.now() - beginning) / 1000).toFixed(3).padStart(10)} ${text}`)
  }
  const emulator = createEmulator({
    now: clock.now,
    latencyMs: scenario.latencyMs,
    seed: scenario.seed,
    zones: scenario.zones.map((name) => ({
      name,
      recordQuota: 100_000,
      records: [
        ...Array.from({ length: between(3, 8, random) }, (_, index) => ({
          type: 'A',
          name: `foreign${index}`,
          content: `10.8.0.${index}`,
          ttl: 300,
        })),
        ...(scenario.ownership === 'strict' ? MADE_BY_OTHERS : []),
        ...(scenario.customers > 0 ? MADE_BEFORE : []),
      ],
    })),
    credentials: [CREDENTIAL, ...CUSTOMERS].map((name) => ({ kind: 'token', token: tokenFor(name) })),
  })
  // So long that no list from before the world can show up.
  await clock.pass(60_000)

  const database = scenario.interleaved
    ? openInterleavedStore({ clock, random: seededRandom(scenario.seed) })
    : await openSqliteStore({ path: ':memory:', random, now: clock.now, bootId: undefined })
  const noted: Noted = { intents: [], dispatches: [], blocks: [], edits: [] }
  const store = notingStore(database, noted, clock, note)
  let isTroubled = false
  let isOver = false
  const network = createNetwork({
    scenario,
    emulator,
    clock,
    random,
    hits,
    isTroubled: () => isTroubled,
    note,
  })
  const askings: Asking[] = []
  const hands: Hand[] = []
  const connections: Connections = new Map()
  const replicas: (Replica | undefined)[] = []
  const lasting = createLasting({ scenario, emulator, clock, note, restart: () => replicas[0]?.life.die() })
  const mistakes: unknown[] = []
  const counter = { next: 0 }
  const mutation = options.mutation?.() ?? {}
  const blows = [...(options.blows ?? [])]
  let checked: Violation[] = []

  /** A slot is empty for a while when its replica has died; then a new one starts over the same store. */
  async function live(slot: number): Promise<void> {
    let replica: Replica | undefined
    const life = createLife({
      scenario,
      clock,
      random,
      hits,
      note: (text) => note(`replica ${slot} ${text}`),
      isTroubled: () => isTroubled,
      bias: options.bias ?? 'none',
      blows,
      onDeath() {
        if (replica) mistakes.push(...replica.mistakes())
        replicas[slot] = undefined
        if (isOver) return
        void clock.sleep(between(500, 30_000, random)).then(() => live(slot))
      },
    })
    replica = createReplica({
      scenario,
      store,
      clock,
      random,
      life,
      transport: network.transportOf(life, slot),
      log: logOf(slot),
      mutation,
      connections,
    })
    try {
      await replica.start()
      if (life.isAlive) replicas[slot] = replica
      note(`replica ${slot} is up`)
    } catch {
      life.die()
    }
  }

  function logOf(slot: number): Log {
    const say = (facts: object, words: string) => {
      if (options.trace) note(`replica ${slot} says: ${words} ${short(facts)}`)
      const ours = Object.values(facts).find(
        (fact) => fact instanceof TypeError || fact instanceof ReferenceError,
      )
      if (ours) mistakes.push(ours)
    }
    return { debug: say, info: say, warn: say, error: say }
  }

  async function ask(owner: string, key: SetKey, wanted: RecordSet | null): Promise<Asking> {
    const asking: Asking = {
      owner,
      key,
      keyText: `${key.name} ${key.type}`,
      wanted,
      arrivedAt: clock.now(),
      deadline: clock.now() + ANSWER_WITHIN_MS,
      answeredAt: Number.POSITIVE_INFINITY,
      result: 'waiting',
      outcome: '',
      stoodStill: false,
    }
    const up = replicas.filter((replica) => replica !== undefined)
    if (up.length === 0) {
      await clock.sleep(100)
      return { ...asking, result: 'lost' }
    }
    askings.push(asking)
    const replica = oneOf(up, random)
    const text = `${owner} asks replica ${replicas.indexOf(replica)} for ${asking.keyText} = ${wanted?.values.join(' ') ?? 'nothing'}`
    note(text)
    const answered = replica.answer(asking)
    await Promise.race([answered, clock.sleep(OPERATOR_TIMEOUT_MS)])
    note(`${text}: ${asking.result} ${asking.outcome}`)
    return asking.result === 'waiting' ? { ...asking, result: 'lost' } : asking
  }

  async function askByHand<Answer>(
    customer: string,
    what: string,
    work: Work<Answer>,
  ): Promise<Answer | undefined> {
    const up = replicas.filter((replica) => replica !== undefined)
    if (up.length === 0) {
      await clock.sleep(100)
      return undefined
    }
    const replica = oneOf(up, random)
    const hand: Hand = {
      customer,
      requestId: random.hex(8),
      what,
      arrivedAt: clock.now(),
      deadline: clock.now() + ANSWER_WITHIN_MS,
      answeredAt: Number.POSITIVE_INFINITY,
      result: 'waiting',
      outcome: '',
      stoodStill: false,
    }
    hands.push(hand)
    const text = `${customer} asks replica ${replicas.indexOf(replica)}: ${what}`
    note(text)
    const answer = await replica.answerByHand(hand, work)
    note(`${text}: ${hand.result} ${hand.outcome}`)
    return answer
  }

  function customersAtWork(): Promise<unknown> {
    const names = CUSTOMERS.slice(0, scenario.customers)
    return Promise.all(
      names.map((customer) =>
        customerAtWork({
          customer,
          scenario,
          emulator,
          connections,
          ask: askByHand,
          clock,
          random,
          counter,
          isOver: () => !isTroubled,
        }),
      ),
    )
  }

  function owners(): Owner[] {
    const ids = [
      'operator',
      ...Array.from({ length: scenario.parallelCallers }, (_, index) => `caller${index}`),
    ]
    const plans = scenario.zones.flatMap((zone) =>
      Array.from({ length: scenario.names }, (_, index) => namePlan(zone, index, random)),
    )
    const shared: NamePlan[] = scenario.zones.flatMap((zone) =>
      SHARED_NAMES.map((name) => ({
        keys: [keyIn(`${name}.${zone}`, 'A'), keyIn(`${name}.${zone}`, 'TXT')],
        takeTurns: false,
      })),
    )
    const plansOf = new Map(
      ids.map((id, index) => [id, plans.filter((_, place) => place % ids.length === index)]),
    )
    if (scenario.customers > 0) plansOf.set(BESIDE_CUSTOMERS, shared)
    return [...plansOf].flatMap(([id, own]) => {
      if (own.length === 0) return []
      return createOwner({
        id,
        plans: own,
        hasty: id !== 'operator',
        // Customers may edit only what nobody keeps.
        deletes: id === BESIDE_CUSTOMERS ? 0.7 : scenario.deletes,
        isStrict: scenario.ownership === 'strict',
        ask,
        clock,
        random,
        counter,
        isOver: () => isOver,
      })
    })
  }

  async function run(): Promise<void> {
    await Promise.all(Array.from({ length: scenario.replicas }, (_, slot) => live(slot)))
    await firstReads()
    const everyone = owners()
    const work = everyone.map((owner) => owner.work())
    await startTrouble()
    const customers = customersAtWork()
    const hurried = scenario.ownership === 'strict' ? scenario.zones.map(hurryIn) : []
    await unrest({ scenario, owners: everyone, emulator, clock, random, counter, lasting })
    await lasting.over()
    await endTrouble()
    await Promise.all([...hurried, customers])
    const endedAt = clock.now()
    if (scenario.lasting.length > 0 && scenario.ack === 'accepted') await resync(everyone)

    const waitsFor = () => everyone.flatMap(({ waitsFor }) => waitsFor)
    while (waitsFor().length > 0 && clock.now() - endedAt < CONTENT_WITHIN_MS) await clock.sleep(1_000)
    const stillWaitsFor = waitsFor()
    const from = Math.max(clock.now(), endedAt + LATEST_COMMIT_MS)
    await clock.sleep(from + 2 * scenario.refreshMs + 120_000 - clock.now())
    note('all is quiet')

    const before = network.calls.filter(({ isBatch }) => isBatch).length
    const atRest = { history: emulator.state.history(), askings: [...askings] }
    for (const owner of everyone) owner.askAgain()
    const again = clock.now()
    if (options.trace) for (const line of historyLines(atRest.history)) trace.push(line)
    while (waitsFor().length > 0 && clock.now() - again < 60_000) await clock.sleep(1_000)
    isOver = true
    await Promise.all(work)
    // What was only accepted is looked at within seconds.
    await clock.sleep(5_000)
    const ends = new Map(
      await Promise.all(
        noted.edits.map(async (edit) => [edit.id, await database.edits.editOf(edit, edit.id)] as const),
      ),
    )
    checked = await checkAll({
      hands,
      endOf: ({ id }) => ends.get(id),
      scenario,
      emulator,
      store: database,
      noted,
      askings,
      owners: everyone,
      calls: network.calls,
      stillWaitsFor,
      history: emulator.state.history(),
      historyAtRest: atRest.history,
      batchesAtRest: network.calls.filter(({ isBatch }) => isBatch).length - before,
      quietSince: endedAt,
      lasting: lasting.spans,
    })
  }

  /** What was accepted and refused later is told to whoever asks next; of a full zone only one finds out that it has room. */
  async function resync(everyone: readonly Owner[]): Promise<void> {
    for (const waitMs of [LATEST_COMMIT_MS, 70_000, 70_000]) {
      await clock.sleep(waitMs)
      for (const owner of everyone) owner.askAgain()
    }
  }

  function hurryIn(zone: string): Promise<void> {
    return hurry({ key: keyIn(`m0.${zone}`, 'A'), ask, clock, random, counter, isOver: () => !isTroubled })
  }

  /** Each zone is read once in peace: an empty or old first list cannot be told from the truth. */
  async function firstReads(): Promise<void> {
    for (const zone of scenario.zones) {
      const plan = namePlan(zone, 99, random)
      await ask('first', plan.keys[0]!, null)
    }
  }

  async function startTrouble(): Promise<void> {
    isTroubled = true
    if (scenario.faultRate > 0)
      emulator.faults.random({ rate: scenario.faultRate, only: scenario.faults, seed: scenario.seed })
    if (scenario.pressed) {
      await database.changeBudget(CREDENTIAL, () => ({
        budget: { left: { people: 0, machines: 0, background: 0 }, at: clock.now(), blockedUntil: 0 },
        answer: undefined,
      }))
    }
  }

  async function endTrouble(): Promise<void> {
    isTroubled = false
    emulator.faults.clear()
    note('trouble ends')
  }

  function allHits(): Record<string, number> {
    for (const { fault, phase, count } of emulator.faults.hits())
      hits.add('cloudflare', `${fault} ${phase}`, count)
    return { ...hits.all() }
  }

  return {
    run,
    askings,
    trace,
    hits: allHits,
    violations(): Violation[] {
      for (const replica of replicas) if (replica) mistakes.push(...replica.mistakes())
      const wrong = mistakes.map((error) => ({
        rule: 'no 500',
        text: error instanceof Error ? (error.stack ?? error.message) : String(error),
      }))
      return [...wrong, ...checked]
    },
    async close() {
      for (const replica of replicas) replica?.life.die()
      await clock.until(database.close())
    },
  }
}

/** What took effect at Cloudflare, for people. */
function historyLines(history: readonly HistoryEntry[]): string[] {
  const beginning = history[0]?.at ?? 0
  return history.flatMap(({ at, by, changes }) =>
    changes.map(({ before, after }) => {
      const { name, type, id } = (after ?? before)!
      const state = after ? `${after.ttl} ${after.content}` : 'gone'
      return `truth ${((at - beginning) / 1000).toFixed(3).padStart(10)} ${by}: ${name} ${type} ${id.slice(0, 6)} ${state}`
    }),
  )
}

function short(facts: object): string {
  return JSON.stringify(facts, (_, value) =>
    value instanceof Error ? `${value.name}: ${value.message}` : value,
  ).slice(0, 300)
}
