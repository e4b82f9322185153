/** What may share a name, how many records a zone may hold, and what is already there. */

import { known } from '../errors.ts'
import type { Zone } from '../state.ts'
import { chosenRefusal, type UnknownChoices } from '../unknowns.ts'
import { identityOf } from './content.ts'
import { TXT_CHARACTERS_PER_NAME } from './limits.ts'
import type { RecordType, StoredRecord } from './record.ts'
import type { SoundRecord } from './validate.ts'

/**
 * Throws the refusal for a record that cannot join its zone: quota (81045, new records only), NS (81056), CNAME
 * (81053, 81054), identical (81058). `current` is the record that the new one replaces.
 */
export function refuseConflict(
  record: SoundRecord,
  zone: Zone,
  choices: UnknownChoices,
  current?: StoredRecord,
): void {
  if (current === undefined && zone.records.size >= zone.recordQuota) {
    throw known('recordQuota')
  }
  const beside = zone.records.at(record.name).filter((other) => other.id !== current?.id)
  const hasNs = beside.some((other) => other.type === 'NS')
  if (record.type === 'DS' && !hasNs) throw chosenRefusal(choices.dsWithoutNs)
  if (beside.length === 0) return

  const present = new Set(beside.map((other) => other.type))
  const isHost = HOST_TYPES.has(record.type)
  // Extra NS records at the apex are ignored by Cloudflare's name servers, so they keep nothing out either.
  const delegates = record.name !== zone.name
  if (isHost && delegates && present.has('NS')) throw known('nsExists')
  if (record.type === 'NS' && delegates && beside.some((other) => HOST_TYPES.has(other.type))) {
    throw chosenRefusal(choices.nsBesideHost)
  }
  if (record.type === 'CNAME' && beside.some((other) => HOST_TYPES.has(other.type))) {
    throw known('hostExists')
  }
  if (isHost && present.has('CNAME')) {
    throw known('cnameExists')
  }

  const alike = beside.filter((other) => other.type === record.type)
  const identity = identityOf(record.type, record, choices)
  if (alike.some((other) => identityOf(other.type, other, choices) === identity)) {
    throw known('identicalExists')
  }
  if (record.type === 'TXT' && characters([record, ...alike]) > TXT_CHARACTERS_PER_NAME) {
    throw chosenRefusal(choices.txtContent)
  }
}

const HOST_TYPES: ReadonlySet<RecordType> = new Set(['A', 'AAAA', 'CNAME'])

function characters(records: readonly { readonly content: string }[]): number {
  return records.reduce((sum, { content }) => sum + content.length, 0)
}
