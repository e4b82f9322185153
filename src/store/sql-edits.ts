import type { EditStore } from './edits.ts'
import type { Database } from './sql-store.ts'
import * as cache from './transactions/cache.ts'
import { changedByCallers, editEntry, editHistory } from './transactions/edit-history.ts'
import * as edits from './transactions/edits.ts'
import type { Recorder } from './transactions/history.ts'
import * as plans from './transactions/plans.ts'

/** The part of the store that customers' edits stand on. */
export function sqlEdits({ build, transact, read }: Database, recorder: Recorder): EditStore {
  return {
    cached: (holder, zone) => read(() => cache.cached(build, holder, zone)),
    cachedRecord: (holder, zone, id) => read(() => cache.cachedRecord(build, holder, zone, id)),
    confirmedSince: (zone, since) => read(() => cache.confirmedSince(build, zone, since)),
    keepList: (holder, zone, list) => transact(() => cache.keepList(build, recorder, holder, zone, list)),

    unsettledEdits: () => read(() => edits.unsettledEdits(build)),
    settleEdit: (sent, settlement) => transact(() => edits.settleEdit(build, recorder, sent, settlement)),
    failEdit: (sent, error, at) => transact(() => edits.failEdit(build, sent, error, at)),
    editOf: (holder, id) => read(() => edits.editOf(build, holder, id)),
    forgetEdits: (before) => transact(() => edits.forgetEdits(build, before)),

    editHistory: (customerId, page) => read(() => editHistory(build, customerId, page)),
    editEntry: (customerId, zone, id) => read(() => editEntry(build, customerId, zone, id)),
    changedByCallers: (zone, since) => read(() => changedByCallers(build, zone, since)),

    keepPlan: (plan) => transact(() => plans.keepPlan(build, plan)),
    planOf: (holder, id, now) => read(() => plans.planOf(build, holder, id, now)),
    planMadeFrom: (holder, fingerprint, now) =>
      read(() => plans.planMadeFrom(build, holder, fingerprint, now)),
  }
}
