import type { Caller } from '#engine/zones.ts'
import type { Random } from '#platform/ports.ts'

/** What one seed is made of: the size of the world, and how much goes wrong in it. */
export interface Scenario {
  readonly seed: number
  readonly zones: readonly string[]
  readonly replicas: number
  /** Owner names in each zone. */
  readonly names: number
  readonly changes: number
  /** Share of them that delete. */
  readonly deletes: number
  /** Mean time between two changes of mind (ms). */
  readonly changeEveryMs: number
  readonly parallelCallers: number
  readonly ack: 'cloudflare' | 'accepted'
  /** Strict: some of the names that are asked for hold what others have made. */
  readonly ownership: Caller['ownership']
  readonly refreshMs: number
  readonly latencyMs: number
  /** Share of requests to Cloudflare that meet a fault, and which faults there are. */
  readonly faultRate: number
  readonly faults: readonly string[]
  /** Share of batches that are on their way for up to 100 s before Cloudflare sees them. */
  readonly lateRate: number
  readonly outages: number
  /** Share of calls to the store that fail, and of calls to any port that take 1–60 s. */
  readonly storeTroubleRate: number
  readonly pauseRate: number
  /** Faults, pauses and deaths that are aimed at one kind of call, for each life of a replica. */
  readonly aimed: number
  readonly deathRate: number
  readonly freezeRate: number
  readonly humanEdits: number
  /** Customers who edit by hand, at names of their own and at names where callers declare sets. */
  readonly customers: number
  /** Lists come in pages of five. */
  readonly smallPages: boolean
  /** The call budget starts empty. */
  readonly pressed: boolean
  /** The store lets others come in between the statements of one transaction, as PostgreSQL does. */
  readonly interleaved: boolean
  readonly lasting: readonly Lasting[]
}

/** Trouble that Cloudflare makes for a while, as the emulator names it: what is refused meanwhile is refused in earnest. */
export interface Lasting {
  readonly fault: (typeof LASTING_FAULTS)[number]
  readonly zone: string
  /** F14: no batch with a record of this name gets past. */
  readonly name: string
  /** F27: what becomes of the zone. */
  readonly form: string
  /** F17: how many more records the zone takes. */
  readonly room: number
  /** F28: how many operations fit in a batch. */
  readonly operations: number
  /** It begins when so many changes have been made. */
  readonly afterChanges: number
  readonly lastsMs: number
  /** Somebody restarts a replica to see whether that helps. */
  readonly restartAfterMs?: number
}

/** One world in four has customers too. All others are as they were without them. */
export function withCustomers(scenario: Scenario): Scenario {
  const { seed, ownership, lasting } = scenario
  const isTheirs = Math.floor(seed / 8) % 4 === 1 && ownership === 'adopt' && lasting.length === 0
  return isTheirs ? { ...scenario, customers: 1 + (seed % 2) } : scenario
}

/**
 * For hunting mutants. `races`: long pauses between list, dispatch and commit, late commits, several replicas. `stalls`:
 * whole replicas freeze between an answer and writing it down, and sets come and go. `customers`: as `races`, and customers edit.
 */
export const biases = ['none', 'races', 'stalls', 'customers'] as const
export type Bias = (typeof biases)[number]

/** Faults of the emulator that pass: whatever happens then, nobody is to hear of a refusal for good. */
export const PASSING_FAULTS = [
  'F1',
  'F2',
  'F3',
  'F4',
  'F5',
  'F6',
  'F7',
  'F8',
  'F9',
  'F10',
  'F11',
  'F13',
  'F15',
  'F16',
  'F18',
  'F19',
  'F20',
  'F21',
  'F29',
  'F32',
  'F33',
  'F34',
  'F35',
  'F36',
  'F37',
] as const

/** Faults that refuse for good, and last for a while. */
export const LASTING_FAULTS = ['F14', 'F17', 'F22', 'F23', 'F27', 'F28'] as const

/** Somebody else's hands, and Cloudflare's own lies: what they do to a set is not our doing. */
const OTHERS_DOING = new Set(['F15', 'F16', 'F29', 'F32'])

export function scenarioOf(seed: number, random: Random, bias: Bias): Scenario {
  const races = bias !== 'none'
  const isStormy = chance(random, races ? 0.8 : 0.6)
  const withHumans = chance(random, races ? 0.1 : 0.5)
  const replicas = races ? oneOf([2, 3, 3, 4], random) : oneOf([1, 1, 1, 1, 1, 2, 2, 2, 3, 6], random)
  const faults = PASSING_FAULTS.filter((fault) => withHumans || !OTHERS_DOING.has(fault))
  return {
    seed,
    zones: ['example.com', 'example.net', 'example.org'].slice(
      0,
      oneOf(races ? [1] : [1, 1, 1, 1, 2, 3], random),
    ),
    replicas,
    names: between(3, races ? 4 : 8, random),
    changes: oneOf(races ? [40, 40, 50, 60, 80, 120] : [20, 30, 30, 40, 60, 100], random),
    deletes: bias === 'stalls' ? 0.5 : 0.2,
    changeEveryMs: oneOf([500, 2_000, 4_000], random),
    parallelCallers: oneOf([0, 1, 2, 3], random),
    ack: chance(random, 0.2) ? 'accepted' : 'cloudflare',
    ownership: seed % 4 === 1 && !races ? 'strict' : 'adopt',
    refreshMs: oneOf([30_000, 60_000, 120_000], random),
    latencyMs: oneOf([20, 100, 700], random),
    faultRate: isStormy ? oneOf([0.1, 0.2, 0.35], random) : oneOf([0, 0.03], random),
    faults: races ? favourites(faults) : faults,
    lateRate: races ? 0.1 : isStormy ? 0.03 : 0,
    outages: chance(random, 0.2) ? 1 : 0,
    storeTroubleRate: chance(random, 0.4) ? oneOf([0.002, 0.01], random) : 0,
    pauseRate: races
      ? oneOf([0.002, 0.006], random)
      : chance(random, 0.4)
        ? oneOf([0.0005, 0.002], random)
        : 0,
    aimed: races ? 3 : oneOf([0, 1, 2], random),
    deathRate: chance(random, 0.5) ? 0.0007 : 0,
    freezeRate: chance(random, 0.3) ? 0.0005 : 0,
    humanEdits: withHumans ? between(1, 8, random) : 0,
    customers: bias === 'customers' ? 2 : 0,
    smallPages: chance(random, 0.3),
    pressed: chance(random, 0.15),
    interleaved: replicas > 1 && !races && seed % 8 === 0,
    lasting: [],
  }
}

/** What makes a stale writer: outcomes that nobody knows, and old lists. */
function favourites(faults: readonly string[]): readonly string[] {
  const favoured = ['F4', 'F8', 'F9', 'F9', 'F9', 'F3', 'F7', 'F18', 'F18']
  return faults.filter((fault) => !['F1', 'F2', 'F21', 'F20'].includes(fault)).concat(favoured)
}

export function chance(random: Random, probability: number): boolean {
  return random.fraction() < probability
}

export function between(least: number, most: number, random: Random): number {
  return least + Math.floor(random.fraction() * (most - least + 1))
}

export function oneOf<T>(choices: readonly T[], random: Random): T {
  return choices[Math.floor(random.fraction() * choices.length)]!
}
