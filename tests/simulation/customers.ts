import type { NewRecord, RecordId } from '#dns/record.ts'
import type { RecordType } from '#dns/record-type.ts'
import type { Emulator } from '#emulator/emulator.ts'
import type { CachedRecord, Choice, Edited, Editor, StoredPlan, ZoneEdits } from '#engine/edits/edits.ts'
import type { Asked } from '#engine/zones.ts'
import type { Random } from '#platform/ports.ts'
import type { VirtualClock } from '../support/virtual-clock.ts'
import { between, chance, oneOf, type Scenario } from './scenario.ts'
import { keyIn, newSet } from './sets.ts'

/** One question of a customer, and what came of it, for the checks. */
export interface Hand {
  readonly customer: string
  /** Goes with the edit into the store. */
  readonly requestId: string
  readonly what: string
  readonly arrivedAt: number
  readonly deadline: number
  answeredAt: number
  /** `failed` with its code; `lost`: no answer came. */
  result: 'waiting' | 'done' | 'checking' | 'failed' | 'lost'
  outcome: string
  stoodStill: boolean
}

/** What a replica is asked to do with a customer's edits. */
export type Work<Answer> = (edits: ZoneEdits, editor: Editor, asked: Asked) => Promise<Answer>

/** Asks some replica; undefined: it was not done. */
export type AskByHand = <Answer>(
  customer: string,
  what: string,
  work: Work<Answer>,
) => Promise<Answer | undefined>

/** The newest connection of each customer. Whoever disconnects has none until they connect again. */
export type Connections = Map<string, string | undefined>

export const CUSTOMERS = ['ann', 'ben'] as const

/** Names at which callers declare sets and customers edit by hand. */
export const SHARED_NAMES = ['s0', 's1', 's2', 's3'] as const
const THEIR_NAMES = ['c0', 'c1', ...SHARED_NAMES] as const
const THEIR_TYPES: readonly RecordType[] = ['A', 'A', 'AAAA', 'TXT']
const IS_THEIRS = /^(c\d|s\d|www)\./

/** Somebody at the dashboard: edits, imports, undoes, confirms, syncs, disconnects and connects again, until it is over. */
export async function customerAtWork(options: {
  customer: string
  scenario: Scenario
  emulator: Emulator
  connections: Connections
  ask: AskByHand
  clock: VirtualClock
  random: Random
  counter: { next: number }
  isOver: () => boolean
}): Promise<void> {
  const { customer, scenario, emulator, connections, ask, clock, random, counter, isOver } = options
  let connectionsMade = 0

  function connect(): void {
    connectionsMade += 1
    connections.set(customer, `${customer}-${connectionsMade}`)
  }

  function newRecord(zone: string): NewRecord {
    const set = newSet(
      keyIn(`${oneOf(THEIR_NAMES, random)}.${zone}`, oneOf(THEIR_TYPES, random)),
      random,
      counter,
    )
    const { name, type, ttl } = set
    return { name, type, ttl, value: set.values[0]!, proxied: false, comment: null }
  }

  /** Records of theirs that the page lets them change. */
  async function editable(zone: string): Promise<readonly CachedRecord[]> {
    const cached = await ask(customer, 'look', (edits, editor) => edits.records(editor, zone))
    return (cached?.records ?? []).filter(({ record, locked }) => !locked && IS_THEIRS.test(record.name))
  }

  async function create(zone: { id: string; name: string }): Promise<void> {
    const record = newRecord(zone.name)
    await ask(customer, `create ${record.name} ${record.type} ${record.value}`, (edits, editor, asked) =>
      edits.create(editor, zone.id, record, asked),
    )
  }

  async function update(zone: { id: string; name: string }): Promise<void> {
    const shown = await editable(zone.id)
    if (shown.length === 0) return create(zone)
    const { record } = oneOf(shown, random)
    if (!('value' in record)) return
    const set = newSet(record, random, counter)
    const edit = { name: record.name, type: record.type, value: set.values[0]!, ttl: set.ttl }
    await ask(customer, `update ${record.name} ${record.type} to ${edit.value}`, (edits, editor, asked) =>
      edits.update(editor, zone.id, record.id, edit, asked),
    )
  }

  async function remove(zone: { id: string; name: string }): Promise<void> {
    const shown = await editable(zone.id)
    if (shown.length === 0) return create(zone)
    const ids = [oneOf(shown, random), oneOf(shown, random)].map(({ record }) => record.id as RecordId)
    const what = chance(random, 0.3) ? ids : ids.slice(0, 1)
    await ask(customer, `remove ${what.map((id) => id.slice(0, 6)).join(' ')}`, (edits, editor, asked) =>
      edits.removeAll(editor, zone.id, what, [], asked),
    )
  }

  async function importSets(zone: { id: string; name: string }): Promise<void> {
    const record = newRecord(zone.name)
    const { values, ttl } = newSet(record, random, counter)
    const wanted = [
      {
        name: record.name,
        type: record.type,
        records: values.map((value) => ({ value, ttl })),
        reason: 'In the file.',
      },
    ]
    await review(`import ${record.name} ${record.type} ${values.join(' ')}`, (edits, editor, asked) =>
      edits.planSets(editor, zone.id, { kind: 'import', wanted, notes: [] }, asked),
    )
  }

  async function undo(zone: { id: string; name: string }): Promise<void> {
    const page = await ask(customer, 'read the history', (edits, editor) =>
      edits.history(editor, { zone: zone.id, limit: 5 }),
    )
    const own = page?.entries.filter(({ actor }) => actor.kind === 'customer') ?? []
    if (own.length === 0) return create(zone)
    const { id } = oneOf(own, random)
    await review(`undo ${id.slice(0, 6)}`, (edits, editor, asked) =>
      edits.planUndo(editor, zone.id, id, asked),
    )
  }

  async function goLive(zone: { id: string; name: string }): Promise<void> {
    const { name } = keyIn(zone.name, 'A')
    const { values } = newSet({ name, type: 'A' }, random, counter)
    const shop = { name, ipv4: values.slice(0, 1), ipv6: [], servesWww: true }
    await review(
      `point ${name} to ${shop.ipv4}`,
      (edits, editor, asked) => edits.plan(editor, shop, asked),
      shop,
    )
  }

  /** Confirms what is ticked, perhaps after a while. */
  async function review(
    what: string,
    plan: Work<StoredPlan>,
    shop: Parameters<ZoneEdits['confirm']>[1] = {
      name: keyIn('example.com', 'A').name,
      ipv4: [],
      ipv6: [],
      servesWww: false,
    },
  ): Promise<void> {
    const planned = await ask(customer, `review: ${what}`, plan)
    if (planned === undefined) return
    if (chance(random, 0.2)) await clock.sleep(between(1_000, 20_000, random))
    const selected = planned.plan.changes.filter((change) => change.selected).map(({ id }) => id)
    const choice: Choice = { planId: planned.id, selected }
    await ask(
      customer,
      what,
      (edits, editor, asked): Promise<Edited> => edits.confirm(editor, shop, choice, asked),
    )
  }

  connect()
  while (!isOver()) {
    await clock.sleep(Math.ceil(-Math.log(1 - random.fraction()) * 2 * scenario.changeEveryMs))
    const zones = emulator.state.zones().filter(({ name }) => scenario.zones.includes(name))
    if (zones.length === 0) continue
    const zone = oneOf(zones, random)
    switch (oneOf(HABITS, random)) {
      case 'create':
        await create(zone)
        break
      case 'update':
        await update(zone)
        break
      case 'remove':
        await remove(zone)
        break
      case 'import':
        await importSets(zone)
        break
      case 'undo':
        await undo(zone)
        break
      case 'go live':
        await goLive(zone)
        break
      case 'sync':
        await ask(customer, 'sync', (edits, editor, asked) => edits.sync(editor, zone.id, asked))
        break
      default:
        if (chance(random, 0.3)) {
          connections.set(customer, undefined)
          await clock.sleep(between(1_000, 60_000, random))
          connect()
        }
    }
  }
}

const HABITS = [
  'create',
  'create',
  'update',
  'update',
  'update',
  'remove',
  'import',
  'undo',
  'go live',
  'sync',
  'reconnect',
] as const
