import type { Name } from '#dns/name.ts'
import type { ZoneRecord } from '#dns/record.ts'
import type { Move, Moves } from './moves.ts'
import type { Warning } from './review.ts'
import { dependantWords } from './words.ts'
import { exchangeOf, leads, type ZoneView } from './zone-view.ts'

/** An alias by which mail programs find a server that takes mail, and that would follow the store away from it. */
export interface MailProgram {
  readonly record: ZoneRecord
  readonly move: Move
  /** Whose mail it is. */
  readonly domain: Name
}

export function mailPrograms(view: ZoneView, moves: Moves): MailProgram[] {
  const mailAt = mailHandling(view)
  return view.known.flatMap((record): MailProgram[] => {
    const isFree = record.type === 'CNAME' && !record.readOnly && !moves.serves(record.name)
    if (!isFree || !LABELS.has(record.name.split('.')[0]!)) return []
    const move = moves.behind(record.name)
    const domain = move && mailAt(move)
    return domain === undefined ? [] : [{ record, move: move!, domain }]
  })
}

/** Those that do not stay anyway, because they lead through another one, or through a name in `held`. */
export function leftBehind(
  view: ZoneView,
  programs: readonly MailProgram[],
  held: ReadonlySet<Name>,
): MailProgram[] {
  const staying = new Set([...held, ...programs.map(({ record }) => record.name)])
  return programs.filter(({ record: { name } }) => {
    const [, ...further] = view.resolve(name).through
    return !held.has(name) && !further.some((each) => staying.has(each))
  })
}

/** Whose mail the old server of a move takes today, as far as the zone tells; undefined: nobody's. */
export function mailHandling(view: ZoneView): (move: Move) => Name | undefined {
  const domains = new Map<string, Name>()
  for (const record of view.known) {
    const exchange = record.type === 'MX' ? exchangeOf(record) : undefined
    if (exchange === undefined) continue
    const { addresses, host } = view.resolve(exchange)
    for (const place of [...addresses.map(({ value }) => value), ...(host === undefined ? [] : [host])]) {
      if (!domains.has(place)) domains.set(place, record.name)
    }
  }
  return ({ addresses, host }) =>
    [...addresses.map(({ value }) => value), host ?? '']
      .map((place) => domains.get(place))
      .find((domain) => domain !== undefined)
}

/**
 * Mail without MX, which goes where the name itself leads (RFC 5321 §5.1) and moves with it. Told where names that mail
 * programs use are there: a domain without mail has none either.
 */
export function implicitMailWarnings(view: ZoneView, moves: Moves, names: readonly Name[]): Warning[] {
  return names.flatMap((name): Warning[] => {
    const isMoving = moves.behind(name)?.name === name && view.resolve(name).addresses.length > 0
    const takesMail = [...LABELS].some((label) => view.at(`${label}.${name}` as Name).some(leads))
    const hasMx = view.at(name).some(({ type }) => type === 'MX')
    return isMoving && takesMail && !hasMx
      ? [{ code: 'mail-without-mx', message: dependantWords.mailWithoutMx(name) }]
      : []
  })
}

/** What mail programs try, and what cPanel, Plesk and others tell their customers to enter (2026). */
const LABELS: ReadonlySet<string> = new Set([
  'mail',
  'mx',
  'smtp',
  'imap',
  'pop',
  'pop3',
  'webmail',
  'autoconfig',
  'autodiscover',
])
