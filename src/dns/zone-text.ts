import { type Name, parseName, relativeName } from './name.ts'
import { type Parsed, type Problem, parsed, refused } from './problems.ts'
import type { RecordFields } from './record.ts'
import { parseRecordType, type RecordType } from './record-type.ts'
import { AUTOMATIC, parseTtl, type Ttl } from './ttl.ts'
import { parseValue, type Value } from './value.ts'
import { entriesOf, pathOf, type ZoneEntry, zoneTextProblem } from './zone-entries.ts'

/** What zone text says of a record. */
export type ZoneTextRecord = Pick<RecordFields, 'name' | 'type' | 'ttl' | 'value'>

/**
 * Reads a zone in master-file format (RFC 1035 §5): comments, parentheses, `@`, `$ORIGIN`, `$TTL`, an owner left out,
 * TTL and `IN` in either order, units (`1h30m`). Without any TTL a record is automatic.
 *
 *     $ORIGIN example.com.
 *     @    300 IN MX  10 mail
 *              IN TXT "v=spf1 " "-all"    ; the same owner
 *     mail     IN A   192.0.2.1
 *
 * Every problem has the line as its path, `line 3`: `zone-text`, `type-unknown`, and those of names, TTLs and values.
 */
export function parseZoneText(text: string, origin: Name): Parsed<ZoneTextRecord[]> {
  const { entries, problems } = entriesOf(text)
  const records: ZoneTextRecord[] = []
  const reader: Reader = { origin, owner: undefined, defaultTtl: undefined, lastTtl: undefined }
  for (const entry of entries) {
    const record = entry.words[0]?.startsWith('$')
      ? followDirective(reader, entry)
      : parseEntry(reader, entry)
    if (!record.ok) problems.push(...record.problems)
    else if (record.value) records.push(record.value)
  }
  return problems.length === 0 ? parsed(records) : refused(...problems.sort(byLine))
}

/** One line a record, in the order given, names relative to the origin. `parseZoneText` reads it back. */
export function printZoneText(records: readonly ZoneTextRecord[], origin: Name): string {
  const lines = records.map(
    ({ name, type, ttl, value }) =>
      `${relativeName(name, origin)}\t${ttl}\tIN\t${type}\t${printValue(type, value)}`,
  )
  return [`$ORIGIN ${origin}.`, ...lines, ''].join('\n')
}

interface Reader {
  origin: Name
  owner: Name | undefined
  defaultTtl: Ttl | undefined
  lastTtl: Ttl | undefined
}

function followDirective(reader: Reader, { line, words }: ZoneEntry): Parsed<undefined> {
  const [directive = '', argument = '', ...rest] = words
  const path = pathOf(line)
  if (rest.length === 0 && argument !== '' && directive.toUpperCase() === '$ORIGIN') {
    const origin = parseName(absolute(argument, reader.origin), path)
    if (!origin.ok) return origin
    reader.origin = origin.value
    return parsed(undefined)
  }
  const seconds = secondsOf(argument)
  if (rest.length === 0 && seconds !== undefined && directive.toUpperCase() === '$TTL') {
    const ttl = parseTtl(seconds, path)
    if (!ttl.ok) return ttl
    reader.defaultTtl = ttl.value
    return parsed(undefined)
  }
  return refused(zoneTextProblem(line, 'directive', words.join(' ')))
}

function parseEntry(reader: Reader, { line, isIndented, words }: ZoneEntry): Parsed<ZoneTextRecord> {
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
  const type = parseRecordType(typeText.toUpperCase(), path)
  if (!type.ok) return type
  // Outside zone text a mail server may stand alone; here that would be a priority that was forgotten.
  const isComplete = data.length > (type.value === 'MX' ? 1 : 0)
  if (!isComplete) return refused(zoneTextProblem(line, 'incomplete', words.join(' ')))

  const ttl =
    before.seconds === undefined
      ? parsed(reader.defaultTtl ?? reader.lastTtl ?? AUTOMATIC)
      : parseTtl(before.seconds, path)
  const value = parseValue(type.value, valueText(type.value, data, reader.origin), { mxPriority: 0 }, path)
  if (!ttl.ok || !value.ok) return refused(...[ttl, value].flatMap((part) => (part.ok ? [] : part.problems)))
  reader.lastTtl = ttl.value
  return parsed({ name: name.value, type: type.value, ttl: ttl.value, value: value.value })
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

/** The data as `parseValue` reads it: whole names, quoted texts. */
function valueText(type: RecordType, data: readonly string[], origin: Name): string {
  const last = data.at(-1) ?? ''
  switch (type) {
    case 'A':
    case 'AAAA':
      return data.join(' ')
    case 'TXT':
      return data.map(quotedWord).join(' ')
    case 'CAA':
      return [...data.slice(0, -1), quotedWord(last)].join(' ')
    default:
      return [...data.slice(0, -1), absolute(last, origin)].join(' ')
  }
}

function quotedWord(word: string): string {
  return word.startsWith('"') ? word : `"${word}"`
}

/** In zone text a name is whole only if it ends in a dot. */
function absolute(name: string, origin: Name): string {
  if (name === '@') return `${origin}.`
  return name.endsWith('.') ? name : `${name}.${origin}.`
}

function printValue(type: RecordType, value: Value): string {
  const endsInName = type === 'CNAME' || type === 'NS' || type === 'MX' || type === 'SRV'
  return endsInName && !value.endsWith('.') ? `${value}.` : value
}

function byLine(a: Problem, b: Problem): number {
  return Number(a.path.slice('line '.length)) - Number(b.path.slice('line '.length))
}
