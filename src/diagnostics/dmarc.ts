import type { Name } from '#dns/name.ts'
import { AUTOMATIC } from '#dns/ttl.ts'
import { presentValue, textValue } from '#dns/value.ts'
import { exchangeOf, type ZoneView } from '#onboarding/zone-view.ts'
import { type Finding, findingOf } from './finding.ts'
import { diagnosticWords } from './words.ts'

/** A domain that takes mail and says nothing of mail in its name (RFC 7489 §6.1). */
export function dmarcFindings(view: ZoneView): Finding[] {
  const { zone } = view
  const servers = view.at(zone).filter((record) => record.type === 'MX' && exchangeOf(record) !== undefined)
  if (servers.length === 0) return []
  const name = `_dmarc.${zone}` as Name
  const held = view.at(view.answering(name) ?? name)
  const isThere = held.some(
    ({ type, value }) =>
      // What a CNAME leads to is another zone's, and NS gives the name away.
      type === 'CNAME' ||
      type === 'NS' ||
      (type === 'TXT' && /^v=DMARC1\s*(;|$)/i.test(presentValue('TXT', value))),
  )
  if (isThere) return []
  const text = view.at(name).filter(({ type }) => type === 'TXT')
  return [
    findingOf('dmarc-missing', 'advice', {
      name,
      ...diagnosticWords.dmarcMissing(zone),
      records: servers,
      ...(text.length === 0 && {
        fix: () => [
          {
            name,
            type: 'TXT' as const,
            reason: diagnosticWords.fixes.dmarc,
            records: [{ value: textValue(octetsOf('v=DMARC1; p=none')), ttl: AUTOMATIC }],
          },
        ],
      }),
    }),
  ]
}

function octetsOf(ascii: string): Uint8Array {
  return Uint8Array.from(ascii, (character) => character.charCodeAt(0))
}
