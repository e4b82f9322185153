import { all, type Build, first, type Operation, run } from '../operation.ts'
import { knownZone } from '../rows.ts'
import type { KnownZone, Lease, ZoneFacts, ZoneId } from '../store.ts'

export function* zonesOf(build: Build, credential: string): Operation<readonly KnownZone[]> {
  const rows = yield* all(build.selectFrom('zones').selectAll().where('credential', '=', credential))
  return rows.map(knownZone)
}

export function* knownZones(build: Build): Operation<readonly KnownZone[]> {
  return (yield* all(build.selectFrom('zones').selectAll().orderBy('name'))).map(knownZone)
}

export function* rememberZones(
  build: Build,
  credential: string,
  listed: readonly ZoneFacts[],
  at: number,
): Operation<readonly KnownZone[]> {
  for (const zone of listed) {
    const facts = {
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
    }
    yield* run(
      build
        .insertInto('zones')
        .values({ credential, zone_id: zone.id, ...facts })
        .onConflict((conflict) => conflict.columns(['credential', 'zone_id']).doUpdateSet(facts)),
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

export function* zonesInUse(build: Build): Operation<readonly ZoneId[]> {
  const rows = yield* all(
    build
      .selectFrom('record_sets')
      .select('zone_id')
      .where('wanted', 'is not', null)
      .union(build.selectFrom('intents').select('zone_id'))
      .union(build.selectFrom('dispatches').select('zone_id')),
  )
  return rows.map(({ zone_id }) => zone_id)
}

export function* holdLease(
  build: Build,
  zone: ZoneId,
  owner: string,
  now: number,
  until: number,
): Operation<Lease | undefined> {
  yield* ensureZone(build, zone)
  const mine = yield* first(
    build
      .updateTable('zone_states')
      .set({ lease_until: until })
      .where('zone_id', '=', zone)
      .where('lease_owner', '=', owner)
      .where('lease_until', '>', now)
      .returning('lease_epoch'),
  )
  if (mine) return { zone, owner, epoch: mine.lease_epoch, until }
  const taken = yield* first(
    build
      .updateTable('zone_states')
      .set((eb) => ({ lease_owner: owner, lease_until: until, lease_epoch: eb('lease_epoch', '+', 1) }))
      .where('zone_id', '=', zone)
      .where('lease_until', '<=', now)
      .returning('lease_epoch'),
  )
  return taken && { zone, owner, epoch: taken.lease_epoch, until }
}

export function* freeAllLeases(build: Build): Operation<void> {
  yield* run(build.updateTable('zone_states').set({ lease_owner: null, lease_until: 0 }))
}

export function* releaseLeases(build: Build, owner: string): Operation<void> {
  yield* run(
    build
      .updateTable('zone_states')
      .set({ lease_owner: null, lease_until: 0 })
      .where('lease_owner', '=', owner),
  )
}

/** True, and nobody else can change the zone before this transaction ends, if the lease is still its holder's. */
export function* stillHolds(
  build: Build,
  { zone, owner, epoch }: Lease,
  untilAtLeast = 0,
): Operation<boolean> {
  const row = yield* first(
    build
      .updateTable('zone_states')
      .set({ lease_owner: owner })
      .where('zone_id', '=', zone)
      .where('lease_owner', '=', owner)
      .where('lease_epoch', '=', epoch)
      .where('lease_until', '>=', untilAtLeast)
      .returning('zone_id'),
  )
  return row !== undefined
}

export function* markFull(build: Build, zone: ZoneId, until: number): Operation<void> {
  yield* run(build.updateTable('zone_states').set({ full_until: until }).where('zone_id', '=', zone))
}

function* ensureZone(build: Build, zone: ZoneId): Operation<void> {
  yield* run(
    build
      .insertInto('zone_states')
      .values({
        zone_id: zone,
        lease_owner: null,
        lease_until: 0,
        lease_epoch: 0,
        read_at: null,
        full_until: 0,
      })
      .onConflict((conflict) => conflict.doNothing()),
  )
}
