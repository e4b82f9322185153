import type { ZoneRecord } from '#dns/record.ts'
import { keyOf } from '#dns/record-set.ts'
import type { WantedRecord, WantedSet } from '#onboarding/wanted-set.ts'
import type { ZoneView } from '#onboarding/zone-view.ts'

/** The records of each set. */
export type Sets = readonly (readonly ZoneRecord[])[]

/** In the order in which the zone has them. */
export function setsIn({ known }: ZoneView): Sets {
  const sets = new Map<string, ZoneRecord[]>()
  for (const record of known) {
    const set = sets.get(keyOf(record))
    if (set) set.push(record)
    else sets.set(keyOf(record), [record])
  }
  return [...sets.values()]
}

/** The whole sets that these records belong to. */
export function setsOf(view: ZoneView, records: readonly ZoneRecord[]): Sets {
  const keys = new Map(records.map((record) => [keyOf(record), record]))
  return [...keys.values()].map(({ name, type }) => view.at(name).filter((each) => each.type === type))
}

/** The whole set of these records with some of them otherwise; null: without that one. */
export function setWith(
  records: readonly ZoneRecord[],
  reason: string,
  otherwise: (record: ZoneRecord) => Partial<WantedRecord> | null,
): WantedSet {
  const { name, type } = records[0]!
  const wanted = new Map<string, WantedRecord>()
  for (const record of records) {
    const change = otherwise(record)
    if (change === null) continue
    const { value, ttl, proxied, comment } = { ...record, ...change }
    wanted.set(value, { value, ttl, proxied, comment })
  }
  return { name, type, records: [...wanted.values()], reason }
}
