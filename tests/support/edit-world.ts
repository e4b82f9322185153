import type { NewRecord, RecordId } from '#dns/record.ts'
import { aName } from '#dns/testing.ts'
import { parseDraft, type RecordDraft } from '#edit-rules/draft.ts'
import { createEmulator, type Emulator, type RecordSeed, type ZoneSeed } from '#emulator/emulator.ts'
import {
  createZoneEdits,
  type Editor,
  type RunningEdits,
  type ZoneEditsOptions,
} from '#engine/edits/edits.ts'
import type { DnsError } from '#engine/errors.ts'
import { createZoneLock, type ZoneLock } from '#engine/zone-lock.ts'
import type { Asked } from '#engine/zones.ts'
import { planner } from '#onboarding/planner.ts'
import { createCloudflareClient } from '#providers/cloudflare/client.ts'
import { createRateLimiter } from '#providers/cloudflare/rate-limiter.ts'
import type { Transport } from '#providers/cloudflare/transport.ts'
import { openSqliteStore } from '#store/sqlite/open.ts'
import type { Store } from '#store/store.ts'
import { EMULATOR_URL, emulatorTransport } from './emulator-transport.ts'
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts'
import { seededRandom, silent } from './world.ts'

/** People who edit example.com by hand, over an embedded database and an emulator, in virtual time. */
export interface EditWorld {
  readonly clock: VirtualClock
  readonly emulator: Emulator
  readonly store: Store
  readonly zoneLock: ZoneLock
  readonly edits: RunningEdits
  /** `ann`, unless another name is given: one customer with one connection for each name. */
  editor(name?: string): Editor
  /** The id of example.com. */
  readonly zone: string
  asked(): Asked
  /** Runs the world until this is done. */
  until<T>(work: Promise<T>): Promise<T>
  /** Why this is not done. Rejects when it is. */
  refusal(work: Promise<unknown>): Promise<DnsError>
  /** The id of the record at this name, of this type. */
  idOf(name: string, type: string): RecordId
  /** The process dies where it is, and another one starts over the same store. */
  restarted(): EditWorld
  end(): Promise<void>
}

export interface EditWorldOptions {
  readonly records?: readonly RecordSeed[]
  readonly zones?: readonly ZoneSeed[]
  readonly recordQuota?: number
  /** Stands between the editors and the way to the emulator. */
  readonly between?: (way: Transport, clock: VirtualClock) => Transport
  /** Stands between the edits and their store. */
  readonly keptBy?: (store: Store, clock: VirtualClock) => Store
  /** What live DNS says of the domain. */
  readonly observe?: ZoneEditsOptions['observe']
  /** Whether connections are found again after a restart. */
  readonly isConnected?: () => boolean
}

const TOKEN = 'token-of-the-tests-0123456789-0123456789'

export async function editWorld(options: EditWorldOptions = {}): Promise<EditWorld> {
  const { records = [], recordQuota = 5_000 } = options
  const clock = createVirtualClock()
  const emulator = createEmulator({
    now: clock.now,
    latencyMs: 100,
    zones: options.zones ?? [{ name: 'example.com', recordQuota, records }],
    credentials: [{ kind: 'token', token: TOKEN }],
  })
  const random = seededRandom(1)
  const store = await openSqliteStore({ path: ':memory:', random, now: clock.now, bootId: undefined })
  return overStore({ clock, emulator, store, options, seed: 2 })
}

function overStore({
  clock,
  emulator,
  store,
  options,
  seed,
}: Pick<EditWorld, 'clock' | 'emulator' | 'store'> & { options: EditWorldOptions; seed: number }): EditWorld {
  const { between = (way) => way, keptBy = (kept) => kept, isConnected = () => true } = options
  const random = seededRandom(seed)
  let isDead = false
  const way = between(emulatorTransport(emulator, clock), clock)
  const rateLimiter = createRateLimiter({ credential: 'test', ledger: store, clock, random })
  const cloudflare = createCloudflareClient({
    transport: async (request) => {
      const reply = await way(request)
      return isDead ? new Promise(() => {}) : reply
    },
    rateLimiter,
    credential: { kind: 'token', token: TOKEN },
    credentialName: 'test',
    baseUrl: EMULATOR_URL,
    now: clock.now,
  })
  const editor = (name = 'ann'): Editor => ({
    customerId: name,
    connectionId: `${name}-1`,
    cloudflare,
    label: `${name}@example.org`,
  })
  const zoneLock = createZoneLock(random)
  const edits = createZoneEdits({
    store: keptBy(store, clock),
    clock,
    random,
    log: silent,
    zoneLock,
    planner,
    editorOf: async ({ customerId }) => (isConnected() ? editor(customerId) : undefined),
    observe: options.observe,
  })
  edits.start()
  const until = <T>(work: Promise<T>) => clock.until(work)
  return {
    clock,
    emulator,
    store,
    zoneLock,
    edits,
    editor,
    zone: emulator.state.zones()[0]!.id,
    asked: () => ({ requestId: random.hex(8), deadline: clock.now() + 25_000 }),
    until,
    refusal: (work) =>
      until(work).then(
        () => Promise.reject(new Error('it was not refused')),
        (error: DnsError) => error,
      ),
    idOf(name, type) {
      const zoneName = emulator.state.zones()[0]!.name
      const found = emulator.state.records(zoneName).find((one) => one.name === name && one.type === type)
      if (found === undefined) throw new Error(`there is no ${name} ${type}`)
      return found.id as RecordId
    },
    restarted() {
      isDead = true
      return overStore({ clock, emulator, store, options, seed: seed + 1 })
    },
    async end() {
      await clock.until(edits.stop())
      await store.close()
    },
  }
}

/** `aRecord('www A 192.0.2.1')`, as a form would have it. */
export function aRecord(text: string, more: Partial<RecordDraft> = {}): NewRecord {
  const [name = '', type = '', ...content] = text.split(' ')
  const parsed = parseDraft({ name, type, content: content.join(' '), ...more }, aName('example.com'))
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.value
}

/** Asks for a record, and does not wait for it. */
export const create = (world: EditWorld, text: string, more: Partial<RecordDraft> = {}, who?: string) =>
  world.edits.create(world.editor(who), world.zone, aRecord(text, more), world.asked())
export const sync = (world: EditWorld, who?: string) =>
  world.until(world.edits.sync(world.editor(who), world.zone, world.asked()))
/** What the cache shows, a line a record. */
export const shown = async (world: EditWorld, who?: string) =>
  (await world.edits.records(world.editor(who), world.zone)).records
    .map(({ record }) => `${record.name} ${record.type} ${'value' in record ? record.value : record.content}`)
    .sort()

/** What the history of this customer tells of the zone. */
export const history = async (world: EditWorld, who?: string) =>
  (await world.edits.history(world.editor(who), { zone: world.zone, limit: 20 })).entries
