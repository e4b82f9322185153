import type { ZoneId } from '#dns/zone.ts'
import type { Lease } from '../coordination.ts'
import type { TrustedRead } from '../observed.ts'
import { prepared } from '../prepared.ts'
import { type Build, run, type Transaction } from '../transaction.ts'
import { forgetFences, resolve } from './dispatches.ts'
import type { Recorder } from './history.ts'
import { forgetRecords, keepRecords } from './mirror.ts'
import { markSettled } from './sets.ts'
import { stillHolds } from './zones.ts'

/** How long we remember that a record is gone (ms). */
const GONE_FOR_MS = 600_000
/** No list has been seen to be older (ms). */
const OLDEST_LIST_MS = 30_000

export function* keepTrustedRead(
  build: Build,
  recorder: Recorder,
  lease: Lease,
  read: TrustedRead,
): Transaction<boolean> {
  if (!(yield* stillHolds(build, lease))) return false
  const { zone } = lease
  yield* forgetRecords(build, zone, read.gone, read.at)
  yield* keepRecords(build, zone, read.seen, 0, read.at)
  for (const { dispatch, ended } of read.resolved) {
    yield* resolve(build, recorder, zone, ended, dispatch, read.at)
  }
  yield* markSettled(build, zone, read.settled, true)
  yield* markSettled(build, zone, read.drifted, false)
  yield* run(zoneRead(build, zone, read.at))
  // A late commit of the last moment shows in every list from then on.
  yield* forgetFences(build, zone, read.at - OLDEST_LIST_MS)
  yield* run(longGone(build, zone, read.at - GONE_FOR_MS))
  return true
}

const zoneRead = prepared((build: Build, zone: ZoneId, at: number) =>
  build.updateTable('zone_states').set({ read_at: at }).where('zone_id', '=', zone),
)

const longGone = prepared((build: Build, zone: ZoneId, before: number) =>
  build.deleteFrom('dns_records_cache').where('zone_id', '=', zone).where('gone_at', '<', before),
)
