import type { Build, LeaseTime, Transaction } from './operation.ts'
import * as dispatches from './operations/dispatches.ts'
import * as ends from './operations/ends.ts'
import { entryOf, history, type Recorder } from './operations/history.ts'
import * as intents from './operations/intents.ts'
import * as mirror from './operations/mirror.ts'
import * as nonces from './operations/nonces.ts'
import * as retention from './operations/retention.ts'
import { keepTrustedRead } from './operations/trusted-read.ts'
import * as zones from './operations/zones.ts'
import { sqlCustomers } from './sql-customers.ts'
import { sqlEdits } from './sql-edits.ts'
import type { Store } from './store.ts'

/** What a database has to do for us: run one operation as one transaction. */
export interface Database {
  readonly build: Build
  readonly time: LeaseTime
  transact<Answer>(operation: () => Transaction<Answer>): Promise<Answer>
  /** For operations of one statement, which is all of it or nothing by itself. */
  once<Answer>(operation: () => Transaction<Answer>): Promise<Answer>
  /** For operations that change nothing: they keep nobody from writing. */
  read<Answer>(operation: () => Transaction<Answer>): Promise<Answer>
  close(): Promise<void>
  /** Milliseconds since 1970; the machine's when absent. */
  now?(): number
}

/** The store over any SQL database: every method names its operation, and nothing else happens here. */
export function sqlStore(database: Database, recorder: Recorder, replaysPossibleUntil: number): Store {
  const { build, time, transact, once, read, close, now = Date.now } = database
  return {
    customers: sqlCustomers(database),
    replaysPossibleUntil,
    claimNonce: (caller, nonce, expiresAt) => once(() => nonces.claimNonce(caller, nonce, expiresAt)),
    forgetNonces: (now) => transact(() => nonces.forgetNonces(build, now)),
    changeBudget: (credential, decide) =>
      transact(() => nonces.changeBudget(build, credential, decide, now())),
    forgetBudgets: (before, now) => transact(() => retention.forgetBudgets(build, before, now)),

    zonesOf: (credential) => read(() => zones.zonesOf(build, credential)),
    rememberZones: (credential, listed, at) =>
      transact(() => zones.rememberZones(build, credential, listed, at)),
    knownZones: () => read(() => zones.knownZones(build)),
    zonesInUse: () => read(() => zones.zonesInUse(build)),

    holdLease: (zone, owner, now, until) => once(() => zones.holdLease(build, time, zone, owner, now, until)),
    renewLeases: (owner, now, until) => once(() => zones.renewLeases(build, time, owner, now, until)),
    freeAllLeases: () => once(() => zones.freeAllLeases(build)),
    releaseLeases: (owner) => once(() => zones.releaseLeases(build, owner)),

    setState: (zone, key) => read(() => intents.setState(build, zone, key)),
    addIntent: (intent, notAfter) => transact(() => intents.addIntent(build, intent, now, notAfter)),
    addCorrection: (intent, managedAs) => transact(() => intents.addCorrection(build, intent, managedAs)),
    withdrawIntent: (generation) => transact(() => intents.withdrawIntent(build, generation)),
    waitingIntents: (zone) => read(() => intents.waitingIntents(build, zone)),
    endIntents: (lease, ended, at) => transact(() => intents.endIntents(build, recorder, lease, ended, at)),
    endsOf: (generations) => read(() => ends.endsOf(build, generations)),
    showEnds: (generations) => transact(() => ends.showEnds(build, generations)),
    forgetEnds: (before) => once(() => ends.forgetEnds(build, before)),
    zonesToVisit: (owner, now) => read(() => zones.zonesToVisit(build, time, owner, now)),
    wantRead: (zone, since) => once(() => zones.wantRead(build, zone, since)),
    markRefusalTold: (zone, key) => transact(() => intents.markRefusalTold(build, zone, key)),

    zoneState: (zone) => read(() => dispatches.zoneState(build, zone)),
    recordsAt: (zone, names) => read(() => mirror.recordsAt(build, zone, names)),
    recordsOf: (zone) => read(() => mirror.recordsOf(build, zone)),
    sizeOf: (zone) => read(() => mirror.sizeOf(build, zone)),
    setsAt: (zone, names) => read(() => intents.setsAt(build, zone, names)),
    setsOf: (zone) => read(() => intents.setsOf(build, zone)),
    managedSets: (zone) => read(() => intents.managedSets(build, zone)),

    dispatch: (lease, batch, minimumLeft) =>
      transact(() => dispatches.dispatch(build, recorder, time, lease, batch, minimumLeft)),
    settle: (lease, dispatch, settlement) =>
      transact(() => dispatches.settle(build, recorder, lease, dispatch, settlement)),
    requeue: (lease, dispatch, refused, at) =>
      transact(() => dispatches.requeue(build, recorder, lease, dispatch, refused, at)),
    markUnknown: (lease, dispatch, at, fenceUntil, error) =>
      transact(() => dispatches.markUnknown(build, lease, dispatch, at, fenceUntil, error)),

    keepTrustedRead: (lease, zoneRead) => transact(() => keepTrustedRead(build, recorder, lease, zoneRead)),
    markFull: (zone, until) => once(() => zones.markFull(build, zone, until)),

    edits: sqlEdits(database, recorder),

    history: (query) => read(() => history(build, query)),
    forgetHistory: (before) => transact(() => retention.forgetHistory(build, before)),
    forgetHistoryBeyond: (customerId, most) =>
      transact(() => retention.forgetHistoryBeyond(build, customerId, most)),
    historyEntry: (id) => read(() => entryOf(build, id)),
    // As a change would be made, so that it is told if there can be none.
    ping: () => transact(() => intents.lastGeneration(build)).then(() => undefined),
    close,
  }
}
