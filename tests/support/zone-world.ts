import type { RecordSeed } from '#emulator/emulator.ts'
import type { DnsError } from '#engine/errors.ts'
import type { Caller, RemoveAnswer, UpsertAnswer } from '#engine/zones.ts'
import { createWorld, key, set, type World, type WorldOptions } from './world.ts'

/** A world with one zone, example.com, and short words for what is asked of it. */
export interface ZoneWorld extends World {
  readonly zone: string
  /** `upsert('www.example.com 300 A 192.0.2.1')` */
  upsert(text: string, caller?: Caller): Promise<UpsertAnswer>
  /** `remove('www.example.com A')` */
  remove(text: string): Promise<RemoveAnswer>
  /** Why such an upsert is not carried out. Rejects when it is. */
  refusal(text: string): Promise<DnsError>
  records(): ReturnType<World['emulator']['state']['records']>
  /** Batches sent since the last time this was asked. */
  writes(): number
}

export async function zoneWorld(
  { records = [], recordQuota = 1_000 }: { records?: readonly RecordSeed[]; recordQuota?: number } = {},
  options: WorldOptions = {},
): Promise<ZoneWorld> {
  const world = await createWorld({ zones: [{ name: 'example.com', recordQuota, records }], ...options })
  const { clock, engine, caller, asked, emulator } = world
  const upsert = (text: string, by = caller) => clock.until(engine.upsert(by, set(text), asked()))
  let counted = 0
  return {
    ...world,
    zone: emulator.state.zones()[0]!.id,
    upsert,
    remove: (text) => clock.until(engine.remove(caller, key(text), asked())),
    refusal: (text) =>
      upsert(text).then(
        () => Promise.reject(new Error('it was not refused')),
        (error: DnsError) => error,
      ),
    records: () => emulator.state.records('example.com'),
    writes() {
      const all = emulator.state.calls().filter(({ method }) => method !== 'GET').length
      const since = all - counted
      counted = all
      return since
    },
  }
}
