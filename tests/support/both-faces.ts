import { createEmulator } from '#emulator/emulator.ts'
import { createZoneEdits, type Editor } from '#engine/edits/edits.ts'
import { createEngine, type EngineOptions } from '#engine/engine.ts'
import { createZoneLock } from '#engine/zone-lock.ts'
import type { Asked, Caller } from '#engine/zones.ts'
import { planner } from '#onboarding/planner.ts'
import { cloudflareClients } from '#providers/cloudflare/clients.ts'
import { openSqliteStore } from '#store/sqlite/open.ts'
import type { Store } from '#store/store.ts'
import { aRecord } from './edit-world.ts'
import { EMULATOR_URL, emulatorTransport } from './emulator-transport.ts'
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts'
import { key, seededRandom, set, silent, zoneLines } from './world.ts'

/** Who is at work: in the first process customers' edits, in the last the webhook. Those of one process share its turns. */
export interface Processes {
  readonly clock: VirtualClock
  /** One for each process. */
  readonly stores: readonly Store[]
  close(): Promise<void>
}

export async function oneProcess(): Promise<Processes> {
  const clock = createVirtualClock()
  const random = seededRandom(1)
  const store = await openSqliteStore({ path: ':memory:', random, now: clock.now, bootId: undefined })
  return { clock, stores: [store], close: () => store.close() }
}

export interface BothFacesOptions extends Partial<Pick<Caller, 'ownership'>> {
  readonly drift?: EngineOptions['drift']
  readonly open?: () => Promise<Processes>
}

export const ANN = { customerId: 'ann', connectionId: 'ann-1' }
const TOKEN = 'token-of-the-tests-0123456789-0123456789'

/** A customer and a caller of the webhook in one zone that holds `www A 192.0.2.1`. */
export async function bothFaces({
  drift = 'correct',
  ownership = 'adopt',
  open = oneProcess,
}: BothFacesOptions = {}) {
  const { clock, stores, close } = await open()
  const emulator = createEmulator({
    now: clock.now,
    latencyMs: 100,
    zones: [
      {
        name: 'example.com',
        recordQuota: 5_000,
        records: [{ name: 'www', type: 'A', content: '192.0.2.1', ttl: 300 }],
      },
    ],
    credentials: [{ kind: 'token', token: TOKEN }],
  })
  const random = seededRandom(2)
  const processes = stores.map((store) => ({ store, zoneLock: createZoneLock(random) }))
  const [first, last] = [processes[0]!, processes.at(-1)!]
  const clientOver = (ledger: Store) =>
    cloudflareClients({ transport: emulatorTransport(emulator, clock), ledger, clock, random }).client({
      credential: { kind: 'token', token: TOKEN },
      credentialName: 'test',
      baseUrl: EMULATOR_URL,
    })
  const shared = { clock, random, log: silent }

  const editor: Editor = {
    ...ANN,
    cloudflare: clientOver(first.store),
    label: 'ann@example.org',
  }
  const edits = createZoneEdits({ ...shared, ...first, planner, editorOf: async () => editor })
  edits.start()

  const caller: Caller = {
    id: 'default',
    cloudflare: clientOver(last.store),
    ownership,
    ack: 'cloudflare',
  }
  const engine = createEngine({
    ...shared,
    ...last,
    callers: [caller],
    events: {
      unchanged() {},
      change() {},
      batch() {},
      read() {},
      unknownOutcome() {},
      queue() {},
      drift() {},
    },
    refreshMs: 300_000,
    drift,
  })
  await clock.until(engine.start())

  const zone = emulator.state.zones()[0]!.id
  const asked = (): Asked => ({ requestId: random.hex(8), deadline: clock.now() + 25_000 })
  await clock.until(edits.sync(editor, zone, asked()))
  const www = emulator.state.records('example.com')[0]!.id as Parameters<typeof edits.update>[2]
  return {
    clock,
    emulator,
    store: first.store,
    zone,
    www,
    edit: (text: string) => edits.update(editor, zone, www, aRecord(text), asked()),
    create: (text: string) => edits.create(editor, zone, aRecord(text), asked()),
    operation: (id: string) => clock.until(edits.operation(editor, id)),
    upsert: (text: string) => engine.upsert(caller, set(text), asked()),
    remove: (text: string) => engine.remove(caller, key(text), asked()),
    comesLate(seconds: number) {
      emulator.faults.script([{ fault: 'F9', route: 'write', form: 'error', seconds }])
    },
    /** Batches since the last time this was asked. */
    batches: (
      (told = 0) =>
      () => {
        const sent = emulator.state.calls().filter(({ method }) => method !== 'GET').length
        const since = sent - told
        told = sent
        return since
      }
    )(),
    /** What the zone holds in the next 400 s, each state once. */
    async states() {
      const states = new Set<string>()
      for (let second = 0; second < 400; second += 1) {
        states.add(zoneLines(emulator).join('\n'))
        await clock.pass(1_000)
      }
      return [...states]
    },
    async end() {
      await clock.until(engine.stop())
      await clock.until(edits.stop())
      await close()
    },
  }
}
