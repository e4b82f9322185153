import type { ListedZone } from '#dns/zone.ts'
import { type Finding, fault, good, warning } from './finding.ts'

/**
 * What the zones that a credential sees let us do. A zone of which nothing is wanted may be as it likes, so one that does
 * not work is a warning as long as another one does.
 */
export function zoneFindings(zones: readonly ListedZone[]): readonly Finding[] {
  if (zones.length === 0) {
    return [
      fault(
        'zones',
        'the credential sees none',
        "name them in the token's zone resources, correct CLOUDFLARE_ACCOUNT_ID, or add a zone at Cloudflare",
      ),
    ]
  }
  return [
    ...told('zones', zones, stateOf, (count) => `${count} active`),
    ...told('permissions', zones, rightsIn, (count) => `the records of ${count} may be read and edited`),
  ]
}

/** What of a zone keeps changes from being made or seen, its rights first; undefined: nothing. */
export function troubleWith(zone: ListedZone): Wrong | undefined {
  return rightsIn(zone) ?? stateOf(zone)
}

interface Wrong {
  readonly words: string
  readonly remedy: string
  /** Records can be changed, and are answered. */
  readonly isHarmless?: boolean
}

/** More lines would hide the others. */
const MOST_TOLD = 20
const MOST_NAMED = 5

function told(
  check: string,
  zones: readonly ListedZone[],
  wrongWith: (zone: ListedZone) => Wrong | undefined,
  allRight: (count: number) => string,
): readonly Finding[] {
  const wrong = zones.flatMap((zone) => {
    const what = wrongWith(zone)
    return what === undefined ? [] : [{ zone, what }]
  })
  const notRight = new Set(wrong.map(({ zone }) => zone))
  const right = zones.filter((zone) => !notRight.has(zone))
  const works = right.length > 0 || wrong.some(({ what }) => what.isHarmless)
  const say = works ? warning : fault
  const untold = wrong.length - MOST_TOLD
  return [
    ...(right.length > 0 ? [good(check, `${allRight(right.length)}: ${namesOf(right)}`)] : []),
    ...wrong
      .slice(0, MOST_TOLD)
      .map(({ zone, what }) => say(check, `${zone.name} ${what.words}`, what.remedy)),
    ...(untold > 0 ? [say(check, `${untold} more are no better`, 'see to these first')] : []),
  ]
}

function namesOf(zones: readonly ListedZone[]): string {
  const names = zones.slice(0, MOST_NAMED).map(({ name }) => name)
  const more = zones.length - names.length
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ')
}

/** Source: Cloudflare docs, "Zone status" and "Zone setups", 2026. */
function stateOf({ status, type, paused, nameServers }: ListedZone): Wrong | undefined {
  const delegate =
    nameServers.length > 0
      ? `name ${nameServers.join(' and ')} at its registrar`
      : "name Cloudflare's name servers at its registrar"
  if (type === 'secondary') {
    return {
      words: 'is a secondary zone: its records come from another server',
      remedy: 'change them there, or make it a full zone',
    }
  }
  if (status === 'pending' || status === 'initializing') {
    return { words: `is ${status}: nobody asks Cloudflare for it yet`, remedy: delegate }
  }
  if (status === 'moved') {
    return { words: 'has moved: its registrar names other name servers by now', remedy: delegate }
  }
  if (status !== 'active') {
    return { words: `is ${status}`, remedy: "see to it in Cloudflare's dashboard" }
  }
  if (paused) {
    return {
      words: 'is paused: nothing in it is proxied',
      remedy: "resume it in Cloudflare's dashboard (Overview → Advanced Actions)",
      isHarmless: true,
    }
  }
  return undefined
}

/** What `permissions` leave open is taken for allowed; Cloudflare will say. */
function rightsIn({ permissions }: ListedZone): Wrong | undefined {
  if (permissions.length === 0 || permissions.includes('#dns_records:edit')) return undefined
  return permissions.includes('#dns_records:read')
    ? {
        words: 'has records that may be read, and not edited',
        remedy: 'give the credential Zone → DNS → Edit',
      }
    : { words: 'has records that may not be read', remedy: 'give the credential Zone → DNS → Edit' }
}
