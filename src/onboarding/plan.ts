import { isWithin, type Name } from '#dns/name.ts'
import { offerApex, takeApex } from './apex.ts'
import { cautionsFor } from './cautions.ts'
import { caaWarnings } from './certificates.ts'
import { offerPins } from './dependants.ts'
import type { AnyRecord, OnboardingInput, OnboardingZone } from './input.ts'
import { keepReason } from './keep-reason.ts'
import { mailWarnings, protectMail } from './mail.ts'
import { implicitMailWarnings } from './mail-programs.ts'
import { movesOf } from './moves.ts'
import { type Blocked, growth, type OnboardingPlan, type ReviewedChange, type Warning } from './review.ts'
import { kept } from './rows.ts'
import { offerSpf } from './spf.ts'
import { takeSubdomain } from './subdomain.ts'
import type { Situation, Taken } from './taken.ts'
import { nameWords, zoneWords } from './words.ts'
import { takeWww, wwwNotServed, wwwOf } from './www.ts'
import { zoneBlock, zoneWarnings } from './zone-state.ts'
import { viewZone } from './zone-view.ts'

/**
 * How to point a store's name at its server without breaking anything else: every record of the zone as a row, with what
 * would happen to it and why. Nothing changes but the served names, what blocks them, mail that would move with them
 * (selected), and what is offered to stay behind (not selected).
 *
 *     example.com                    shop at 203.0.113.7
 *     @    A     198.51.100.1        ☑ replace → 203.0.113.7
 *     www  CNAME old.example.net     ☑ replace → example.com
 *     @    MX    10 mail.example.net ☑ keep
 *     ftp  CNAME example.com         ☐ delete, add A 198.51.100.1
 */
export function planOnboarding(input: OnboardingInput): OnboardingPlan {
  const { store, zone, records, observed = {}, caaIssuers = [] } = input
  const blocked = zoneBlock(input)
  if (!zone || blocked) return blockedPlan(input, blocked)

  const view = viewZone(zone.name, records)
  const situation: Situation = { store, zone, view, observed }
  const taken = takenNames(situation)
  const obstacle = taken[0]?.obstacle
  if (obstacle) return blockedPlan(input, obstacle)

  const moves = movesOf(view, store, taken)
  const mail = protectMail(view, moves)
  const spf = offerSpf(view, moves)
  const heldServers = mail.rows.flatMap(({ type, name }) => (type === 'MX' ? [] : [name]))
  const pins = offerPins(view, moves, new Set(heldServers))
  const changed = [...taken.flatMap(({ rows }) => rows), ...mail.rows, ...spf.rows, ...pins.rows]

  const quota = quotaFor(zone, records.length, changed)
  if (quota.blocked) return blockedPlan(input, quota.blocked)

  const served = taken.filter((each) => !each.obstacle)
  const servedNames = served.map(({ name }) => name)
  const changedIds = new Set(changed.map(({ id }) => id))
  const untouched = inOrderOfReading(
    zone.name,
    records.filter(({ id }) => !changedIds.has(id)),
  )
  return {
    domain: store.name,
    zone,
    changes: [
      ...changed,
      ...untouched.map((record) => kept(record, keepReason(record, view, moves, servedNames))),
    ],
    warnings: [
      ...zoneWarnings(zone, observed),
      ...taken.flatMap((each) => [...leftAlone(each), ...each.warnings]),
      ...(isApexWithoutWww(situation) ? wwwNotServed(situation) : []),
      ...served.flatMap((each) => cautionsFor(situation, each)),
      ...mail.warnings,
      ...implicitMailWarnings(view, moves, servedNames),
      ...mailWarnings(view, mail),
      ...spf.warnings,
      ...pins.warnings,
      ...caaWarnings(view, servedNames, caaIssuers, observed),
      ...quota.warnings,
    ],
  }
}

/** Close enough to a full zone to say so. */
const FEW_LEFT = 5

/** The store's own name first, then its twin, if the host serves that. */
function takenNames(situation: Situation): Taken[] {
  const { store, zone } = situation
  if (store.name === zone.name) {
    const apex = takeApex(situation)
    return store.servesWww ? [apex, takeWww(situation, apex)] : [apex]
  }
  const own = takeSubdomain(situation)
  const hasTwin = store.name === wwwOf(zone.name) && store.servesWww
  return hasTwin ? [own, offerApex(situation)] : [own]
}

function isApexWithoutWww({ store, zone }: Situation): boolean {
  return store.name === zone.name && !store.servesWww
}

/** Only of the twin: an obstacle to the store's own name blocks the plan. */
function leftAlone({ name, obstacle }: Taken): Warning[] {
  return obstacle ? [{ code: 'twin-left-alone', message: nameWords.leftAlone(name, obstacle.message) }] : []
}

function blockedPlan(
  { store, zone, records }: OnboardingInput,
  blocked: Blocked | undefined,
): OnboardingPlan {
  const isThisZone = zone !== null && isWithin(store.name, zone.name)
  const view = isThisZone ? viewZone(zone.name, records) : undefined
  const rows = view ? inOrderOfReading(view.zone, records) : []
  return {
    domain: store.name,
    zone: isThisZone ? zone : null,
    changes: view ? rows.map((record) => kept(record, keepReason(record, view))) : [],
    warnings: [],
    ...(blocked ? { blocked } : {}),
  }
}

function quotaFor(
  { name, recordQuota }: OnboardingZone,
  held: number,
  changed: readonly ReviewedChange[],
): { blocked?: Blocked; warnings: Warning[] } {
  if (recordQuota === undefined) return { warnings: [] }
  const more = growth(changed.filter(({ selected }) => selected))
  const left = recordQuota - held - more
  // A zone that is over its quota may still be changed in place.
  if (left < 0 && more > 0) return { blocked: zoneWords.quotaExceeded(name, recordQuota), warnings: [] }
  if (left >= FEW_LEFT) return { warnings: [] }
  return {
    warnings: [{ code: 'quota-near', message: zoneWords.quotaNear(name, recordQuota, Math.max(0, left)) }],
  }
}

/** The apex first, then by name, type and data. */
export function inOrderOfReading(zone: Name, records: readonly AnyRecord[]): AnyRecord[] {
  const keyed = records.map((record) => {
    const data = 'content' in record ? record.content : record.value
    const key = [record.name === zone ? '' : record.name, record.type, data, record.id].join(' ')
    return { key, record }
  })
  return keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ record }) => record)
}
