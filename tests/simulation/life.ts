import type { Clock, Random } from '#platform/ports.ts'
import { StoreError } from '#store/store.ts'
import type { Hits } from './hits.ts'
import { type Bias, between, chance, oneOf, type Scenario } from './scenario.ts'

/**
 * One life of one replica. Every call that it makes to the outside goes through `call`, which is where it is paused,
 * fails, or dies: a dead one's promises never resolve.
 */
export interface Life {
  readonly clock: Clock
  readonly isAlive: boolean
  /** How long it has stood still since `since` (ms), by freezing or by a slow call. */
  stoodStill(since: number): boolean
  call<T>(port: string, effect: () => Promise<T>): Promise<T>
  /** Rejects when it dies. */
  readonly death: Promise<never>
  die(): void
}

export class ConnectionLost extends Error {}

interface Aim {
  readonly port: string
  readonly phase: 'before' | 'after'
  readonly kind: 'pause' | 'fail' | 'die' | 'freeze'
  left: number
}

/** Ports of the store at which something can be aimed; `cloudflare` is one more. */
export const STORE_PORTS = [
  'changeBudget',
  'zonesOf',
  'rememberZones',
  'zonesInUse',
  'holdLease',
  'setState',
  'addIntent',
  'addCorrection',
  'withdrawIntent',
  'waitingIntents',
  'endIntents',
  'renewLeases',
  'zonesToVisit',
  'endsOf',
  'showEnds',
  'zoneState',
  'recordsAt',
  'recordsOf',
  'managedSets',
  'setsAt',
  'dispatch',
  'settle',
  'requeue',
  'markUnknown',
  'keepTrustedRead',
] as const

/** What may happen at a port, before it takes effect and after. */
export const FATES = (['pause', 'fail', 'die'] as const).flatMap((kind) => [
  { kind, phase: 'before' } as const,
  { kind, phase: 'after' } as const,
])

/** Something that happens once in a world, at the first call of its port in trouble, whichever replica makes it. */
export type Blow = { readonly port: string } & (typeof FATES)[number]

/** Where a stale writer is made: around the moment of sending. */
const DELICATE_PORTS = [
  'dispatch',
  'dispatch',
  'settle',
  'holdLease',
  'zoneState',
  'recordsAt',
  'keepTrustedRead',
  'changeBudget',
  'addIntent',
]

export function createLife(options: {
  scenario: Scenario
  clock: Clock
  random: Random
  hits: Hits
  /** While false, nothing goes wrong. */
  isTroubled: () => boolean
  bias: Bias
  /** Taken away as they fall. */
  blows: Blow[]
  onDeath: () => void
  note: (text: string) => void
}): Life {
  const { scenario, clock, random, hits, isTroubled, blows, onDeath, note } = options
  const never = new Promise<never>(() => {})
  let alive = true
  let frozenUntil = 0
  let stillSince = Number.NEGATIVE_INFINITY
  const { promise: death, reject } = Promise.withResolvers<never>()
  death.catch(() => {})
  const aims = Array.from({ length: scenario.aimed }, aim)

  function aim(): Aim {
    if (options.bias !== 'stalls') return anyAim()
    return { port: 'settle', phase: 'before', kind: 'freeze', left: between(1, 12, random) }
  }

  function anyAim(): Aim {
    const isRacing = options.bias === 'races' || options.bias === 'customers'
    const port = isRacing ? oneOf(DELICATE_PORTS, random) : oneOf(['cloudflare', ...STORE_PORTS], random)
    const kinds = isRacing
      ? (['pause', 'pause', 'pause', 'die'] as const)
      : (['pause', 'fail', 'die'] as const)
    const kind = oneOf(kinds, random)
    return {
      port,
      phase: oneOf(['before', 'after'], random),
      kind: port === 'cloudflare' && kind === 'fail' ? 'die' : kind,
      left: isRacing ? between(1, 12, random) : oneOf([1, 1, 2, 4, 8, 12], random),
    }
  }

  function die(): void {
    if (!alive) return
    alive = false
    reject(new ConnectionLost('the replica died'))
    onDeath()
  }

  /** What happens here, if anything does. */
  function fateAt(port: string, phase: 'before' | 'after'): Aim['kind'] | undefined {
    if (!isTroubled()) return undefined
    // Once a call is made it is the network's to delay it.
    const isSending = port === 'cloudflare' && phase === 'before'
    const index = blows.findIndex((blow) => blow.port === port && blow.phase === phase)
    if (index !== -1) return blows.splice(index, 1)[0]!.kind
    for (const one of aims) {
      if (one.port !== port || one.phase !== phase || one.left <= 0) continue
      one.left -= 1
      if (one.left === 0) return isSending ? 'die' : one.kind
    }
    if (chance(random, scenario.deathRate)) return 'die'
    if (isSending) return undefined
    if (chance(random, scenario.pauseRate)) return 'pause'
    if (port !== 'cloudflare' && chance(random, scenario.storeTroubleRate)) return 'fail'
    return undefined
  }

  async function meet(port: string, phase: 'before' | 'after'): Promise<void> {
    if (!alive) return never
    const fate = fateAt(port, phase)
    if (fate !== undefined) {
      hits.add(port, `${fate} ${phase}`)
      note(`${fate} ${phase} ${port}`)
    }
    if (fate === 'die') {
      die()
      return never
    }
    if (fate === 'pause') {
      const until = clock.now() + between(1_000, 60_000, random)
      stillSince = until
      await clock.sleep(until - clock.now())
    }
    const isSending = port === 'cloudflare' && phase === 'before'
    if (fate === 'freeze') freeze(between(30_000, 100_000, random))
    if (isTroubled() && !isSending && chance(random, scenario.freezeRate))
      freeze(between(1_000, 60_000, random))
    if (!isSending) await thaw()
    if (!alive) return never
    if (fate === 'fail') throw new StoreError('The database did not answer (simulated).')
  }

  function freeze(ms: number): void {
    hits.add('process', 'freeze')
    note('freezes')
    frozenUntil = clock.now() + ms
    stillSince = frozenUntil
  }

  async function thaw(): Promise<void> {
    while (clock.now() < frozenUntil) await clock.sleep(frozenUntil - clock.now())
  }

  async function call<T>(port: string, effect: () => Promise<T>): Promise<T> {
    await meet(port, 'before')
    try {
      const result = await effect()
      await meet(port, 'after')
      return result
    } catch (error) {
      if (!alive) return never
      await thaw()
      throw error
    }
  }

  return {
    clock: {
      now: clock.now,
      async sleep(ms, signal) {
        await clock.sleep(ms, signal)
        await thaw()
        if (!alive) await never
      },
    },
    get isAlive() {
      return alive
    },
    stoodStill: (since) => stillSince >= since,
    call,
    death,
    die,
  }
}
