import type { CallerConfig } from '#config/operator.ts'
import { longestZone, type Name } from '#dns/name.ts'
import type { ListedZone } from '#dns/zone.ts'
import { denialOf } from '#engine/declared/policy.ts'
import { type Finding, fault, good, warning } from './finding.ts'
import { troubleWith } from './zones.ts'

/** The zones that one credential sees, the callers that have it, and what tells it from others (` (shops)`). */
export interface Sight {
  readonly callers: readonly CallerConfig[]
  readonly of: string
  readonly zones: readonly ListedZone[]
}

/**
 * Which zone holds a name for each credential, whether it can work there, and which callers may not change it. A name is
 * for one caller as a rule: what keeps the others from it is a fault only where it keeps all of them from it.
 */
export function nameFindings(name: Name, sights: readonly Sight[]): readonly Finding[] {
  const told = sights.filter(({ zones }) => zones.length > 0).map((sight) => findingsOf(name, sight))
  const isFree = told.some(({ mayChange }) => mayChange)
  return told
    .flatMap(({ findings }) => findings)
    .map((finding) => (isFree && finding.level === 'fault' ? { ...finding, level: 'warning' } : finding))
}

function findingsOf(
  name: Name,
  { callers, of, zones }: Sight,
): { findings: readonly Finding[]; mayChange: boolean } {
  const inZone = { ...zoneFinding(name, zones), check: `name${of}` }
  if (inZone.level === 'fault') return { findings: [inZone], mayChange: false }
  const denials = callers.flatMap((caller) => denialsOf(name, caller, zones))
  return { findings: [inZone, ...denials], mayChange: denials.length < callers.length }
}

/** Of every type: a caller that may have one of them there may change the name. */
function denialsOf(
  name: Name,
  { id, allowed }: CallerConfig,
  zones: readonly ListedZone[],
): readonly Finding[] {
  if (allowed === undefined) return []
  const zone = longestZone(name, zones, (each) => each.name)
  const denials = (allowed.types ?? ['A']).map((type) => denialOf(allowed, { name, type }, zone?.name))
  if (denials.includes(undefined)) return []
  const words = denials[0]!.message.replace(/\.$/, '')
  return [fault('name', `the caller ${id}: ${words}`, 'widen its allow, or choose another name')]
}

function zoneFinding(name: Name, zones: readonly ListedZone[]): Finding {
  const zone = longestZone(name, zones, (each) => each.name)
  if (zone === undefined) {
    const similar = [...new Set(zones.map((each) => each.name))]
      .filter((each) => resembles(name, each))
      .slice(0, 3)
    const words = `${name} is in no zone that the credential sees`
    return similar.length > 0
      ? fault(
          'name',
          words,
          `did you mean ${similar.join(' or ')}? A name has to end with the zone, label by label`,
        )
      : fault('name', words, "add its zone at Cloudflare, and name it in the token's zone resources")
  }
  const wrong = troubleWith(zone)
  if (wrong === undefined) return good('name', `${name} is in the zone ${zone.name}`)
  const say = wrong.isHarmless ? warning : fault
  return say('name', `${name} is in the zone ${zone.name}, which ${wrong.words}`, wrong.remedy)
}

/** A zone of almost the same letters as an ending of the name; or its very letters, where the labels are others. */
function resembles(name: Name, zone: Name): boolean {
  if (name.endsWith(zone)) return true
  const labels = name.split('.')
  return labels.some((_, index) => {
    const ending = labels.slice(index).join('.')
    return Math.abs(ending.length - zone.length) <= MOST_SLIPS && distance(ending, zone) <= MOST_SLIPS
  })
}

const MOST_SLIPS = 2

/** Letters to be put in, taken away or exchanged (Levenshtein). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (const [at, letter] of [...from].entries()) {
    const next = [at + 1]
    for (let index = 1; index <= to.length; index += 1) {
      const exchange = row[index - 1]! + (letter === to[index - 1] ? 0 : 1)
      next.push(Math.min(next[index - 1]! + 1, row[index]! + 1, exchange))
    }
    row = next
  }
  return row[to.length]!
}
