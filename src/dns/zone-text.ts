import { type Name, relativeName } from './name.ts'
import { type Parsed, parsed, refused } from './problems.ts'
import type { RecordFields } from './record.ts'
import { parseRecordType, type RecordType, rulesOf } from './record-type.ts'
import { AUTOMATIC, parseTtl } from './ttl.ts'
import type { Value } from './value.ts'
import { pathOf } from './zone-entries.ts'
import { byLine, ENOUGH_PROBLEMS, readZoneLines, valueIn, type ZoneLine } from './zone-lines.ts'

/** What zone text says of a record. */
export type ZoneTextRecord = Pick<RecordFields, 'name' | 'type' | 'ttl' | 'value'>

/**
 * A zone in master-file format, as `readZoneLines` has it. Without any TTL a record is automatic.
 *
 *     $ORIGIN example.com.
 *     @    300 IN MX  10 mail
 *              IN TXT "v=spf1 " "-all"    ; the same owner
 *     mail     IN A   192.0.2.1
 *
 * Every problem has the line as its path, `line 3`: `zone-text`, `type-unknown`, and those of names, TTLs and values.
 */
export function parseZoneText(text: string, origin: Name): Parsed<ZoneTextRecord[]> {
  const { lines, problems } = readZoneLines(text, origin, parseTtl)
  const records: ZoneTextRecord[] = []
  for (const line of lines) {
    if (problems.length >= ENOUGH_PROBLEMS) break
    const record = parseLine(line)
    if (record.ok) records.push(record.value)
    else problems.push(...record.problems)
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

/** A value as it stands in zone text: names in it are whole. */
export function printValue(type: RecordType, value: Value): string {
  return rulesOf(type).zoneText.print(value)
}

function parseLine(line: ZoneLine): Parsed<ZoneTextRecord> {
  const type = parseRecordType(line.type, pathOf(line.line))
  if (!type.ok) return type
  const { name, ttl } = line
  const value = valueIn(line, type.value)
  if (!ttl.ok || !value.ok) return refused(...[ttl, value].flatMap((part) => (part.ok ? [] : part.problems)))
  return parsed({ name, type: type.value, ttl: ttl.value ?? AUTOMATIC, value: value.value })
}
