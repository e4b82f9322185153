import { parseName } from '#dns/name.ts'
import { parseRecordSet, type RecordSet, type SetKey } from '#dns/record-set.ts'
import type { RecordType } from '#dns/record-type.ts'
import { createEmulator, type Emulator, type EmulatorOptions } from '#emulator/emulator.ts'
import { createEngine, type Engine, type EngineOptions } from '#engine/engine.ts'
import type { Asked, Caller } from '#engine/zones.ts'
import type { Log, Random } from '#platform/ports.ts'
import { createCloudflareClient } from '#providers/cloudflare/client.ts'
import { createRateLimiter } from '#providers/cloudflare/rate-limiter.ts'
import type { Transport } from '#providers/cloudflare/transport.ts'
import { openSqliteStore } from '#store/sqlite/open.ts'
import type { Store } from '#store/store.ts'
import { EMULATOR_URL, emulatorTransport } from './emulator-transport.ts'
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts'

/** The engine over an embedded database and an emulator, in one process and in virtual time. */
export interface World {
  readonly clock: VirtualClock
  readonly emulator: Emulator
  readonly store: Store
  readonly engine: Engine
  readonly caller: Caller
  readonly asked: () => Asked
  /** Calls made to Cloudflare since the last time this was asked. */
  calls(): number
  end(): Promise<void>
}

export interface WorldOptions extends EmulatorOptions {
  readonly engine?: Partial<EngineOptions>
  readonly caller?: Partial<Caller>
  readonly store?: Store
  /** One that has been there before; it keeps the time of the clock that it was made with. */
  readonly emulator?: Emulator
  readonly clock?: VirtualClock
  /** Stands between the engine and the way to the emulator. */
  readonly between?: (way: Transport, clock: VirtualClock) => Transport
}

const TOKEN = 'token-of-the-tests-0123456789-0123456789'

export async function createWorld({
  engine: engineOptions,
  caller: callerOptions,
  between = (way) => way,
  ...options
}: WorldOptions = {}): Promise<World> {
  const clock = options.clock ?? createVirtualClock()
  const random = seededRandom(options.seed ?? 1)
  const emulator =
    options.emulator ??
    createEmulator({
      now: clock.now,
      latencyMs: 100,
      zones: [{ name: 'example.com', recordQuota: 100_000 }],
      credentials: [{ kind: 'token', token: TOKEN }],
      ...options,
    })
  const store =
    options.store ?? (await openSqliteStore({ path: ':memory:', random, now: clock.now, bootId: undefined }))
  const rateLimiter = createRateLimiter({ credential: 'test', ledger: store, clock, random })
  const cloudflare = createCloudflareClient({
    transport: between(emulatorTransport(emulator, clock), clock),
    rateLimiter,
    credential: { kind: 'token', token: TOKEN },
    credentialName: 'test',
    baseUrl: EMULATOR_URL,
    now: clock.now,
  })
  const caller: Caller = {
    id: 'default',
    cloudflare,
    ownership: 'adopt',
    ack: 'cloudflare',
    ...callerOptions,
  }
  const engine = createEngine({
    store,
    callers: [caller],
    clock,
    random,
    log: silent,
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
    drift: 'correct',
    ...engineOptions,
  })
  await engine.start()

  let counted = 0
  return {
    clock,
    emulator,
    store,
    engine,
    caller,
    asked: () => ({ requestId: random.hex(8), deadline: clock.now() + 25_000 }),
    calls() {
      const total = emulator.state.calls().length
      const since = total - counted
      counted = total
      return since
    },
    async end() {
      await clock.until(engine.stop())
      await store.close()
    },
  }
}

/** `set('www.example.com 300 A 192.0.2.1 192.0.2.2')` */
export function set(text: string): RecordSet {
  const [name, ttl, type, ...values] = text.split(' ')
  const parsed = parseRecordSet(
    {
      name: parseName(name!),
      type: type!,
      ttl: Number(ttl),
      values: type === 'TXT' || type === 'MX' ? [values.join(' ')] : values,
    },
    { ttl: 300, mxPriority: 10 },
  )
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.value
}

/** `key('www.example.com A')` */
export function key(text: string): SetKey {
  const [name, type] = text.split(' ')
  const parsed = parseName(name!)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return { name: parsed.value, type: type as RecordType }
}

/** The zone as the emulator holds it, a line a record, sorted. */
export function zoneLines(emulator: Emulator, zone = 'example.com'): string[] {
  return emulator.state
    .records(zone)
    .map(({ name, ttl, type, content, priority }) =>
      `${name} ${ttl} ${type} ${priority ?? ''} ${content}`.replace('  ', ' '),
    )
    .sort()
}

export const silent: Log = { debug() {}, info() {}, warn() {}, error() {} }

/** mulberry32: small, fast, and the same everywhere. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  function fraction(): number {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const hex = (bytes: number) =>
    Array.from({ length: bytes }, () =>
      Math.floor(fraction() * 256)
        .toString(16)
        .padStart(2, '0'),
    ).join('')
  return { fraction, hex }
}
