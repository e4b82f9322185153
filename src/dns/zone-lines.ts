import { type Name, parseName } from './name.ts'
import { type Parsed, type Problem, parsed, refused, type ZoneTextFault } from './problems.ts'
import { type RecordType, rulesOf } from './record-type.ts'
import type { Ttl } from './ttl.ts'
import { parseValue, type Value } from './value.ts'
import { entriesOf, pathOf, type ZoneEntry, zoneTextProblem } from './zone-entries.ts'

/** A record of a master file, before anybody looked at its type. */
export interface ZoneLine {
  readonly line: number
  readonly name: Name
  /** Its own, or the one that holds for it; undefined where the text says none. */
  readonly ttl: Parsed<Ttl | undefined>
  /** Upper case. */
  readonly type: string
  readonly data: readonly string[]
  /** What names in the data are relative to. */
  readonly origin: Name
  readonly comment: string
}

/**
 * Reads master-file format (RFC 1035 §5): parentheses, `@`, `$ORIGIN`, `$TTL` (RFC 2308 §4), an owner left out, TTL and
 * `IN` in either order, units (`1h30m`). A TTL that a record does not say is that of `$TTL`, else that of the record
 * before; of an SOA without one it is the last of its numbers, as BIND has it. `readTtl` decides which TTLs will do.
 *
 * Problems have the line as their path, `line 3`: `zone-text`, those of names, and those of `readTtl` for `$TTL`. Behind
 * enough of them the text is not read on.
 */
export function readZoneLines(
  text: string,
  origin: Name,
  readTtl: (seconds: number, path: string) => Parsed<Ttl>,
): { readonly lines: ZoneLine[]; readonly problems: Problem[] } {
  const lines: ZoneLine[] = []
  const problems: Problem[] = []
  const reader: Reader = { origin, owner: undefined, defaultTtl: undefined, lastTtl: undefined, readTtl }
  for (const entry of entriesOf(text)) {
    const line = entry.ok ? readLine(reader, entry.value) : entry
    if (!line.ok) problems.push(...line.problems)
    else if (line.value) lines.push(line.value)
    if (problems.length >= ENOUGH_PROBLEMS) break
  }
  return { lines, problems }
}

/** What is no zone text at all has a problem in each of its lines, of which there may be a hundred thousand. */
export const ENOUGH_PROBLEMS = 1_000

/** The data of a line as a value of this type. Names in it are relative to the line's origin. */
export function valueIn({ line, data, origin }: ZoneLine, type: RecordType): Parsed<Value> {
  const { fewestWords, read } = rulesOf(type).zoneText
  if (data.length < fewestWords)
    return refused(zoneTextProblem(line, 'incomplete', [type, ...data].join(' ')))
  const text = read(data, (name) => absolute(name, origin))
  return parseValue(type, text, { mxPriority: 0 }, pathOf(line))
}

export function byLine(a: Problem, b: Problem): number {
  return Number(a.path.slice('line '.length)) - Number(b.path.slice('line '.length))
}

interface Reader {
  origin: Name
  owner: Name | undefined
  defaultTtl: Ttl | undefined
  lastTtl: Ttl | undefined
  readonly readTtl: (seconds: number, path: string) => Parsed<Ttl>
}

/** Directives that would make more of a text than can be read in it. */
const REFUSED: Readonly<Record<string, ZoneTextFault>> = { $INCLUDE: 'include', $GENERATE: 'generate' }

function readLine(reader: Reader, entry: ZoneEntry): Parsed<ZoneLine | undefined> {
  return entry.words[0]?.startsWith('$') ? followDirective(reader, entry) : readEntry(reader, entry)
}

function followDirective(reader: Reader, { line, words }: ZoneEntry): Parsed<undefined> {
  const [first = '', argument = '', ...rest] = words
  const directive = first.toUpperCase()
  const path = pathOf(line)
  if (rest.length === 0 && argument !== '' && directive === '$ORIGIN') {
    const origin = parseName(absolute(argument, reader.origin), path)
    if (!origin.ok) return origin
    reader.origin = origin.value
    return parsed(undefined)
  }
  const seconds = secondsOf(argument)
  if (rest.length === 0 && seconds !== undefined && directive === '$TTL') {
    const ttl = reader.readTtl(seconds, path)
    if (!ttl.ok) return ttl
    reader.defaultTtl = ttl.value
    return parsed(undefined)
  }
  return refused(zoneTextProblem(line, REFUSED[directive] ?? 'directive', words.join(' ')))
}

function readEntry(reader: Reader, { line, isIndented, words, comment }: ZoneEntry): Parsed<ZoneLine> {
  const path = pathOf(line)
  const rest = [...words]
  const name = isIndented
    ? parsed(reader.owner)
    : parseName(absolute(rest.shift() ?? '', reader.origin), path)
  if (!name.ok) return name
  if (!name.value) return refused(zoneTextProblem(line, 'owner-missing', words.join(' ')))
  reader.owner = name.value

  const before = takeTtlAndClass(rest)
  if (before.otherClass) return refused(zoneTextProblem(line, 'class', before.otherClass))
  const [typeText, ...data] = rest
  if (typeText === undefined) return refused(zoneTextProblem(line, 'incomplete', words.join(' ')))
  const type = typeText.toUpperCase()

  const ownSeconds = before.seconds ?? (type === 'SOA' ? minimumOf(reader, data) : undefined)
  const ttl =
    ownSeconds === undefined ? parsed(reader.defaultTtl ?? reader.lastTtl) : reader.readTtl(ownSeconds, path)
  if (ttl.ok) reader.lastTtl = ttl.value
  return parsed({ line, name: name.value, ttl, type, data, origin: reader.origin, comment })
}

function minimumOf({ defaultTtl }: Reader, data: readonly string[]): number | undefined {
  return defaultTtl === undefined ? secondsOf(data.at(-1) ?? '') : undefined
}

/** Takes TTL and class off the front, in whichever order they stand. */
function takeTtlAndClass(words: string[]): { seconds?: number; otherClass?: string } {
  const found: { seconds?: number; otherClass?: string } = {}
  for (let taken = 0; taken < 2; taken++) {
    const [word = ''] = words
    const seconds = secondsOf(word)
    if (/^(CH|CS|HS)$/i.test(word)) found.otherClass = word
    else if (seconds !== undefined) found.seconds = seconds
    else if (!/^IN$/i.test(word)) break
    words.shift()
  }
  return found
}

const UNITS: Record<string, number> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 }

/** `3600`, `1h`, `1h30m` (BIND's units), or undefined. */
function secondsOf(word: string): number | undefined {
  if (/^\d{1,10}$/.test(word)) return Number(word)
  if (!/^(\d{1,10}[smhdw])+$/i.test(word)) return undefined
  const parts = [...word.toLowerCase().matchAll(/(\d+)([smhdw])/g)]
  return parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (UNITS[unit] ?? 0), 0)
}

/** In zone text a name is whole only if it ends in a dot. */
function absolute(name: string, origin: Name): string {
  if (name === '@') return `${origin}.`
  return name.endsWith('.') ? name : `${name}.${origin}.`
}
