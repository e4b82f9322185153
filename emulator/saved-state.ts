/** All that the emulator holds, as text, and back: what a state file has in it. */
import type { Credential } from './auth/credentials.ts'
import type { OAuthClient } from './oauth/clients.ts'
import type { SavedGrants } from './oauth/grants.ts'
import type { StoredRecord } from './records/record.ts'
import type { Zone, ZoneRecords } from './state.ts'

export interface SavedState {
  readonly format: typeof FORMAT
  /** How often this state was taken up again: chance has new streams each time, or ids would come twice. */
  readonly generation: number
  readonly zones: readonly SavedZone[]
  readonly credentials: readonly SavedCredential[]
  readonly clients: readonly OAuthClient[]
  readonly grants: SavedGrants
}

export interface SavedZone extends Omit<Zone, 'records'> {
  readonly serial: number
  readonly records: readonly StoredRecord[]
}

export interface SavedCredential extends Omit<Credential, 'grant'> {
  readonly grantId?: string
}

export interface Holdings {
  readonly generation: number
  readonly zones: Iterable<Zone>
  readonly credentials: Iterable<Credential>
  readonly clients: Iterable<OAuthClient>
  readonly grants: SavedGrants
}

/**
 * The text in pieces, to be joined: the records of a zone that did not change are the very string of last time, so that
 * two states are compared in no time.
 */
export function printState(holdings: Holdings): readonly string[] {
  const { generation, zones, credentials, clients, grants } = holdings
  const rest = { clients: [...clients], credentials: [...credentials].map(savedCredential), grants }
  const pieces = [`{"format":${FORMAT},"generation":${generation},"zones":[`]
  for (const { records, ...facts } of zones) {
    const comma = pieces.length > 1 ? ',\n' : '\n'
    const head = JSON.stringify({ ...facts, serial: records.serial }).slice(0, -1)
    pieces.push(`${comma}${head},"records":`, recordsText(records), '}')
  }
  pieces.push(`],\n${JSON.stringify(rest).slice(1)}\n`)
  return pieces
}

/** Throws an Error for what is no state of this version. */
export function parseState(text: string): SavedState {
  const state = JSON.parse(text) as Partial<SavedState>
  if (state?.format !== FORMAT) throw new Error(`it is no state of the emulator in format ${FORMAT}`)
  return state as SavedState
}

const FORMAT = 1

const texts = new WeakMap<ZoneRecords, { serial: number; text: string }>()

function recordsText(records: ZoneRecords): string {
  const held = texts.get(records)
  if (held?.serial === records.serial) return held.text
  const text = `[\n${records
    .all()
    .map((record) => JSON.stringify(record))
    .join(',\n')}]`
  texts.set(records, { serial: records.serial, text })
  return text
}

function savedCredential({ grant, ...credential }: Credential): SavedCredential {
  return { ...credential, ...(grant !== undefined && { grantId: grant.id }) }
}
