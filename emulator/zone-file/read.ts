/** Zone files (RFC 1035 section 5, and BIND's $TTL and $GENERATE) become records as the API takes them. */
import { isWithin } from '../names.ts'
import { type Entry, entriesIn } from './lines.ts'
import { valueIn } from './values.ts'

/** A record in the fields of the API. */
export interface ZoneFileRecord {
  readonly name: string
  readonly type: string
  readonly ttl: number
  readonly content?: string
  readonly priority?: number
  readonly data?: object
  readonly proxied?: boolean
  readonly comment?: string
  readonly tags?: readonly string[]
  readonly settings?: { readonly flatten_cname: boolean }
}

export interface ZoneFile {
  /** Without its dot: the owner of the SOA, else the first $ORIGIN; undefined when neither is there. */
  readonly zone: string | undefined
  /** All but SOA, and NS at the apex: those two are Cloudflare's own. In the order in which they can be created. */
  readonly records: readonly ZoneFileRecord[]
  /** How many SOA, and NS at the apex, were left out. */
  readonly skipped: number
}

/**
 * `origin` is what names are relative to until the file says otherwise, and the zone where the file names none.
 * Throws an Error that begins with `line 12:`; $INCLUDE is refused in Cloudflare's words. A TTL that is not said is 1,
 * automatic. A comment may end in `cf_tags=…`, as Cloudflare exports tags.
 */
export function readZoneFile(text: string, origin?: string): ZoneFile {
  const state: State = { origin, firstOrigin: undefined, ttl: 1, owner: undefined }
  const read: ZoneFileRecord[] = []
  for (const entry of entriesIn(text)) {
    try {
      read.push(...recordsOf(entry, state))
    } catch (problem) {
      throw new Error(`line ${entry.line}: ${(problem as Error).message}`)
    }
  }
  const soa = read.find(({ type }) => type === 'SOA')
  const zone = origin ?? soa?.name ?? state.firstOrigin
  const kept = read.filter(({ type, name }) => type !== 'SOA' && !(type === 'NS' && name === zone))
  const outside = kept.find(({ name }) => zone === undefined || !isWithin(name, zone))
  if (outside !== undefined)
    throw new Error(`${outside.name} is not within ${zone ?? 'a zone: there is no $ORIGIN'}`)
  // A DS is refused before the NS that it stands beside.
  const ordered = kept.toSorted((left, right) => Number(left.type === 'DS') - Number(right.type === 'DS'))
  return { zone, records: ordered, skipped: read.length - kept.length }
}

interface State {
  /** Without its dot. */
  origin: string | undefined
  firstOrigin: string | undefined
  ttl: number
  owner: string | undefined
}

function recordsOf(entry: Entry, state: State): ZoneFileRecord[] {
  const [first = '', ...rest] = entry.words
  switch (first.toUpperCase()) {
    case '$ORIGIN':
      state.origin = absolute(rest[0] ?? '', state.origin)
      state.firstOrigin ??= state.origin
      return []
    case '$TTL':
      state.ttl = ttlIn(rest[0] ?? '') ?? fail(`"${rest[0] ?? ''}" is no TTL`)
      return []
    case '$INCLUDE':
      throw new Error('$INCLUDE directive not allowed')
    case '$GENERATE':
      return generated(rest, state)
  }
  if (first.startsWith('$')) throw new Error(`the directive ${first} is not known`)
  const words = entry.sameOwner ? entry.words : rest
  if (!entry.sameOwner) state.owner = absolute(first, state.origin)
  if (state.owner === undefined) throw new Error('there is no owner name yet')
  return [{ ...recordOf(state.owner, words, state), ...annotations(entry.comment) }]
}

/** `[ttl] [class] type value`, the first two in either order. */
function recordOf(name: string, words: readonly string[], state: State): ZoneFileRecord {
  let ttl = state.ttl
  let at = 0
  for (; at < words.length; at += 1) {
    const asTtl = ttlIn(words[at]!)
    if (asTtl !== undefined) ttl = asTtl
    else if (words[at]!.toUpperCase() !== 'IN') break
  }
  const type = (words[at] ?? fail('there is no record type')).toUpperCase()
  if (['CH', 'HS'].includes(type)) throw new Error(`the class ${type} is not of the Internet`)
  const value =
    type === 'SOA' ? {} : valueIn(type, words.slice(at + 1), (text) => absolute(text, state.origin))
  return { name, type, ttl, ...value }
}

/** BIND's `$GENERATE start-stop[/step] owner [ttl] [class] type value`; `$` is the number. */
function generated([range = '', owner = '', ...words]: readonly string[], state: State): ZoneFileRecord[] {
  const bounds = /^(\d{1,6})-(\d{1,6})(?:\/(\d{1,6}))?$/.exec(range)?.slice(1).map(Number)
  const [start, stop, step = 1] = bounds ?? fail(`"${range}" is no range`)
  const steps = Math.floor((stop! - start!) / (step || 1))
  if (!(steps >= 0 && steps < 5_000)) throw new Error(`"${range}" is empty, or more than 5,000`)
  return Array.from({ length: steps + 1 }, (_, index) => {
    const number = start! + index * (step || 1)
    const name = absolute(numbered(owner, number), state.origin)
    return recordOf(
      name,
      words.map((word) => numbered(word, number)),
      state,
    )
  })
}

/** `$`, `$$` for a dollar, `${offset,width,base}`. */
function numbered(word: string, number: number): string {
  return word.replace(
    /\$(\$|\{(-?\d+)(?:,(\d+)(?:,([doxX]))?)?\})?/g,
    (_all, after?: string, offset = '0', width = '0', base = 'd') => {
      if (after === '$') return '$'
      const radix = { d: 10, o: 8, x: 16, X: 16 }[base as 'd'] ?? 10
      const digits = (number + Number(offset)).toString(radix).padStart(Number(width), '0')
      return base === 'X' ? digits.toUpperCase() : digits
    },
  )
}

/** Without its dot. */
function absolute(text: string, origin: string | undefined): string {
  const name = text.toLowerCase()
  if (name.endsWith('.')) return name === '.' ? '.' : name.slice(0, -1)
  if (origin === undefined) throw new Error(`"${text}" is relative, and there is no $ORIGIN`)
  return name === '@' ? origin : `${name}.${origin}`
}

/** Seconds, or BIND's `1h30m`. */
function ttlIn(text: string): number | undefined {
  if (/^\d{1,10}$/.test(text)) return Number(text)
  if (!/^(\d{1,8}[wdhms])+$/i.test(text)) return undefined
  const units: Readonly<Record<string, number>> = { w: 604_800, d: 86_400, h: 3_600, m: 60, s: 1 }
  return [...text.toLowerCase().matchAll(/(\d+)([wdhms])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * units[unit!]!,
    0,
  )
}

/** `edge of the shop cf_tags=env:live,cf-proxied:true`: a comment, tags, and two tags that are fields. */
function annotations(text: string): Partial<ZoneFileRecord> {
  const [comment = '', list = ''] = text.split(/(?:^|\s)cf_tags=/)
  const tags = list.split(',').filter((tag) => tag !== '')
  const own = tags.filter((tag) => !tag.startsWith('cf-'))
  const proxied = /^cf-proxied:(true|false)$/.exec(
    tags.find((tag) => tag.startsWith('cf-proxied:')) ?? '',
  )?.[1]
  return {
    ...(comment.trim() !== '' && { comment: comment.trim() }),
    ...(own.length > 0 && { tags: own }),
    ...(proxied !== undefined && { proxied: proxied === 'true' }),
    ...(tags.includes('cf-flatten-cname') && { settings: { flatten_cname: true } }),
  }
}

function fail(words: string): never {
  throw new Error(words)
}
