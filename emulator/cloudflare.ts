/** All that the small Cloudflare is made of, put together from options; every room of the emulator works on this. */
import { type Credential, type CredentialSeed, credentialFrom } from './auth/credentials.ts'
import { createQuota, type Quota } from './quota.ts'
import { idFor, type RandomStream, randomStream } from './random.ts'
import { recordFields } from './records/fields.ts'
import { PLAN_LIMITS } from './records/limits.ts'
import { createRecord, type WriteContext } from './records/write.ts'
import type { SavedState } from './saved-state.ts'
import { type Plan, type Zone, ZoneRecords, type ZoneStatus, type ZoneType } from './state.ts'
import { type Microseconds, stampSource } from './time.ts'
import { chooseUnknowns, type UnknownChoices } from './unknowns.ts'

export interface RecordSeed {
  readonly type: string
  readonly name: string
  readonly content?: string
  readonly ttl?: number
  readonly proxied?: boolean
  readonly priority?: number
  readonly data?: object
  readonly comment?: string
  readonly tags?: readonly string[]
  readonly settings?: object
  /** As Cloudflare would set it: `{ read_only: true }` for a record of Email Routing. */
  readonly meta?: Readonly<Record<string, unknown>>
}

export interface ZoneSeed {
  readonly name: string
  readonly id?: string
  readonly status?: ZoneStatus
  readonly type?: ZoneType
  readonly plan?: Plan
  readonly paused?: boolean
  readonly recordQuota?: number
  readonly account?: { readonly id?: string; readonly name?: string }
  readonly nameServers?: readonly string[]
  readonly records?: readonly RecordSeed[]
}

export interface CloudflareOptions {
  /** Milliseconds; `Date.now` when absent. */
  readonly now?: () => number
  /** For ids and all other chance: the same seed gives the same ids. 1 when absent. */
  readonly seed?: number
  readonly zones?: readonly ZoneSeed[]
  readonly credentials?: readonly CredentialSeed[]
  /** Of zones that name none; free when absent. */
  readonly plan?: Plan
  /** Calls per 300 s and user; 1,200 when absent. Past it, 429 for all calls of the next 300 s. */
  readonly quota?: number
  /** Other choices than those of `unknowns.ts`. */
  readonly unknowns?: Partial<UnknownChoices>
  /** What an earlier process held: `zones` and `credentials` are not looked at then. */
  readonly saved?: SavedState
}

export interface Cloudflare {
  readonly now: () => number
  readonly seed: number
  readonly choices: UnknownChoices
  readonly quota: Quota
  readonly callsPerWindow: number
  /** By id. */
  readonly zones: Map<string, Zone>
  /** By token or key. */
  readonly credentials: Map<string, Credential>
  /** 0 for a state that began here; one more each time it is taken up again. */
  readonly generation: number
  /** Chance for one purpose. */
  random(purpose: string): RandomStream
  /** For rays, cookies and audit ids. */
  readonly headerRandom: RandomStream
  stamp(nowMs: number): Microseconds
  /** What a write into `zone` at `nowMs` needs. */
  writing(zone: Zone, nowMs: number): WriteContext
  /** Throws an Error that names the seed record which the emulator would refuse. */
  addZone(seed: ZoneSeed): Zone
  /** Throws an Error for a token or key that no gateway would let through. */
  addCredential(seed: CredentialSeed): Credential
  zoneNamed(name: string): Zone | undefined
  /** Runs `work` at the first moment from `due` (milliseconds) on at which anybody looks. */
  later(due: number, work: (nowMs: number) => void): void
  /** Runs what has become due; whoever reads or changes anything calls this first. */
  settle(): void
}

export function createCloudflare(options: CloudflareOptions): Cloudflare {
  const { now = Date.now, seed = 1, quota = 1_200, plan = 'free' } = options
  const zones = new Map<string, Zone>()
  const choices = chooseUnknowns(options.unknowns)
  const { saved } = options
  const generation = saved === undefined ? 0 : saved.generation + 1
  const random = (purpose: string) =>
    randomStream(seed, generation === 0 ? purpose : `${purpose}, generation ${generation}`)
  const records = saved?.zones.flatMap((zone) => zone.records) ?? []
  const ids = random('record ids')
  const latest = records.reduce((most, { modifiedOn }) => Math.max(most, modifiedOn), 0)
  const stamp = stampSource(random('microseconds'), latest)
  let sequence = records.reduce((most, record) => Math.max(most, record.sequence), 0)
  let pending: { due: number; work: (nowMs: number) => void }[] = []

  const cloudflare: Cloudflare = {
    now,
    seed,
    choices,
    quota: createQuota(quota),
    callsPerWindow: quota,
    zones,
    credentials: new Map(),
    generation,
    random,
    headerRandom: random('headers'),
    stamp,
    writing: (zone, nowMs) => ({
      zone,
      choices,
      at: stamp(nowMs),
      newId: () => ids.hex(16),
      nextSequence: () => {
        sequence += 1
        return sequence
      },
    }),
    addZone(zoneSeed) {
      const zone = zoneFrom(zoneSeed, plan, seed, stamp(now()))
      if (zones.has(zone.id) || cloudflare.zoneNamed(zone.name) !== undefined) {
        throw new Error(`the zone ${zone.name} is there already`)
      }
      zones.set(zone.id, zone)
      seedRecords(cloudflare, zone, zoneSeed.records ?? [])
      return zone
    },
    addCredential(credentialSeed) {
      const credential = credentialFrom(credentialSeed, seed, idFor(seed, 'account', DEFAULT_ACCOUNT))
      cloudflare.credentials.set(credential.secret, credential)
      return credential
    },
    zoneNamed: (name) => zones.values().find((zone) => zone.name === name),
    later(due, work) {
      pending.push({ due, work })
      pending.sort((left, right) => left.due - right.due)
    },
    settle() {
      const nowMs = now()
      const ready = pending.filter(({ due }) => due <= nowMs)
      pending = pending.filter(({ due }) => due > nowMs)
      for (const { due, work } of ready) work(due)
    },
  }
  if (saved !== undefined) {
    takeUp(cloudflare, saved)
    return cloudflare
  }
  for (const credential of options.credentials ?? []) cloudflare.addCredential(credential)
  for (const zone of options.zones ?? []) cloudflare.addZone(zone)
  return cloudflare
}

/** All but what OAuth granted. */
function takeUp(cloudflare: Cloudflare, saved: SavedState): void {
  for (const { serial, records, ...facts } of saved.zones) {
    cloudflare.zones.set(facts.id, { ...facts, records: new ZoneRecords(serial, records) })
  }
  for (const { grantId, ...credential } of saved.credentials) {
    if (grantId === undefined) cloudflare.credentials.set(credential.secret, { ...credential })
  }
}

const DEFAULT_ACCOUNT = "user@example.com's Account"

function zoneFrom(zoneSeed: ZoneSeed, defaultPlan: Plan, seed: number, createdOn: Microseconds): Zone {
  const name = zoneSeed.name.toLowerCase().replace(/\.$/, '')
  const plan = zoneSeed.plan ?? defaultPlan
  const accountName = zoneSeed.account?.name ?? DEFAULT_ACCOUNT
  return {
    id: zoneSeed.id ?? idFor(seed, 'zone', name),
    name,
    status: zoneSeed.status ?? 'active',
    type: zoneSeed.type ?? 'full',
    plan,
    paused: zoneSeed.paused ?? false,
    recordQuota: zoneSeed.recordQuota ?? PLAN_LIMITS[plan].records,
    account: { id: zoneSeed.account?.id ?? idFor(seed, 'account', accountName), name: accountName },
    nameServers: zoneSeed.nameServers ?? ['ada.ns.example.org', 'bob.ns.example.org'],
    createdOn,
    records: new ZoneRecords(),
  }
}

function seedRecords(cloudflare: Cloudflare, zone: Zone, seeds: readonly RecordSeed[]): void {
  const at = cloudflare.now()
  zone.records.transaction({ at, zone: zone.name, by: 'seed' }, () => {
    for (const seed of seeds) {
      try {
        createRecord(cloudflare.writing(zone, at), recordFields(seed), seed.meta)
      } catch (problem) {
        throw new Error(`${zone.name}: ${JSON.stringify(seed)}: ${(problem as Error).message}`)
      }
    }
  })
}
