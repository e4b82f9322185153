import type { AccountStore } from './accounts.ts'
import type { Database } from './sql-store.ts'
import * as customers from './transactions/accounts.ts'
import * as audit from './transactions/audit.ts'
import * as connections from './transactions/connections.ts'
import * as sessions from './transactions/sessions.ts'

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
