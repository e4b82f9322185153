import type { Name } from '#dns/name.ts'
import type { ZoneRecord } from '#dns/record.ts'
import { mxParts, parseValue } from '#dns/value.ts'
import { MOST_ROWS, pinRows } from './dependants.ts'
import { pointsTo } from './keep-reason.ts'
import { leftBehind, mailPrograms } from './mail-programs.ts'
import type { Move, Moves } from './moves.ts'
import type { ReviewedChange, Warning } from './review.ts'
import { added, deleted, newRecord, type RowWords, replaced } from './rows.ts'
import { idsOf } from './taken.ts'
import { dependantWords, reasons, someOf } from './words.ts'
import { exchangeOf, isAddress, leads, type ZoneView } from './zone-view.ts'

export interface MailProtection {
  readonly rows: readonly ReviewedChange[]
  readonly warnings: readonly Warning[]
}

/**
 * Keeps mail where it is when the name of its server moves. A server that is called like the store gets a name of its
 * own, DNS-only, and its MX follows; one whose name leads to the store's is held where it is, and so are the names by
 * which people's mail programs find that server. All of it is one group.
 *
 *     before                     moves to 203.0.113.7   rows
 *     @  A   198.51.100.1        @                      + mail A 198.51.100.1
 *     @  MX  10 example.com                             ~ @ MX 10 example.com → 10 mail.example.com
 *
 *     @    A     198.51.100.1    @                      - mail CNAME example.com
 *     mail CNAME example.com                            + mail A 198.51.100.1
 *     @    MX    10 mail.example.com
 */
export function protectMail(view: ZoneView, moves: Moves): MailProtection {
  const moving = view.known.flatMap((record) => movingMx(moves, record) ?? [])
  const programs = mailPrograms(view, moves).slice(0, MOST_PROGRAMS)
  // Advised if any of the moves is: to keep mail where it is does no harm if the other one stays away.
  const words = { selected: [...moving, ...programs].some(({ move }) => move.selected), group: 'mail' }
  const rows = new Map<string, ReviewedChange>()
  const warnings: Warning[] = []
  const protectedDomains = new Set<Name>()
  const claims = wildcardClaims(view, moves)
  for (const mx of moving.sort(inOrderOfNaming)) {
    const mended = rows.size < MOST_ROWS ? mendingRows(view, moves, claims, mx, words) : undefined
    for (const row of mended ? [...mended, ...ownMail(view, mx, mended)] : []) rows.set(row.id, row)
    if (mended) protectedDomains.add(mx.record.name)
    else warnings.push({ code: 'mail-unprotected', ...about(mx, dependantWords.mailUnprotected) })
  }
  const held = new Set([...rows.values()].flatMap(({ type, name }) => (type === 'MX' ? [] : [name])))
  for (const { record, move, domain } of leftBehind(view, programs, held)) {
    for (const row of pinRows(record, move, { ...words, reason: reasons.mailProgram })) rows.set(row.id, row)
    protectedDomains.add(domain)
  }
  if (rows.size > 0) {
    const message = dependantWords.mailProtected(someOf([...protectedDomains]))
    warnings.push({ code: 'mail-protected', message, changes: [...rows.keys()] })
  }
  return { rows: [...rows.values()], warnings }
}

/** Mail that was in doubt before, whatever moves: a proxied mail server, and records that Email Routing looks after. */
export function mailWarnings(view: ZoneView, protection: MailProtection): Warning[] {
  const touched = new Set(idsOf(protection.rows))
  const mxRecords = view.known.filter(({ type }) => type === 'MX')
  const proxied = mxRecords.filter((record) => {
    const exchange = exchangeOf(record)
    const held = exchange === undefined ? [] : view.at(exchange).filter(leads)
    return !touched.has(record.id) && held.some((each) => each.proxied && !touched.has(each.id))
  })
  const managed = mxRecords.filter(({ readOnly }) => readOnly)
  return [
    ...proxied.map(
      (record): Warning => ({
        code: 'mail-proxied',
        message: dependantWords.mailProxied(record.name, mxParts(record.value).exchange),
        changes: [record.id],
      }),
    ),
    ...(managed.length === 0
      ? []
      : [
          {
            code: 'mail-managed',
            message: dependantWords.mailManaged(someOf([...new Set(managed.map(({ name }) => name))])),
            changes: managed.map(({ id }) => id),
          } as const,
        ]),
  ]
}

interface MovingMx {
  readonly record: ZoneRecord
  readonly exchange: Name
  /** The server is called like the store itself, so it needs another name. */
  readonly isServed: boolean
  readonly move: Move
}

/** Which server a name has been promised to, so that no two get the same. */
type Claims = Map<Name, string>

type Words = Omit<RowWords, 'reason'>

const LABELS = ['mail', 'mx', 'mailserver']

/** Enough for ten domains in one zone. */
const MOST_PROGRAMS = 100

function movingMx(moves: Moves, record: ZoneRecord): MovingMx | undefined {
  const exchange = record.type === 'MX' ? exchangeOf(record) : undefined
  const move = exchange === undefined ? undefined : moves.behind(exchange)
  if (exchange === undefined || !move?.ledElsewhere) return undefined
  return { record, exchange, isServed: moves.serves(exchange), move }
}

/** A server that keeps its name comes before those that are given one. */
function inOrderOfNaming(a: MovingMx, b: MovingMx): number {
  return Number(a.isServed) - Number(b.isServed)
}

/** Undefined where a record that would have to change belongs to another product, or there is no old server to keep to. */
function mendingRows(
  view: ZoneView,
  moves: Moves,
  claims: Claims,
  mx: MovingMx,
  words: Words,
): ReviewedChange[] | undefined {
  const { exchange, isServed, move } = mx
  if (move.addresses.length === 0) return move.host && redirected(mx, move.host, words)
  if (!isServed) {
    claims.set(exchange, valuesOf(move))
    return heldWhereItIs(view, exchange, move, words)
  }
  const server = serverName(view, moves, claims, move)
  claims.set(server, valuesOf(move))
  const redirection = redirected(mx, server, words)
  if (!redirection) return undefined
  const isThere = view.at(server).some(isAddress)
  return [...(isThere ? [] : (heldWhereItIs(view, server, move, words) ?? [])), ...redirection]
}

function redirected({ record }: MovingMx, server: Name, words: Words): ReviewedChange[] | undefined {
  const { priority } = mxParts(record.value)
  const value = parseValue('MX', `${priority} ${server}`, { mxPriority: priority })
  if (!value.ok || record.readOnly) return undefined
  return [replaced(record, value.value, { ...words, reason: reasons.mailMoved(server) })]
}

function heldWhereItIs(view: ZoneView, server: Name, move: Move, words: Words): ReviewedChange[] | undefined {
  const held = view.at(server).filter(leads)
  if (held.some(({ readOnly }) => readOnly)) return undefined
  const gone = held.map((record) => deleted(record, { ...words, reason: reasons.inTheWay }))
  return [...gone, ...addedServer(server, move, words)]
}

/**
 * The same for the name that moves, if the wildcard's MX was its own too until now, with the rows that end that; taking
 * the name has copied those that it goes on with already.
 */
function ownMail(
  view: ZoneView,
  { record, move }: MovingMx,
  mended: readonly ReviewedChange[],
): ReviewedChange[] {
  if (record.name !== move.wildcard) return []
  const redirection = mended.find(({ id }) => id === record.id)
  const value = redirection?.action === 'replace' ? redirection.proposed.value : record.value
  const others = view.at(record.name).filter(({ id, type }) => type === 'MX' && id !== record.id)
  if (others.some((other) => other.value === value)) return []
  const words = { selected: move.selected, group: move.name, reason: reasons.wildcardMail(record.name) }
  return [added(newRecord(move.name, 'MX', value, record), words)]
}

/** DNS-only: mail does not pass Cloudflare's proxy. */
function addedServer(server: Name, { addresses }: Move, words: Words): ReviewedChange[] {
  return addresses.map(({ type, value }) =>
    added(newRecord(server, type, value), { ...words, reason: reasons.mailServer }),
  )
}

/** A name for the old server that is free, or that leads to it already: by addresses, or along the name that moves. */
function serverName(view: ZoneView, moves: Moves, claims: Claims, move: Move): Name {
  const wanted = valuesOf(move)
  const fits = (name: Name) => {
    const isPromised = (claims.get(name) ?? wanted) !== wanted
    if (isPromised || moves.serves(name) || view.delegation(name).length > 0) return false
    const held = view.at(name)
    const values = held.map((record) => (leads(record) && !record.proxied ? record.value : '')).sort()
    const isFollower = held.length === 1 && held[0]?.type === 'CNAME' && !held[0].readOnly
    const fitsSo = held.length === 0 || values.join(' ') === wanted
    return view.othersAt(name).length === 0 && (fitsSo || (isFollower && moves.behind(name) === move))
  }
  const named = (label: string) => `${label}.${view.zone}` as Name
  const label = LABELS.find((each) => fits(named(each)))
  if (label !== undefined) return named(label)
  let number = 2
  while (!fits(named(`mail${number}`))) number++
  return named(`mail${number}`)
}

function valuesOf({ addresses }: Pick<Move, 'addresses'>): string {
  return addresses
    .map(({ value }) => value)
    .sort()
    .join(' ')
}

/**
 * Names to which records point and for which a wildcard answers, elsewhere than at what moves: a record there would end
 * that (RFC 4592 §2.2.1).
 */
function wildcardClaims(view: ZoneView, moves: Moves): Claims {
  const claims: Claims = new Map()
  for (const record of view.known) {
    const target = record.type === 'MX' ? exchangeOf(record) : pointsTo(record)
    if (target === undefined || moves.behind(target)) continue
    const { addresses, host, through } = view.resolve(target)
    const place = host ?? valuesOf({ addresses })
    const names = place === '' ? [] : through.filter((name) => view.answering(name) !== name)
    for (const name of names) claims.set(name, place)
  }
  return claims
}

function about({ record, exchange }: MovingMx, words: (domain: string, server: string) => string) {
  return { message: words(record.name, exchange), changes: [record.id] }
}
