import type { Name } from '#dns/name.ts'
import type { AnyRecord, OnboardingZone, Shop } from '#onboarding/input.ts'
import { wwwOf } from '#onboarding/www.ts'
import { viewZone, type ZoneView } from '#onboarding/zone-view.ts'
import type { Clock } from '#platform/ports.ts'
import type { ServerAddress } from './address.ts'
import { createLimited, within } from './limits.ts'
import type { Probe } from './probe.ts'
import { REACH_PATH, type ReachTokens } from './reach-token.ts'
import type { Delegation, Resolver } from './resolver.ts'
import {
  type NameFindings,
  type NameState,
  type Pointing,
  pointingOf,
  seenVerdict,
  stateOf,
  strangersIn,
  type Verdict,
  type ZoneFindings,
} from './state.ts'
import { type ChangedSet, readyAt } from './waiting.ts'

/** A store and its zone, with what is known of it here. */
export interface Subject {
  readonly store: Shop
  readonly zone: OnboardingZone
  readonly records: readonly AnyRecord[]
  /** What was changed lately. */
  readonly history: readonly ChangedSet[]
}

export interface Verified {
  /** The store's own first. */
  readonly names: readonly NameState[]
  /** Whether the registrar names the servers that Cloudflare wants, and which it names. */
  readonly delegation: { readonly status: Verdict; readonly nameServers: readonly string[] }
  /** ms */
  readonly checkedAt: number
}

export interface Verification {
  /**
   * How far a store is on the way to its visitors. Asks name servers, resolvers and the server itself, at most every five
   * seconds for a customer; in between it says the same. It takes seconds where nobody answers.
   */
  check(customerId: string, read: () => Promise<Subject>): Promise<Verified>
  /** What is answered at the address of a token, to whoever asks; undefined: it is none of ours. */
  answerTo(token: string): string | undefined
}

export interface VerificationOptions {
  readonly resolver: Resolver
  readonly probe: Probe
  readonly tokens: ReachTokens
  readonly clock: Clock
}

export function createVerification({ resolver, probe, tokens, clock }: VerificationOptions): Verification {
  const limited = createLimited<Verified>({ now: () => clock.now(), lastsMs: LASTS_MS, atOnce: AT_ONCE })

  async function checkNow(customerId: string, { zone, names, changed }: Questions): Promise<Verified> {
    const [zoneFindings, servers] = await Promise.all([
      within(clock, ZONE_MS, findingsOfZone(zone.name), NOTHING_FOUND),
      within(clock, ZONE_MS, resolver.servers(zone.nameServers), []),
    ])
    const absence = (await resolver.absence(servers, zone.name)) ?? ABSENCE_AT_CLOUDFLARE
    const states = names.map(async ({ name, through, pointing }) => {
      const findings = await findingsOf(customerId, name, pointing, servers)
      const ready = readyAt(through, changed, absence)
      return stateOf({ name, zone, pointing, zoneFindings, findings, readyAt: ready, now: clock.now() })
    })
    const { delegation } = zoneFindings
    return {
      names: await Promise.all(states),
      delegation: delegationVerdict(delegation, zone),
      checkedAt: clock.now(),
    }
  }

  async function findingsOfZone(zone: Name): Promise<ZoneFindings> {
    const delegation = await resolver.delegation(zone)
    const dnssec = delegation.status === 'found' ? await resolver.dnssec(zone) : undefined
    return { delegation, dnssec }
  }

  async function findingsOf(
    customerId: string,
    name: Name,
    pointing: Pointing,
    servers: readonly ServerAddress[],
  ): Promise<NameFindings> {
    if (pointing.saved === 'no') return { held: [], seen: [], probed: undefined }
    const held = await resolver.held(servers, name)
    const isServed = held.length === 0 || seenVerdict(held, pointing) === 'yes'
    const seen = isServed ? await within(clock, NAME_MS, resolver.seen(name), []) : []
    const addresses = addressesIn(seen, pointing)
    if (addresses.length === 0) return { held, seen, probed: undefined }
    const token = tokens.tokenFor(customerId)
    const visit = { name, addresses, path: `${REACH_PATH}${token}`, answer: tokens.answerTo(token)! }
    return { held, seen, probed: await probe(visit) }
  }

  return {
    check: (customerId, read) =>
      // What is asked is all that is kept of the zone while answers are waited for.
      limited(customerId, async () => checkNow(customerId, questionsAbout(await read()))),
    answerTo: tokens.answerTo,
  }
}

interface Questions {
  readonly zone: OnboardingZone
  readonly names: readonly {
    readonly name: Name
    /** The names on its way, itself first. */
    readonly through: readonly Name[]
    readonly pointing: Pointing
  }[]
  /** Changes of these names. */
  readonly changed: readonly ChangedSet[]
}

function questionsAbout({ store, zone, records, history }: Subject): Questions {
  const view = viewZone(zone.name, records)
  const names = namesOf(store, zone.name, view).map((name) => ({
    name,
    through: view.resolve(name).through,
    pointing: pointingOf(view, store, name),
  }))
  const passed = new Set(names.flatMap(({ through }) => through))
  return { zone, names, changed: history.filter(({ name }) => passed.has(name)) }
}

const LASTS_MS = 5_000
/** Of all customers together: each may hold some sockets for seconds. */
const AT_ONCE = 8
const ZONE_MS = 4_000
const NAME_MS = 4_000

/** The minimum of Cloudflare's SOA, in seconds (docs, "DNS record types", SOA, 2026). */
const ABSENCE_AT_CLOUDFLARE = 1_800

const NOTHING_FOUND: ZoneFindings = { delegation: { status: 'unknown' }, dnssec: undefined }

/** The store's own name, and its twin where the host serves it; the apex beside www only where it leads to the store. */
function namesOf(store: Shop, zone: Name, view: ZoneView): readonly Name[] {
  const www = wwwOf(zone)
  if (!store.servesWww) return [store.name]
  if (store.name === zone) return [zone, www]
  const isTwin = store.name === www && pointingOf(view, store, zone).saved !== 'no'
  return isTwin ? [www, zone] : [store.name]
}

/** Those that resolvers give for the store; what they remember from before is not ours to visit. */
function addressesIn(seen: NameFindings['seen'], pointing: Pointing): readonly string[] {
  const right = seen.filter((one) => seenVerdict([one], pointing) !== 'no')
  const addresses = [...new Set(right.flatMap((one) => one.addresses))]
  const known = addresses.filter((address) => pointing.ends.includes(address))
  return pointing.isComparable && known.length > 0 ? known : addresses
}

function delegationVerdict(delegation: Delegation, { nameServers }: OnboardingZone): Verified['delegation'] {
  if (delegation.status !== 'found') {
    return { status: delegation.status === 'none' ? 'no' : 'not_checked', nameServers: [] }
  }
  const found = delegation.nameServers
  const strangers = strangersIn(found, nameServers)
  const status = strangers.length === 0 ? 'yes' : strangers.length < found.length ? 'partly' : 'no'
  return { status, nameServers: found }
}
