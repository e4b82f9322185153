import { sqlAccounts } from './sql-accounts.ts'
import { sqlEdits } from './sql-edits.ts'
import type { Store } from './store.ts'
import type { Build, LeaseTime, Transaction } from './transaction.ts'
import * as dispatches from './transactions/dispatches.ts'
import * as ends from './transactions/ends.ts'
import { entryOf, history, type Recorder } from './transactions/history.ts'
import * as intents from './transactions/intents.ts'
import * as lending from './transactions/lending.ts'
import * as limits from './transactions/limits.ts'
import * as mirror from './transactions/mirror.ts'
import * as nonces from './transactions/nonces.ts'
import * as retention from './transactions/retention.ts'
import { keepTrustedRead } from './transactions/trusted-read.ts'
import * as zones from './transactions/zones.ts'

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
    dispatch: (lease, batch, minimumLeft) =>
      transact(() => dispatches.dispatch(build, recorder, time, lease, batch, minimumLeft)),
    settle: (lease, dispatch, settlement) =>
      transact(() => dispatches.settle(build, recorder, lease, dispatch, settlement)),
    requeue: (lease, dispatch, refused, at) =>
      transact(() => dispatches.requeue(build, recorder, lease, dispatch, refused, at)),
    markUnknown: (lease, dispatch, at, fenceUntil, error) =>
      transact(() => dispatches.markUnknown(build, lease, dispatch, at, fenceUntil, error)),
    history: (query) => read(() => history(build, query)),
    historyEntry: (id) => read(() => entryOf(build, id)),
    forgetHistory: (before) => transact(() => retention.forgetHistory(build, before)),
    forgetHistoryBeyond: (customerId, most) =>
      transact(() => retention.forgetHistoryBeyond(build, customerId, most)),

    setState: (zone, key) => read(() => intents.setState(build, zone, key)),
    managedSets: (zone) => read(() => intents.managedSets(build, zone)),
    setsOf: (zone) => read(() => intents.setsOf(build, zone)),
    setsAt: (zone, names) => read(() => intents.setsAt(build, zone, names)),
    addIntent: (intent, notAfter) => transact(() => intents.addIntent(build, intent, now, notAfter)),
    addCorrection: (intent, managedAs) => transact(() => intents.addCorrection(build, intent, managedAs)),
    withdrawIntent: (generation) => transact(() => intents.withdrawIntent(build, generation)),
    markRefusalTold: (zone, key) => transact(() => intents.markRefusalTold(build, zone, key)),
    waitingIntents: (zone) => read(() => intents.waitingIntents(build, zone)),
    endIntents: (lease, ended, at) => transact(() => intents.endIntents(build, recorder, lease, ended, at)),
    endsOf: (generations) => read(() => ends.endsOf(build, generations)),
    showEnds: (generations) => transact(() => ends.showEnds(build, generations)),
    forgetEnds: (before) => once(() => ends.forgetEnds(build, before)),

    zonesOf: (credential) => read(() => zones.zonesOf(build, credential)),
    rememberZones: (credential, listed, at) =>
      transact(() => zones.rememberZones(build, credential, listed, at)),
    knownZones: () => read(() => zones.knownZones(build)),
    zonesInUse: () => read(() => zones.zonesInUse(build)),
    zoneState: (zone) => read(() => dispatches.zoneState(build, zone)),
    recordsAt: (zone, names) => read(() => mirror.recordsAt(build, zone, names)),
    recordsOf: (zone) => read(() => mirror.recordsOf(build, zone)),
    sizeOf: (zone) => read(() => mirror.sizeOf(build, zone)),
    keepTrustedRead: (lease, zoneRead) => transact(() => keepTrustedRead(build, recorder, lease, zoneRead)),
    markFull: (zone, until) => once(() => zones.markFull(build, zone, until)),

    replaysPossibleUntil,
    claimNonce: (caller, nonce, expiresAt) => once(() => nonces.claimNonce(caller, nonce, expiresAt)),
    forgetNonces: (now) => transact(() => nonces.forgetNonces(build, now)),
    changeBudget: (credential, decide) =>
      transact(() => nonces.changeBudget(build, credential, decide, now())),
    forgetBudgets: (before, now) => transact(() => retention.forgetBudgets(build, before, now)),
    holdLease: (zone, owner, now, until) => once(() => zones.holdLease(build, time, zone, owner, now, until)),
    freeAllLeases: () => once(() => zones.freeAllLeases(build)),
    renewLeases: (owner, now, until) => once(() => zones.renewLeases(build, time, owner, now, until)),
    releaseLeases: (owner) => once(() => zones.releaseLeases(build, owner)),
    releaseLease: (zone, owner) => once(() => lending.releaseLease(build, zone, owner)),
    wantLease: (zone, at) => once(() => lending.wantLease(build, zone, at)),
    leasesWanted: (owner) => read(() => lending.leasesWanted(build, owner)),
    zonesToVisit: (owner, now) => read(() => zones.zonesToVisit(build, time, owner, now)),
    wantRead: (zone, since) => once(() => zones.wantRead(build, zone, since)),
    spend: (limit, now) => transact(() => limits.spend(build, limit, now)),
    giveBack: (limit, at) => transact(() => limits.giveBack(build, limit, at)),

    edits: sqlEdits(database, recorder),
    accounts: sqlAccounts(database),
    // As a change would be made, so that it is told if there can be none.
    ping: () => transact(() => intents.lastGeneration(build)).then(() => undefined),
    close,
  }
}
