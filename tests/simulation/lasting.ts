import type { Emulator } from '#emulator/emulator.ts'
import type { VirtualClock } from '../support/virtual-clock.ts'
import { seededRandom } from '../support/world.ts'
import { between, chance, LASTING_FAULTS, type Lasting, oneOf, type Scenario } from './scenario.ts'

/** When it began and when it ended (ms); Infinity while it lasts. */
export interface LastingSpan {
  readonly lasting: Lasting
  readonly from: number
  to: number
}

export interface LastingTrouble {
  /** Whatever is to begin when so many changes have been made does so now. */
  begin(changes: number): void
  /** Resolves when all that has begun has ended. */
  over(): Promise<void>
  readonly spans: readonly LastingSpan[]
}

/** What a run that has tried all of it has seen: that it began, or what Cloudflare refuses then. */
export const LASTING_HITS = [
  'F14 before-commit',
  'F22 before-auth',
  'F23 before-auth',
  'F27 before-commit',
  'F28 before-commit',
  'batch refused 9007',
  'batch refused 9207',
  'batch refused 81045',
].map((hit) => `cloudflare ${hit}`)

/** A zone that is gone is the worst of them. */
const ZONE_FORMS = ['deleted', 'deleted', 'moved', 'pending', 'paused', 'read-only']

/** Outcomes that nobody knows, or that are refused for no reason, and hands of others: nothing of it. */
const NOTHING_ELSE = {
  faultRate: 0,
  lateRate: 0,
  outages: 0,
  storeTroubleRate: 0,
  pauseRate: 0,
  aimed: 0,
  deathRate: 0,
  freezeRate: 0,
  humanEdits: 0,
  pressed: false,
}

/** One world in four has lasting trouble, and one of three of those has no other. All others are as they were without it. */
export function withLasting(scenario: Scenario): Scenario {
  const { seed, zones, names, changes } = scenario
  if (Math.floor(seed / 8) % 4 !== 2) return scenario
  // Not the world's: what else happens in it shall not hang on this.
  const random = seededRandom(~seed)
  const first = oneOf(LASTING_FAULTS, random)
  const second = oneOf(
    LASTING_FAULTS.filter((fault) => fault !== first),
    random,
  )
  const isAlone = chance(random, 1 / 3)
  const lasting = (chance(random, 0.4) ? [first, second] : [first]).map((fault): Lasting => {
    const zone = oneOf(zones, random)
    const lastsMs = between(10_000, 120_000, random)
    return {
      fault,
      zone,
      name: `n${between(0, names - 1, random)}.${zone}`,
      form: oneOf(ZONE_FORMS, random),
      room: between(0, 2, random),
      operations: between(5, 8, random),
      afterChanges: between(0, Math.floor(changes / 2), random),
      lastsMs,
      ...(!isAlone && chance(random, 0.5) && { restartAfterMs: between(1_000, lastsMs, random) }),
    }
  })
  return { ...scenario, ...(isAlone && NOTHING_ELSE), lasting }
}

/** Whether nothing else goes wrong in a world. */
export function isAlone(scenario: Scenario): boolean {
  const others: Partial<Scenario> = NOTHING_ELSE
  if (scenario.lasting.some(({ restartAfterMs }) => restartAfterMs !== undefined)) return false
  return Object.entries(others).every(([field, none]) => scenario[field as keyof Scenario] === none)
}

export function createLasting(options: {
  scenario: Scenario
  emulator: Emulator
  clock: VirtualClock
  /** Ends a replica; a new one starts soon. */
  restart: () => void
  note: (text: string) => void
}): LastingTrouble {
  const { scenario, emulator, clock, restart, note } = options
  const { faults, state } = emulator
  const spans: LastingSpan[] = []
  const underWay: Promise<void>[] = []

  async function last(lasting: Lasting): Promise<void> {
    const { fault, zone, name, form, room, operations, lastsMs, restartAfterMs } = lasting
    const isThere = () => state.zones().some((one) => one.name === zone)
    const quota = async (records: () => number) => {
      while (!isThere()) await clock.sleep(1_000)
      state.changeZone(zone, { recordQuota: records() })
    }
    if (fault === 'F17') await quota(() => state.records(zone).length + room)
    else if (fault === 'F14') faults.script([{ fault, name, times: Number.POSITIVE_INFINITY }])
    else if (fault === 'F27') faults.script([{ fault, zone, form }])
    else if (fault === 'F28') faults.script([{ fault, zone, operations }])
    else faults.script([{ fault }])
    const span = { lasting, from: clock.now(), to: Number.POSITIVE_INFINITY }
    spans.push(span)
    note(`${fault} begins: ${JSON.stringify(lasting)}`)

    if (restartAfterMs !== undefined) void clock.sleep(restartAfterMs).then(restart)
    await clock.sleep(lastsMs)
    if (fault === 'F17') await quota(() => 100_000)
    else faults.end(fault)
    span.to = clock.now()
    note(`${fault} ends`)
  }

  return {
    begin(changes) {
      const next = scenario.lasting.filter(({ afterChanges }) => afterChanges === changes)
      underWay.push(...next.map(last))
    },
    over: async () => void (await Promise.all(underWay)),
    spans,
  }
}
