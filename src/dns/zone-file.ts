import { isWithin, type Name } from './name.ts'
import { conflictsAt } from './neighbours.ts'
import { type Parsed, type Problem, parsed, refused } from './problems.ts'
import { keyOf, problemsIn, type SetKey } from './record-set.ts'
import { isRecordType } from './record-type.ts'
import { AUTOMATIC, clampedTtl, type Ttl } from './ttl.ts'
import type { Value } from './value.ts'
import { pathOf, zoneTextProblem } from './zone-entries.ts'
import { OTHER_TYPES } from './zone-file-types.ts'
import { byLine, ENOUGH_PROBLEMS, readZoneLines, valueIn, type ZoneLine } from './zone-lines.ts'

/** What a zone file says of a zone, set by set, in the order of the file. */
export interface ZoneFile {
  readonly sets: readonly ZoneFileSet[]
  /** Lines of the SOA and of the NS of the zone itself, which belong to whoever serves the zone. */
  readonly ownLines: readonly number[]
  /** Records of types that cannot be declared here. */
  readonly others: readonly { readonly line: number; readonly name: Name; readonly type: string }[]
}

export interface ZoneFileSet extends SetKey {
  readonly records: readonly ZoneFileRecord[]
}

export interface ZoneFileRecord {
  readonly line: number
  readonly value: Value
  /** Left out, like the two below, where the file does not say it. */
  readonly ttl?: Ttl
  readonly proxied?: boolean
  readonly comment?: string
}

/**
 * A zone file (RFC 1035 §5) for this zone. Behind its semicolon a record may have a comment, and Cloudflare's tags, as
 * its export writes them (Cloudflare docs, "Import and export records", 2026); other tags are not kept.
 *
 *     www  1 IN A 192.0.2.1 ; the shop cf_tags=cf-proxied:true
 *
 * A TTL that Cloudflare does not keep becomes the nearest one that it does. Problems have the line as their path: those
 * of zone text, `name-outside`, and what a set or its neighbours in the file forbid.
 */
export function parseZoneFile(text: string, zone: Name): Parsed<ZoneFile> {
  const { lines, problems } = readZoneLines(text, zone, (seconds) => parsed(clampedTtl(seconds)))
  const ownLines: number[] = []
  const others: ZoneFile['others'][number][] = []
  const records: (SetKey & { readonly record: ZoneFileRecord })[] = []
  for (const each of lines) {
    if (problems.length >= ENOUGH_PROBLEMS) break
    const { line, name, type } = each
    if (!isWithin(name, zone)) problems.push({ code: 'name-outside', path: pathOf(line), name, domain: zone })
    else if (type === 'SOA' || (type === 'NS' && name === zone)) ownLines.push(line)
    else if (isRecordType(type)) {
      const record = recordIn(each, type)
      if (record.ok) records.push({ name, type, record: record.value })
      else problems.push(...record.problems)
    } else if (OTHER_TYPES.has(type) || /^TYPE\d{1,5}$/.test(type)) others.push({ line, name, type })
    else problems.push(zoneTextProblem(line, 'type', type))
  }
  const sets = setsOf(records)
  problems.push(...problemsOf(sets, zone).slice(0, ENOUGH_PROBLEMS))
  return problems.length === 0 ? parsed({ sets, ownLines, others }) : refused(...problems.sort(byLine))
}

/** A record that is there twice counts once. */
function setsOf(records: readonly (SetKey & { readonly record: ZoneFileRecord })[]): ZoneFileSet[] {
  const sets = new Map<string, SetKey & { readonly records: Map<Value, ZoneFileRecord> }>()
  for (const { name, type, record } of records) {
    const set = sets.get(keyOf({ name, type })) ?? { name, type, records: new Map() }
    sets.set(keyOf(set), set)
    if (!set.records.has(record.value)) set.records.set(record.value, record)
  }
  return [...sets.values()].map((set) => ({ ...set, records: [...set.records.values()] }))
}

function recordIn(line: ZoneLine, type: SetKey['type']): Parsed<ZoneFileRecord> {
  const value = valueIn(line, type)
  if (!value.ok) return value
  const { proxied, comment } = notesIn(line.comment)
  const ttl = proxied ? AUTOMATIC : line.ttl.ok ? line.ttl.value : undefined
  return parsed({
    line: line.line,
    value: value.value,
    ...(ttl !== undefined && { ttl }),
    ...(proxied !== undefined && { proxied }),
    ...(comment !== '' && { comment }),
  })
}

const TAGS = /(?:^|\s)cf_tags=(\S*)$/
const PROXIED = /(?:^|,)cf-proxied:(true|false)(?:,|$)/

function notesIn(text: string): { readonly proxied?: boolean; readonly comment: string } {
  const [tagging = '', tags = ''] = TAGS.exec(text) ?? []
  const proxied = PROXIED.exec(tags)?.[1]
  return {
    comment: text.slice(0, text.length - tagging.length).trim(),
    ...(proxied !== undefined && { proxied: proxied === 'true' }),
  }
}

/** What only shows when a set, and what is beside it in the file, is seen whole. */
function problemsOf(sets: readonly ZoneFileSet[], zone: Name): Problem[] {
  const atName = new Map<Name, SetKey[]>()
  for (const set of sets) atName.set(set.name, [...(atName.get(set.name) ?? []), set])
  return sets.flatMap((set) => {
    const path = pathOf(set.records.at(-1)!.line)
    const values = set.records.map(({ value }) => value)
    // Of two sets that exclude each other the later one is told, once.
    const before = atName.get(set.name)!
    const earlier = before.slice(0, before.indexOf(set))
    return [
      ...problemsIn({ name: set.name, type: set.type, ttl: AUTOMATIC, values }, path),
      ...conflictsAt(set, earlier, zone).map((problem) => ({ ...problem, path })),
    ]
  })
}
