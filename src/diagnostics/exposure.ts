import type { Name } from '#dns/name.ts'
import type { ZoneRecord } from '#dns/record.ts'
import { exchangeOf, isAddress, type ZoneView } from '#onboarding/zone-view.ts'
import { type Finding, findingOf } from './finding.ts'
import { setsOf, setWith } from './sets.ts'
import { diagnosticWords } from './words.ts'

/** Addresses that the proxy hides at one name, and another name shows. One finding for each name that shows them. */
export function exposureFindings(view: ZoneView): Finding[] {
  const hidden = new Map<string, ZoneRecord>()
  for (const record of view.known) {
    if (isAddress(record) && record.proxied && !hidden.has(record.value)) hidden.set(record.value, record)
  }
  const showing = new Map<Name, ZoneRecord[]>()
  for (const record of view.known) {
    if (!isAddress(record) || record.proxied || !hidden.has(record.value)) continue
    const shown = showing.get(record.name)
    if (shown) shown.push(record)
    else showing.set(record.name, [record])
  }
  const servers = new Set(
    view.known.flatMap((record) => (record.type === 'MX' ? (exchangeOf(record) ?? []) : [])),
  )
  return [...showing].map(([name, records]) => {
    const twin = hidden.get(records[0]!.value)!
    const isMail = servers.has(name)
    const sets = isSite(view, name) && !isMail ? setsOf(view, records) : []
    const isSafe = sets.length > 0 && sets.flat().every(({ readOnly }) => !readOnly)
    return findingOf('origin-exposed', isMail ? 'advice' : 'risky', {
      name,
      ...diagnosticWords.originExposed(name, twin.name, isMail),
      records: [...records, twin],
      ...(isSafe && {
        fix: () => sets.map((set) => setWith(set, diagnosticWords.fixes.hidden, () => ({ proxied: true }))),
      }),
    })
  })
}

/** Browsers alone go there: whatever else may be at another name does not pass the proxy. */
function isSite({ zone }: ZoneView, name: Name): boolean {
  return name === zone || name === `www.${zone}`
}
