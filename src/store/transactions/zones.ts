import { type ExpressionBuilder, type RawBuilder, sql } from 'kysely'
import type { ListedZone, ZoneId } from '#dns/zone.ts'
import type { Lease, ZoneVisit } from '../coordination.ts'
import type { KnownZone } from '../observed.ts'
import { prepared } from '../prepared.ts'
import { knownZone } from '../rows.ts'
import type { Schema } from '../schema.ts'
import {
  all,
  asInserted,
  type Build,
  first,
  givenTime,
  inSlices,
  type LeaseTime,
  run,
  type Transaction,
} from '../transaction.ts'

export function* zonesOf(build: Build, credential: string): Transaction<readonly KnownZone[]> {
  return (yield* all(zonesSeenBy(build, credential))).map(knownZone)
}

export function* knownZones(build: Build): Transaction<readonly KnownZone[]> {
  const known = yield* all(build.selectFrom('zones').selectAll().orderBy('name'))
  const once = new Map<ZoneId, KnownZone>()
  for (const zone of known.map(knownZone)) {
    const other = once.get(zone.id)
    if (other === undefined || isSeenBetter(zone, other)) once.set(zone.id, zone)
  }
  return [...once.values()]
}

/** Of what two credentials know of one zone: who sees it, and then who has seen it last, knows better. */
function isSeenBetter(zone: KnownZone, other: KnownZone): boolean {
  const [isSeen, isOtherSeen] = [zone.missingSince === null, other.missingSince === null]
  return isSeen === isOtherSeen ? zone.seenAt > other.seenAt : isSeen
}

export function* rememberZones(
  build: Build,
  credential: string,
  listed: readonly ListedZone[],
  at: number,
): Transaction<readonly KnownZone[]> {
  const rows = listed.map((zone) => ({
    credential,
    zone_id: zone.id,
    name: zone.name,
    account_id: zone.accountId,
    status: zone.status,
    type: zone.type,
    paused: zone.paused ? 1 : 0,
    plan: zone.plan,
    name_servers: JSON.stringify(zone.nameServers),
    permissions: JSON.stringify(zone.permissions),
    seen_at: at,
    missing_since: null,
  }))
  // In one order, so that two replicas with the same list do not wait for each other.
  rows.sort((a, b) => (a.zone_id < b.zone_id ? -1 : 1))
  for (const slice of inSlices(rows)) {
    yield* run(
      build
        .insertInto('zones')
        .values(slice)
        .onConflict((conflict) =>
          conflict.columns(['credential', 'zone_id']).doUpdateSet(asInserted(ZONE_FACTS)),
        ),
    )
  }
  // Not `<`: a clock that was set back must not keep zones that are gone.
  yield* run(
    build
      .updateTable('zones')
      .set({ missing_since: at })
      .where('credential', '=', credential)
      .where('seen_at', '!=', at)
      .where('missing_since', 'is', null),
  )
  return yield* zonesOf(build, credential)
}

const zonesSeenBy = prepared((build: Build, credential: string) =>
  build.selectFrom('zones').selectAll().where('credential', '=', credential),
)

const ZONE_FACTS = [
  'name',
  'account_id',
  'status',
  'type',
  'paused',
  'plan',
  'name_servers',
  'permissions',
  'seen_at',
  'missing_since',
] as const

export function* zonesInUse(build: Build): Transaction<readonly ZoneId[]> {
  const rows = yield* all(
    build
      .selectFrom('record_sets')
      .select('zone_id')
      .where('wanted', 'is not', null)
      .union(build.selectFrom('intents').select('zone_id'))
      .union(build.selectFrom('dispatches').select('zone_id').where('by_hand', '=', 0)),
  )
  return rows.map(({ zone_id }) => zone_id)
}

/** One statement, so that it is one winner, whoever asks at once. */
export function* holdLease(
  build: Build,
  time: LeaseTime,
  zone: ZoneId,
  owner: string,
  now: number,
  until: number,
): Transaction<Lease | undefined> {
  const held = yield* first(leaseHeld(build, time, zone, owner, now, until - now))
  return held && { zone, owner, epoch: held.lease_epoch, until }
}

const leaseHeld = prepared(
  (build: Build, time: LeaseTime, zone: ZoneId, owner: string, now: number, forMs: number) => {
    const end = laterBy(time(now), forMs)
    const isMine = (eb: ExpressionBuilder<Schema, 'zone_states'>) =>
      eb.and([eb('zone_states.lease_owner', '=', owner), eb('zone_states.lease_until', '>', time(now))])
    return build
      .insertInto('zone_states')
      .values({
        zone_id: zone,
        lease_owner: owner,
        lease_until: end,
        lease_epoch: 1,
        read_at: null,
        full_until: 0,
        read_wanted: 0,
      })
      .onConflict((conflict) =>
        conflict
          .column('zone_id')
          .doUpdateSet((eb) => ({
            lease_owner: owner,
            lease_until: end,
            lease_epoch: eb
              .case()
              .when(isMine(eb))
              .then(eb.ref('zone_states.lease_epoch'))
              .else(eb('zone_states.lease_epoch', '+', 1))
              .end(),
          }))
          .where((eb) => eb.or([isMine(eb), eb('zone_states.lease_until', '<=', time(now))])),
      )
      .returning('lease_epoch')
  },
)

export function* renewLeases(
  build: Build,
  time: LeaseTime,
  owner: string,
  now: number,
  until: number,
): Transaction<void> {
  yield* run(leasesRenewed(build, time, owner, now, until - now))
}

const leasesRenewed = prepared((build: Build, time: LeaseTime, owner: string, now: number, forMs: number) => {
  const end = laterBy(time(now), forMs)
  return (
    build
      .updateTable('zone_states')
      .set({ lease_until: end })
      .where('lease_owner', '=', owner)
      .where('lease_until', '>', time(now))
      // A renewal that was held up must not shorten a lease under a call that is under way.
      .where('lease_until', '<', end)
  )
})

export function* freeAllLeases(build: Build): Transaction<void> {
  yield* run(build.updateTable('zone_states').set({ lease_owner: null, lease_until: 0 }))
}

export function* releaseLeases(build: Build, owner: string): Transaction<void> {
  yield* run(
    build
      .updateTable('zone_states')
      .set({ lease_owner: null, lease_until: 0 })
      .where('lease_owner', '=', owner),
  )
}

/** True, and nobody else can change the zone before this transaction ends, if the lease is still its holder's. */
export function* stillHolds(build: Build, { zone, owner, epoch }: Lease): Transaction<boolean> {
  return (yield* first(zoneOf(build, zone, owner, epoch))) !== undefined
}

/** The same, and the lease goes on for `minimumLeft` ms from `at`. */
export function* holdsOn(
  build: Build,
  time: LeaseTime,
  { zone, owner, epoch }: Lease,
  at: number,
  minimumLeft: number,
): Transaction<boolean> {
  return (yield* first(zoneFor(build, time, zone, owner, epoch, at, minimumLeft))) !== undefined
}

function zoneHeld(build: Build, zone: ZoneId, owner: string, epoch: number) {
  return build
    .updateTable('zone_states')
    .set({ lease_owner: owner })
    .where('zone_id', '=', zone)
    .where('lease_owner', '=', owner)
    .where('lease_epoch', '=', epoch)
    .returning('zone_id')
}

const zoneOf = prepared(zoneHeld)

const zoneFor = prepared(
  (
    build: Build,
    time: LeaseTime,
    zone: ZoneId,
    owner: string,
    epoch: number,
    at: number,
    minimumLeft: number,
  ) => zoneHeld(build, zone, owner, epoch).where('lease_until', '>=', laterBy(time(at), minimumLeft)),
)

function laterBy(time: RawBuilder<number>, ms: number): RawBuilder<number> {
  return sql<number>`${time} + ${givenTime(ms)}`
}

export function* markFull(build: Build, zone: ZoneId, until: number): Transaction<void> {
  yield* run(build.updateTable('zone_states').set({ full_until: until }).where('zone_id', '=', zone))
}

export function* wantRead(build: Build, zone: ZoneId, since: number): Transaction<void> {
  yield* run(
    build
      .updateTable('zone_states')
      .set({ read_wanted: since })
      .where('zone_id', '=', zone)
      .where('read_wanted', '<', since),
  )
}

/** One statement, because every replica asks it many times a second. */
export function* zonesToVisit(
  build: Build,
  time: LeaseTime,
  owner: string,
  now: number,
): Transaction<readonly ZoneVisit[]> {
  const rows = yield* all(visits(build, time, owner, now))
  return rows.map((row) => ({
    zone: row.zone_id,
    newest: row.newest ?? 0,
    isFree: Boolean(row.is_free),
    underWay: Boolean(row.under_way),
    readWanted: row.read_wanted,
  }))
}

/**
 * Of the zones that are the owner's or nobody's, those where anything waits, and those that nobody keeps. What waits in
 * each is found at the end of an index; a join would go over all of it.
 */
const visits = prepared((build: Build, time: LeaseTime, owner: string, now: number) => {
  const known = build
    .selectFrom('zone_states as z')
    .select((eb) => [
      'z.zone_id',
      eb
        .selectFrom('intents as i')
        .select((eb) => eb.fn.max('i.generation').as('newest'))
        .whereRef('i.zone_id', '=', 'z.zone_id')
        .where('i.dispatch_id', 'is', null)
        .as('newest'),
      // A zone that was only edited by hand has nothing to be kept.
      sql<number>`case when z.lease_until <= ${time(now)} and (
        exists (select 1 from record_sets s where s.zone_id = z.zone_id and s.wanted is not null)
        or exists (select 1 from intents w where w.zone_id = z.zone_id)
        or exists (select 1 from dispatches d where d.zone_id = z.zone_id and d.by_hand = 0)
      ) then 1 else 0 end`.as('is_free'),
      sql<number>`case when z.lease_until <= ${time(now)} and
        exists (select 1 from dispatches d where d.zone_id = z.zone_id and d.by_hand = 0) then 1 else 0 end`.as(
        'under_way',
      ),
      sql<number>`case when z.read_wanted > coalesce(z.read_at, 0) then z.read_wanted else 0 end`.as(
        'read_wanted',
      ),
    ])
    .where((eb) =>
      eb.or([
        eb('z.lease_until', '<=', time(now)),
        eb('z.lease_owner', '=', owner),
        eb('z.lease_owner', 'is', null),
      ]),
    )
  const unheld = build
    .selectFrom('intents as i')
    .select((eb) => [
      'i.zone_id',
      eb.fn.max('i.generation').as('newest'),
      eb.lit(1).as('is_free'),
      eb.lit(0).as('under_way'),
      eb.lit(0).as('read_wanted'),
    ])
    .where('i.dispatch_id', 'is', null)
    .where('i.zone_id', 'not in', (eb) => eb.selectFrom('zone_states').select('zone_id'))
    .groupBy('i.zone_id')
  return build
    .selectFrom(known.unionAll(unheld).as('visit'))
    .selectAll()
    .where((eb) => eb.or([eb('newest', 'is not', null), eb('is_free', '=', 1), eb('read_wanted', '>', 0)]))
})
