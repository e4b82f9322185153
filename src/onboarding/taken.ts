import type { Name } from '#dns/name.ts'
import type { Observed, OnboardingZone, Shop } from './input.ts'
import { isTarget, pointRows, type Target, typesAgainstCname } from './point.ts'
import { placeholderAt, productAt } from './products.ts'
import type { Blocked, ReviewedChange, Warning } from './review.ts'
import { added, newRecord } from './rows.ts'
import { listed, nameWords, reasons } from './words.ts'
import { exchangeOf, isAddress, leads, targetOf, type ZoneView } from './zone-view.ts'

/** What every name is looked at with. */
export interface Situation {
  readonly store: Shop
  readonly zone: OnboardingZone
  readonly view: ZoneView
  readonly observed: Observed
}

/** One of the names that the host serves, and what it takes to point it there. */
export interface Taken {
  readonly name: Name
  readonly rows: readonly ReviewedChange[]
  readonly warnings: readonly Warning[]
  /** Why the name cannot be taken; then there are no rows. */
  readonly obstacle?: Blocked
}

/** Where a name may lead, best first for a name that leads nowhere yet. */
export type Choice = readonly Target[]

/**
 * Points one name at the first target that fits what is there: addresses where there are addresses, a CNAME where there
 * is one, so that records are changed in place. Only at the apex, where Cloudflare flattens it, may a new CNAME stand
 * beside other records. A name that somebody else serves or answers for is an obstacle; one that a rule seems to serve
 * is offered, but not selected.
 */
export function takeName(
  { view, observed }: Situation,
  name: Name,
  choice: Choice,
  { selected = true }: { selected?: boolean } = {},
): Taken {
  const cut = view.delegation(name)[0]
  if (cut) {
    const servers = listed(view.delegation(name).map(targetOf))
    return obstructed(name, nameWords.delegated(name, cut.name, servers))
  }
  const product = productAt(view, name, observed)
  if (product !== undefined) return obstructed(name, nameWords.managed(name, product))

  const against = typesAgainstCname(view, name)
  const fitting = choice.filter(({ kind }) => kind === 'addresses' || against.length === 0)
  const target = closest(view, name, fitting)
  if (!target) {
    return obstructed(
      name,
      choice.length === 0 ? nameWords.noTarget(name) : nameWords.wouldHide(name, listed(against)),
    )
  }
  const isAsked = placeholderAt(view, name) !== undefined
  const pointed = pointRows(view, name, target, selected && !isAsked)
  const rows =
    pointed.length > 0 && target.kind === 'addresses'
      ? [...pointed, ...wildcardMail(view, name, selected && !isAsked)]
      : pointed
  const warnings: Warning[] =
    isAsked && rows.length > 0
      ? [{ code: 'placeholder', message: nameWords.placeholder(name), changes: idsOf(rows) }]
      : []
  return { name, rows, warnings }
}

/** The store's own targets: its addresses, and the host's name. */
export function ownTargets({ name, ipv4, ipv6, host }: Shop): { addresses: Choice; alias: Choice } {
  const hasAddresses = ipv4.length + ipv6.length > 0
  return {
    addresses: hasAddresses ? [{ kind: 'addresses', ipv4: unique(ipv4), ipv6: unique(ipv6) }] : [],
    alias: host && host !== name ? [{ kind: 'cname', host }] : [],
  }
}

export function idsOf(rows: readonly ReviewedChange[]): string[] {
  return rows.map(({ id }) => id)
}

/**
 * Mail that a wildcard took for a name that gets records of its own, which end that (RFC 4592 §2.2.1): the same MX for
 * the name itself, with the rows that make it necessary. Not where the mail would go to the name itself.
 */
function wildcardMail(view: ZoneView, name: Name, selected: boolean): ReviewedChange[] {
  const answering = view.answering(name)
  if (answering === undefined || answering === name) return []
  const words = { selected, group: name, reason: reasons.wildcardMail(answering) }
  return view.at(answering).flatMap((record) => {
    const exchange = record.type === 'MX' ? exchangeOf(record) : undefined
    const isElsewhere = exchange !== undefined && !view.resolve(exchange).through.includes(name)
    return isElsewhere ? [added(newRecord(name, 'MX', record.value, record), words)] : []
  })
}

function unique<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)]
}

function obstructed(name: Name, obstacle: Blocked): Taken {
  return { name, rows: [], warnings: [], obstacle }
}

function closest(view: ZoneView, name: Name, choice: Choice): Target | undefined {
  const held = view.at(name).filter(leads)
  const kind = held.some(isAddress) ? 'addresses' : held.length > 0 ? 'cname' : undefined
  return (
    choice.find((target) => held.length > 0 && held.every((record) => isTarget(record, target))) ??
    choice.find((target) => target.kind === kind) ??
    choice[0]
  )
}
