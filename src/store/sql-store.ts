import type { AccountStore } from './accounts.ts'
import type { EditStore } from './edits.ts'
import type { Store } from './store.ts'
import type { Build, LeaseTime, Transaction } from './transaction.ts'
import * as customers from './transactions/accounts.ts'
import * as audit from './transactions/audit.ts'
import * as cache from './transactions/cache.ts'
import * as connections from './transactions/connections.ts'
import * as coordination from './transactions/coordination.ts'
import * as dispatches from './transactions/dispatches.ts'
import * as edits from './transactions/edits.ts'
import * as ends from './transactions/ends.ts'
import {
  changedByCallers,
  editEntry,
  editHistory,
  entryOf,
  history,
  type Recorder,
} from './transactions/history.ts'
import * as intents from './transactions/intents.ts'
import * as mirror from './transactions/mirror.ts'
import * as plans from './transactions/plans.ts'
import * as retention from './transactions/retention.ts'
import * as sessions from './transactions/sessions.ts'
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
    claimNonce: (caller, nonce, expiresAt) => once(() => coordination.claimNonce(caller, nonce, expiresAt)),
    forgetNonces: (now) => transact(() => coordination.forgetNonces(build, now)),
    changeBudget: (credential, decide) =>
      transact(() => coordination.changeBudget(build, credential, decide, now())),
    forgetBudgets: (before, now) => transact(() => retention.forgetBudgets(build, before, now)),
    holdLease: (zone, owner, now, until) => once(() => zones.holdLease(build, time, zone, owner, now, until)),
    freeAllLeases: () => once(() => zones.freeAllLeases(build)),
    renewLeases: (owner, now, until) => once(() => zones.renewLeases(build, time, owner, now, until)),
    releaseLeases: (owner) => once(() => zones.releaseLeases(build, owner)),
    releaseLease: (zone, owner) => once(() => coordination.releaseLease(build, zone, owner)),
    wantLease: (zone, at) => once(() => coordination.wantLease(build, zone, at)),
    leasesWanted: (owner) => read(() => coordination.leasesWanted(build, owner)),
    zonesToVisit: (owner, now) => read(() => zones.zonesToVisit(build, time, owner, now)),
    wantRead: (zone, since) => once(() => zones.wantRead(build, zone, since)),
    spend: (limit, now) => transact(() => coordination.spend(build, limit, now)),
    giveBack: (limit, at) => transact(() => coordination.giveBack(build, limit, at)),

    edits: sqlEdits(database, recorder),
    accounts: sqlAccounts(database),
    // As a change would be made, so that it is told if there can be none.
    ping: () => transact(() => intents.lastGeneration(build)).then(() => undefined),
    close,
  }
}

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

/** As `sqlStore`, for what belongs to customers. */
export function sqlAccounts({
  build,
  transact,
  once,
  read,
}: Pick<Database, 'build' | 'transact' | 'once' | 'read'>): AccountStore {
  return {
    addCustomer: (customer, identity) => once(() => customers.addCustomer(build, customer, identity)),
    changeCustomer: (customer) => transact(() => customers.changeCustomer(build, customer)),
    customer: (id) => read(() => customers.customerById(build, id)),
    customerByEmail: (email) => read(() => customers.customerByEmail(build, email)),
    customerByIdentity: (identity) => read(() => customers.customerByIdentity(build, identity)),
    customers: () => read(() => customers.allCustomers(build)),
    removeCustomer: (id) => transact(() => customers.removeCustomer(build, id)),

    session: (idHash, now) => once(() => sessions.session(build, idHash, now)),
    keepSession: (session, now) => once(() => sessions.keepSession(build, session, now)),
    endSession: (idHash, now) => once(() => sessions.endSession(build, idHash, now)),
    endSessionsOf: (customerId, now) => once(() => sessions.endSessionsOf(build, customerId, now)),
    forgetSessions: (now) => transact(() => sessions.forgetSessions(build, now)),

    addOAuthState: (state, now) => transact(() => sessions.addOAuthState(build, state, now)),
    takeOAuthState: (stateHash) => once(() => sessions.takeOAuthState(build, stateHash)),

    connectionOf: (customerId) => read(() => connections.connectionOf(build, customerId)),
    connection: (customerId, id) => read(() => connections.connection(build, customerId, id)),
    replaceConnection: (connection) => transact(() => connections.replaceConnection(build, connection)),
    changeConnection: (customerId, id, changes) =>
      once(() => connections.changeConnection(build, customerId, id, changes)),
    removeConnection: (customerId, id) => transact(() => connections.removeConnection(build, customerId, id)),

    holdRefresh: (hold, now, until) => once(() => connections.holdRefresh(build, hold, now, until)),
    releaseRefresh: (hold, until) => once(() => connections.releaseRefresh(build, hold, until)),
    keepTokens: (hold, tokens) => once(() => connections.keepTokens(build, hold, tokens)),
    loseGrant: (connectionId, version) => once(() => connections.loseGrant(build, connectionId, version)),

    sealedTokens: () => read(() => connections.sealedTokens(build)),
    resealTokens: (before, after) => once(() => connections.resealTokens(build, before, after)),

    noteAudit: (entry, most) => transact(() => audit.noteAudit(build, entry, most)),
    auditOf: (customerId, limit, after) => read(() => audit.auditOf(build, customerId, limit, after)),
    forgetAudit: (before) => transact(() => audit.forgetAudit(build, before)),
  }
}
