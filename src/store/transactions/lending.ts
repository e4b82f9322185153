import type { ZoneId } from '#dns/zone.ts'
import { prepared } from '../prepared.ts'
import { all, type Build, run, type Transaction } from '../transaction.ts'

export function* releaseLease(build: Build, zone: ZoneId, owner: string): Transaction<void> {
  yield* run(
    build
      .updateTable('zone_states')
      .set({ lease_owner: null, lease_until: 0, lease_wanted: 0 })
      .where('zone_id', '=', zone)
      .where('lease_owner', '=', owner),
  )
}

export function* wantLease(build: Build, zone: ZoneId, at: number): Transaction<void> {
  yield* run(
    build
      .updateTable('zone_states')
      .set({ lease_wanted: at })
      .where('zone_id', '=', zone)
      .where('lease_wanted', '<', at),
  )
}

export function* leasesWanted(build: Build, owner: string): Transaction<readonly ZoneId[]> {
  const rows = yield* all(wantedOf(build, owner))
  return rows.map(({ zone_id }) => zone_id)
}

const wantedOf = prepared((build: Build, owner: string) =>
  build
    .selectFrom('zone_states')
    .select('zone_id')
    .where('lease_owner', '=', owner)
    .where('lease_wanted', '>', 0),
)
