import type { Name } from '#dns/name.ts'
import type { ZoneRecord } from '#dns/record.ts'
import type { Warning } from './review.ts'
import { idsOf, ownTargets, type Situation, type Taken, takeName } from './taken.ts'
import { listed, nameWords } from './words.ts'
import { type Destination, isAddress, leads, targetOf, type ZoneView } from './zone-view.ts'

/** www of the apex, which may already be taken by the same plan. */
export function wwwOf(apex: Name): Name {
  return `www.${apex}` as Name
}

/**
 * www as the twin of a store at the apex: a CNAME to the apex, or addresses where it holds addresses, or other records
 * that a CNAME would hide. A CNAME to the host itself is right too. It follows an apex that is only offered.
 */
export function takeWww(situation: Situation, apex: Taken): Taken {
  const { store, zone, view } = situation
  const name = wwwOf(zone.name)
  const { addresses, alias } = ownTargets(store)
  const toApex = { kind: 'cname', host: zone.name } as const
  const isApexSelected = apex.rows.every(({ selected }) => selected)
  const taken = takeName(situation, name, [toApex, ...addresses, ...alias], { selected: isApexSelected })
  const where = view.at(name).some(leads) ? otherSite(situation, name) : undefined
  if (taken.rows.length === 0 || where === undefined) return taken
  const warning: Warning = {
    code: 'www-in-use',
    message: nameWords.wwwInUse(name, where),
    changes: idsOf(taken.rows),
  }
  return { ...taken, warnings: [...taken.warnings, warning] }
}

/** For the operator, where www leads somewhere but the host does not serve it. */
export function wwwNotServed({ zone, view }: Situation): Warning[] {
  const name = wwwOf(zone.name)
  const { addresses, host } = view.resolve(name)
  if (addresses.length === 0 && host === undefined) return []
  const changes = view
    .at(name)
    .filter(leads)
    .map(({ id }) => id)
  return [{ code: 'www-not-served', message: nameWords.wwwNotServed(name), changes }]
}

/** Where www leads, unless that is where the apex leads too, as far as can be told. */
function otherSite({ zone, view, observed }: Situation, name: Name): string | undefined {
  const www = view.resolve(name)
  const apex = view.resolve(zone.name)
  const seen = (each: Name) => observed.answers?.find((answer) => answer.name === each)?.addresses ?? []
  const addressesOf = (each: Name, { addresses }: Destination) => [...valuesOf(addresses), ...seen(each)]
  const apexAddresses = addressesOf(zone.name, apex)
  const isSame =
    addressesOf(name, www).some((address) => apexAddresses.includes(address)) ||
    (www.host !== undefined && apex.host !== undefined && providerOf(www.host) === providerOf(apex.host))
  return isSame ? undefined : placeOf(view, name)
}

function placeOf(view: ZoneView, name: Name): string {
  const held = view.at(name).filter(leads)
  const alias = held.find(({ type }) => type === 'CNAME')
  return alias ? targetOf(alias) : listed(valuesOf(held.filter(isAddress)))
}

function valuesOf(records: readonly ZoneRecord[]): string[] {
  return records.map(({ value }) => value)
}

/** The last two labels: enough to see that two hosts belong together, and only a warning depends on it. */
function providerOf(host: Name): string {
  return host.split('.').slice(-2).join('.')
}
