import type { Name } from '#dns/name.ts'
import { parseValue } from '#dns/value.ts'
import type { AnyRecord, Observed, OnboardingInput, OnboardingZone, Shop } from '#onboarding/input.ts'
import { wwwOf } from '#onboarding/www.ts'
import { zoneNamesFor } from '#onboarding/zone-choice.ts'
import { viewZone } from '#onboarding/zone-view.ts'
import type { Clock } from '#platform/ports.ts'
import { within } from './limits.ts'
import type { Resolver } from './resolver.ts'
import { strangersIn } from './state.ts'

/** What the live DNS of a domain adds to what its zone's records tell. It takes two seconds at most, and never rejects. */
export type Observe = (subject: Pick<OnboardingInput, 'store' | 'zone' | 'records'>) => Promise<Observed>

export function createObserve(resolver: Resolver, clock: Clock): Observe {
  /** Who answers for a domain that is in no zone of ours. */
  async function ofStranger(name: Name): Promise<Observed> {
    for (const zone of zoneNamesFor(name)) {
      const delegation = await resolver.delegation(zone, { isNew: zone.split('.').length > 2 })
      if (delegation.status === 'found') return { nameServers: delegation.nameServers }
      if (delegation.status === 'unknown') return {}
    }
    return {}
  }

  async function ofZone(store: Shop, zone: OnboardingZone, records: readonly AnyRecord[]): Promise<Observed> {
    const delegation = await resolver.delegation(zone.name)
    const nameServers = delegation.status === 'found' ? delegation.nameServers : undefined
    const elsewhere = strangersIn(nameServers ?? [], zone.nameServers)
    const [dnssec, answers, caa] = await Promise.all([
      nameServers && resolver.dnssec(zone.name),
      answersFor(store, zone, records, elsewhere),
      nameServers && soon(caaFor(store, zone, elsewhere.length > 0 ? elsewhere : zone.nameServers)),
    ])
    return { ...(nameServers && { nameServers }), ...(dnssec && { dnssec }), answers, ...(caa && { caa }) }
  }

  /**
   * Where the domain is answered for elsewhere, what is said there; otherwise only where names end that the zone itself
   * cannot follow. Nobody is asked who would remember what is about to be changed.
   */
  async function answersFor(
    store: Shop,
    zone: OnboardingZone,
    records: readonly AnyRecord[],
    elsewhere: readonly string[],
  ): Promise<NonNullable<Observed['answers']>> {
    const view = viewZone(zone.name, records)
    const servers = await resolver.servers(elsewhere)
    const answers = namesOf(store, zone).map(async (name) => {
      const [held] = await resolver.held(servers, name)
      if (held !== undefined) return { name, addresses: held.addresses }
      const { host } = view.resolve(name)
      const addresses = host === undefined ? [] : await resolver.addresses(host)
      return addresses.length === 0 ? undefined : { name, addresses }
    })
    return (await Promise.all(answers)).filter((answer) => answer !== undefined)
  }

  /** What only warns is not to cost what is known already. */
  function soon<T>(work: Promise<T>): Promise<T | undefined> {
    return within(clock, CAA_MS, work, undefined)
  }

  /** Cloudflare serves CAA that its API does not list, so whoever answers for the zone is asked, and nobody else. */
  async function caaFor(
    store: Shop,
    zone: OnboardingZone,
    nameServers: readonly string[],
  ): Promise<NonNullable<Observed['caa']>> {
    const servers = await resolver.servers(nameServers)
    const found = namesOf(store, zone).map(async (name) => {
      const texts = await resolver.caa(servers, name, zone.name)
      const parsed = texts?.map((text) => parseValue('CAA', text, { mxPriority: 0 }))
      return parsed && { name, values: parsed.flatMap((each) => (each.ok ? [each.value] : [])) }
    })
    return (await Promise.all(found)).filter((one) => one !== undefined)
  }

  return ({ store, zone, records }) => {
    const observed = zone === null ? ofStranger(store.name) : ofZone(store, zone, records)
    return within(clock, PATIENCE_MS, observed, {})
  }
}

/** Those that a review may be about. */
function namesOf({ name }: Shop, zone: OnboardingZone): readonly Name[] {
  return [...new Set([name, zone.name, wwwOf(zone.name)])]
}

const PATIENCE_MS = 2_000
const CAA_MS = 700
