import { longestZone, type Name } from '#dns/name.ts'
import type { ZoneId } from '#dns/zone.ts'
import type { Clock, Random } from '#platform/ports.ts'
import { type Provider, ProviderError } from '#providers/provider.ts'
import type { KnownZone } from '#store/observed.ts'
import type { Store } from '#store/store.ts'
import { DnsError } from '../errors.ts'
import { createBackoff } from '../operations/backoff.ts'
import { providerErrorOf } from '../operations/provider-errors.ts'

/** The zones that one credential sees: from memory, and asked for again when a name is in none of them. */
export interface Directory {
  /**
   * The zone that holds a name: the longest suffix by labels. Undefined: a complete list has no such zone. Asks again
   * where Cloudflare has trouble, and rejects with a `DnsError` by `deadline` (ms), or as soon as it is certain that the
   * trouble cannot be over before then.
   */
  find(name: Name, deadline: number): Promise<KnownZone | undefined>
  /** What is known, without asking anybody. */
  known(): readonly KnownZone[]
  /** One of them. */
  zone(id: ZoneId): KnownZone | undefined
  load(): Promise<void>
  refresh(): Promise<void>
}

/** An unknown name makes us ask Cloudflare at most this often (ms). */
const ASK_AGAIN_AFTER_MS = 60_000
/** A zone that nobody has seen for so long has left for good (ms). */
const OUT_OF_SIGHT_FOR_GOOD_MS = 86_400_000

export function createDirectory(options: {
  store: Store
  cloudflare: Provider
  clock: Clock
  random: Random
}): Directory {
  const { store, cloudflare, clock, random } = options
  const backoff = createBackoff(random)
  let zones: readonly KnownZone[] = []
  let byId: ReadonlyMap<ZoneId, KnownZone> = new Map()
  let listedAt: number | undefined
  let refreshing: Promise<void> | undefined

  async function load(): Promise<void> {
    know(await store.zonesOf(cloudflare.credential))
  }

  function know(known: readonly KnownZone[]): void {
    zones = known
    byId = new Map(known.map((zone) => [zone.id, zone]))
  }

  /** Whoever asks while a list is on its way shares it. */
  function refresh(): Promise<void> {
    refreshing ??= list().finally(() => {
      refreshing = undefined
    })
    return refreshing
  }

  async function list(): Promise<void> {
    const askedAt = clock.now()
    const listed = await cloudflare
      .listZones('machines', { attempt: backoff.attempt(askedAt) })
      .catch((error: unknown) => {
        if (error instanceof ProviderError) backoff.failed(error, clock.now())
        throw error
      })
    backoff.succeeded()
    know(await store.rememberZones(cloudflare.credential, listed, askedAt))
    listedAt = askedAt
  }

  async function find(name: Name, deadline: number): Promise<KnownZone | undefined> {
    for (;;) {
      const here = zoneOf(name)
      const isRecent = listedAt !== undefined && clock.now() - listedAt < ASK_AGAIN_AFTER_MS
      if (here?.missingSince === null || isRecent) return here
      const { error, until } = backoff
      if (error && until >= deadline) throw providerErrorOf(error)
      if (error) await clock.sleep(until - clock.now())
      if (!(await isOverBy(deadline, refresh().catch(passing)))) throw notListed()
    }
  }

  /** Whoever cannot wait any longer leaves; the list comes for the next one. */
  async function isOverBy(deadline: number, listing: Promise<void>): Promise<boolean> {
    const over = new AbortController()
    const timesUp = clock.sleep(deadline - clock.now(), over.signal).then(() => false)
    return Promise.race([listing.then(() => true), timesUp]).finally(() => over.abort(null))
  }

  function passing(error: unknown): void {
    if (!(error instanceof ProviderError)) throw error
  }

  /**
   * The longest suffix among all that we know: a child zone that is out of sight still holds its names, and what is
   * meant for it never goes to its parent. Of several with one name, the one that is there, and active.
   */
  function zoneOf(name: Name): KnownZone | undefined {
    const since = clock.now() - OUT_OF_SIGHT_FOR_GOOD_MS
    const holding = zones.filter(({ missingSince }) => missingSince === null || missingSince > since)
    const longest =
      longestZone(name, holding, (zone) => zone.name) ?? longestZone(name, zones, (zone) => zone.name)
    const namesakes = holding.filter((zone) => zone.name === longest?.name)
    const seen = namesakes.filter(({ missingSince }) => missingSince === null)
    return seen.find(({ status }) => status === 'active') ?? seen[0] ?? longest
  }

  return { find, known: () => zones, zone: (id) => byId.get(id), load, refresh }
}

function notListed(): DnsError {
  return new DnsError('cloudflare-unavailable', 'The zones could not be listed in time; try again.', {
    retryAfterSeconds: 5,
  })
}
