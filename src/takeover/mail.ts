import type { Name } from '#dns/name.ts'
import type { ZoneRecord } from '#dns/record.ts'
import { mxParts, parseValue } from '#dns/value.ts'
import { pinRows } from './dependants.ts'
import type { Move, Moves } from './moves.ts'
import type { ReviewedChange, Warning } from './review.ts'
import { added, deleted, newRecord, type RowWords, replaced } from './rows.ts'
import { idsOf } from './taken.ts'
import { dependantWords, listed, reasons } from './words.ts'
import { isAddress, leads, type ZoneView } from './zone-view.ts'

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
  // Advised if any of the moves is: to keep mail where it is does no harm if the other one stays away.
  const words = { selected: moving.some(({ move }) => move.selected), group: 'mail' }
  const rows = new Map<string, ReviewedChange>()
  const warnings: Warning[] = []
  const protectedDomains = new Set<Name>()
  const staying = new Set<Move>()
  const claims: Claims = new Map()
  for (const mx of moving.sort(inOrderOfNaming)) {
    const mended = mendingRows(view, moves, claims, mx, words)
    for (const row of mended ?? []) rows.set(row.id, row)
    if (mended) {
      protectedDomains.add(mx.record.name)
      staying.add(mx.move)
    } else warnings.push({ code: 'mail-unprotected', ...about(mx, dependantWords.mailUnprotected) })
  }
  const held = new Set([...rows.values()].flatMap(({ type, name }) => (type === 'MX' ? [] : [name])))
  for (const row of programRows(view, moves, { staying, held, words })) rows.set(row.id, row)
  if (rows.size > 0) {
    const message = dependantWords.mailProtected(listed([...protectedDomains]))
    warnings.push({ code: 'mail-protected', message, changes: [...rows.keys()] })
  }
  return { rows: [...rows.values()], warnings }
}

/**
 * Mail without MX, which goes where the name itself leads (RFC 5321 §5.1) and moves with it. Told where names that mail
 * programs use are there: a domain without mail has none either.
 */
export function implicitMailWarnings(view: ZoneView, moves: Moves, names: readonly Name[]): Warning[] {
  return names.flatMap((name): Warning[] => {
    const isMoving = moves.behind(name)?.name === name && view.resolve(name).addresses.length > 0
    const takesMail = [...PROGRAM_LABELS].some((label) => view.at(`${label}.${name}` as Name).some(leads))
    const hasMx = view.at(name).some(({ type }) => type === 'MX')
    return isMoving && takesMail && !hasMx
      ? [{ code: 'mail-without-mx', message: dependantWords.mailWithoutMx(name) }]
      : []
  })
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
            message: dependantWords.mailManaged(listed([...new Set(managed.map(({ name }) => name))])),
            changes: managed.map(({ id }) => id),
          } as const,
        ]),
  ]
}

/** The name of the mail server; undefined for none (RFC 7505). */
export function exchangeOf({ value }: ZoneRecord): Name | undefined {
  const { exchange } = mxParts(value)
  return exchange === '.' ? undefined : (exchange as Name)
}

interface MovingMx {
  readonly record: ZoneRecord
  readonly exchange: Name
  /** The server is called like the store itself, so it needs another name. */
  readonly isServed: boolean
  readonly move: Move
}

/** Which old server a name has been promised to, so that no two get the same. */
type Claims = Map<Name, string>

type Words = Omit<RowWords, 'reason'>

const LABELS = ['mail', 'mx', 'mailserver']

/** What mail programs and their owners are told to use (RFC 6186 and cPanel, Plesk and others by default). */
const PROGRAM_LABELS: ReadonlySet<string> = new Set([
  ...LABELS,
  'smtp',
  'imap',
  'pop',
  'pop3',
  'webmail',
  'autoconfig',
  'autodiscover',
])

/**
 * Names that mail programs use, and that would follow the store away from a server on which mail stays. Those that lead
 * through a name in `held` stay anyway.
 */
function programRows(
  view: ZoneView,
  moves: Moves,
  {
    staying,
    held,
    words,
  }: { readonly staying: ReadonlySet<Move>; readonly held: ReadonlySet<Name>; readonly words: Words },
): ReviewedChange[] {
  const programs = view.known.flatMap((record) => {
    const isFree =
      record.type === 'CNAME' && !record.readOnly && !moves.serves(record.name) && !held.has(record.name)
    const move =
      isFree && PROGRAM_LABELS.has(record.name.split('.')[0]!) ? moves.behind(record.name) : undefined
    return move && staying.has(move) ? [{ record, move }] : []
  })
  const stays = new Set([...held, ...programs.map(({ record }) => record.name)])
  return programs
    .filter(
      ({ record }) =>
        !view
          .resolve(record.name)
          .through.slice(1)
          .some((name) => stays.has(name)),
    )
    .flatMap(({ record, move }) => pinRows(record, move, { ...words, reason: reasons.mailProgram }))
}

function movingMx(moves: Moves, record: ZoneRecord): MovingMx | undefined {
  const exchange = record.type === 'MX' ? exchangeOf(record) : undefined
  const move = exchange === undefined ? undefined : moves.behind(exchange)
  if (exchange === undefined || move === undefined) return undefined
  const hasOldServer = move.addresses.length > 0 || move.host !== undefined
  return hasOldServer ? { record, exchange, isServed: moves.serves(exchange), move } : undefined
}

/** A server that keeps its name comes before those that are given one. */
function inOrderOfNaming(a: MovingMx, b: MovingMx): number {
  return Number(a.isServed) - Number(b.isServed)
}

/** Undefined where a record that would have to change belongs to another product, or no name will do. */
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

function valuesOf({ addresses }: Move): string {
  return addresses
    .map(({ value }) => value)
    .sort()
    .join(' ')
}

function about({ record, exchange }: MovingMx, words: (domain: string, server: string) => string) {
  return { message: words(record.name, exchange), changes: [record.id] }
}
