/** What only tests may know and do: the true state, all history, and a human who edits behind everybody's back. */
import type { CredentialSeed, Permission } from './auth/credentials.ts'
import type { CallEntry, CallLog } from './calls.ts'
import type { Cloudflare, RecordSeed, ZoneSeed } from './cloudflare.ts'
import { createOAuthHand, type OAuthHand } from './oauth/hand.ts'
import { recordFields } from './records/fields.ts'
import { type RecordBody, recordBody } from './records/record.ts'
import { createRecord, deleteRecord, patchRecord, type WriteContext } from './records/write.ts'
import type { Site } from './site/site.ts'
import type { Commit, Plan, Zone, ZoneStatus, ZoneType } from './state.ts'

export interface ZoneView {
  readonly id: string
  readonly name: string
  readonly status: ZoneStatus
  readonly type: ZoneType
  readonly plan: Plan
  readonly paused: boolean
  readonly recordQuota: number
  readonly accountId: string
  readonly records: number
}

export interface HistoryEntry extends Omit<Commit, 'changes'> {
  readonly changes: readonly { readonly before: RecordBody | null; readonly after: RecordBody | null }[]
}

export type RecordEdit = Partial<Omit<RecordSeed, 'meta'>>

export interface Oracle extends OAuthHand {
  zones(): readonly ZoneView[]
  /** Throws when there is no such zone; so does everything below that names one. */
  records(zoneName: string): readonly RecordBody[]
  /** Everything that took effect, oldest first; of one zone when named. */
  history(zoneName?: string): readonly HistoryEntry[]
  /** All requests, or those of one credential: its id, token, key or e-mail. */
  calls(credential?: string): readonly CallEntry[]

  /** By a human, with Cloudflare's own checks: throws what the API would refuse with. */
  addRecord(zoneName: string, record: RecordSeed): RecordBody
  editRecord(zoneName: string, id: string, changes: RecordEdit): RecordBody
  removeRecord(zoneName: string, id: string): RecordBody

  addZone(seed: ZoneSeed): ZoneView
  changeZone(zoneName: string, changes: ZoneChanges): ZoneView
  removeZone(zoneName: string): void
  /** Gives back the credential's id. */
  addCredential(seed: CredentialSeed): string
  changeCredential(secret: string, changes: CredentialChanges): void
}

export interface ZoneChanges {
  readonly status?: ZoneStatus
  readonly type?: ZoneType
  readonly plan?: Plan
  readonly paused?: boolean
  readonly recordQuota?: number
}

export interface CredentialChanges {
  readonly status?: 'active' | 'disabled' | 'expired' | 'revoked'
  readonly permissions?: readonly Permission[]
  /** Names of zones. */
  readonly zones?: readonly string[]
}

export function createOracle(cloudflare: Cloudflare, site: Site, calls: CallLog): Oracle {
  function zoneNamed(name: string): Zone {
    cloudflare.settle()
    const zone = cloudflare.zoneNamed(name)
    if (zone === undefined) throw new Error(`the emulator has no zone ${name}`)
    return zone
  }

  function asHuman<T>(zoneName: string, work: (context: WriteContext) => T): T {
    const zone = zoneNamed(zoneName)
    const at = cloudflare.now()
    return zone.records.transaction({ at, zone: zone.name, by: 'human' }, () =>
      work(cloudflare.writing(zone, at)),
    )
  }

  return {
    ...createOAuthHand(site),

    zones() {
      cloudflare.settle()
      return [...cloudflare.zones.values()].map(zoneView)
    },
    records: (zoneName) => zoneNamed(zoneName).records.all().map(recordBody),
    history(zoneName) {
      cloudflare.settle()
      const zones = zoneName === undefined ? [...cloudflare.zones.values()] : [zoneNamed(zoneName)]
      return zones
        .flatMap((zone) => zone.records.commits())
        .toSorted((left, right) => left.at - right.at)
        .map(historyEntry)
    },
    calls: (credential) => calls.entries(credential),

    addRecord: (zoneName, record) =>
      asHuman(zoneName, (context) => recordBody(createRecord(context, recordFields(record), record.meta))),
    editRecord: (zoneName, id, changes) =>
      asHuman(zoneName, (context) => recordBody(patchRecord(context, id, recordFields(changes)))),
    removeRecord: (zoneName, id) => asHuman(zoneName, (context) => recordBody(deleteRecord(context, id))),

    addZone: (seed) => zoneView(cloudflare.addZone(seed)),
    changeZone(zoneName, changes) {
      const zone = Object.assign(zoneNamed(zoneName), changes)
      return zoneView(zone)
    },
    removeZone(zoneName) {
      cloudflare.zones.delete(zoneNamed(zoneName).id)
    },
    addCredential: (seed) => cloudflare.addCredential(seed).id,
    changeCredential(secret, changes) {
      const credential = cloudflare.credentials.get(secret)
      if (credential === undefined) throw new Error('the emulator has no such credential')
      Object.assign(credential, changes)
    },
  }
}

function zoneView(zone: Zone): ZoneView {
  const { id, name, status, type, plan, paused, recordQuota, account, records } = zone
  return { id, name, status, type, plan, paused, recordQuota, accountId: account.id, records: records.size }
}

function historyEntry({ changes, ...facts }: Commit): HistoryEntry {
  return {
    ...facts,
    changes: changes.map(({ before, after }) => ({
      before: before === undefined ? null : recordBody(before),
      after: after === undefined ? null : recordBody(after),
    })),
  }
}
