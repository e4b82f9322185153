import type { Selectable } from 'kysely'
import type { ConnectionRow, RefreshHold, SealedTokens } from '../accounts.ts'
import { holderOf } from '../rows.ts'
import type { Schema } from '../schema.ts'
import { all, type Build, first, run, type Transaction } from '../transaction.ts'

export function* connectionOf(build: Build, customerId: string): Transaction<ConnectionRow | undefined> {
  const row = yield* first(
    build
      .selectFrom('customer_cloudflare_connections')
      .selectAll()
      .where('customer_id', '=', customerId)
      .orderBy('connected_at', 'desc')
      .orderBy('id')
      .limit(1),
  )
  return row && connectionOfRow(row)
}

export function* connection(
  build: Build,
  customerId: string,
  id: string,
): Transaction<ConnectionRow | undefined> {
  const row = yield* first(
    build
      .selectFrom('customer_cloudflare_connections')
      .selectAll()
      .where('customer_id', '=', customerId)
      .where('id', '=', id),
  )
  return row && connectionOfRow(row)
}

export function* replaceConnection(
  build: Build,
  connection: ConnectionRow,
): Transaction<readonly ConnectionRow[]> {
  const { customerId } = connection
  // Locked: of two that connect at once, one comes after the other.
  yield* run(
    build
      .updateTable('customers')
      .set((eb) => ({ id: eb.ref('id') }))
      .where('id', '=', customerId),
  )
  const earlier = yield* all(
    build.selectFrom('customer_cloudflare_connections').select('id').where('customer_id', '=', customerId),
  )
  const replaced: ConnectionRow[] = []
  for (const { id } of earlier) {
    const removed = yield* removeConnection(build, customerId, id)
    if (removed !== undefined) replaced.push(removed)
  }
  yield* run(
    build.insertInto('customer_cloudflare_connections').values({
      id: connection.id,
      customer_id: customerId,
      kind: connection.kind,
      status: connection.status,
      cloudflare_zone_id: connection.zoneId,
      ...tokenFields(connection),
      token_version: connection.tokenVersion,
      refresh_owner: null,
      refresh_until: 0,
      connected_at: connection.connectedAt,
      reviewed_at: connection.reviewedAt,
      last_sync_at: connection.lastSyncAt,
    }),
  )
  return replaced
}

export function* changeConnection(
  build: Build,
  customerId: string,
  id: string,
  changes: Partial<Pick<ConnectionRow, 'zoneId' | 'reviewedAt' | 'lastSyncAt'>>,
): Transaction<ConnectionRow | undefined> {
  const { zoneId, reviewedAt, lastSyncAt } = changes
  const row = yield* first(
    build
      .updateTable('customer_cloudflare_connections')
      .set({
        ...(zoneId === undefined ? {} : { cloudflare_zone_id: zoneId }),
        ...(reviewedAt === undefined ? {} : { reviewed_at: reviewedAt }),
        ...(lastSyncAt === undefined ? {} : { last_sync_at: lastSyncAt }),
      })
      .where('customer_id', '=', customerId)
      .where('id', '=', id)
      .returningAll(),
  )
  return row && connectionOfRow(row)
}

export function* removeConnection(
  build: Build,
  customerId: string,
  id: string,
): Transaction<ConnectionRow | undefined> {
  yield* run(
    build
      .deleteFrom('dns_records_cache')
      .where('customer_id', '=', customerId)
      .where('holder', '=', holderOf({ customerId, connectionId: id })),
  )
  yield* run(
    build.deleteFrom('takeover_plans').where('customer_id', '=', customerId).where('connection_id', '=', id),
  )
  const removed = yield* first(
    build
      .deleteFrom('customer_cloudflare_connections')
      .where('customer_id', '=', customerId)
      .where('id', '=', id)
      .returningAll(),
  )
  if (removed === undefined) return undefined
  yield* run(
    build.deleteFrom('zones').where('credential', '=', holderOf({ customerId, connectionId: removed.id })),
  )
  return connectionOfRow(removed)
}

export function* holdRefresh(
  build: Build,
  { connectionId, owner, version }: RefreshHold,
  now: number,
  until: number,
): Transaction<boolean> {
  const held = yield* first(
    build
      .updateTable('customer_cloudflare_connections')
      .set({ refresh_owner: owner, refresh_until: until })
      .where('id', '=', connectionId)
      .where('status', '=', 'active')
      .where('token_version', '=', version)
      .where('refresh_until', '<=', now)
      .returning('id'),
  )
  return held !== undefined
}

export function* releaseRefresh(
  build: Build,
  { connectionId, owner, version }: RefreshHold,
  until: number,
): Transaction<void> {
  yield* run(
    build
      .updateTable('customer_cloudflare_connections')
      .set({ refresh_owner: null, refresh_until: until })
      .where('id', '=', connectionId)
      .where('token_version', '=', version)
      .where('refresh_owner', '=', owner),
  )
}

export function* keepTokens(
  build: Build,
  { connectionId, owner, version }: RefreshHold,
  tokens: SealedTokens,
): Transaction<boolean> {
  const kept = yield* first(
    build
      .updateTable('customer_cloudflare_connections')
      .set({
        ...tokenFields(tokens),
        token_version: version + 1,
        status: 'active',
        refresh_owner: null,
        refresh_until: 0,
      })
      .where('id', '=', connectionId)
      .where('token_version', '=', version)
      .where('refresh_owner', '=', owner)
      .returning('id'),
  )
  return kept !== undefined
}

export function* loseGrant(build: Build, connectionId: string, version: number): Transaction<void> {
  yield* run(
    build
      .updateTable('customer_cloudflare_connections')
      .set({ status: 'reconnect_required', refresh_owner: null, refresh_until: 0 })
      .where('id', '=', connectionId)
      .where('token_version', '=', version),
  )
}

export function* sealedTokens(build: Build): Transaction<readonly ConnectionRow[]> {
  const rows = yield* all(build.selectFrom('customer_cloudflare_connections').selectAll().orderBy('id'))
  return rows.map(connectionOfRow)
}

export function* resealTokens(
  build: Build,
  before: ConnectionRow,
  after: Pick<SealedTokens, 'accessToken' | 'refreshToken'>,
): Transaction<boolean> {
  const kept = yield* first(
    build
      .updateTable('customer_cloudflare_connections')
      .set({ access_token: after.accessToken, refresh_token: after.refreshToken })
      .where('id', '=', before.id)
      .where('token_version', '=', before.tokenVersion)
      .where('access_token', '=', before.accessToken)
      .returning('id'),
  )
  return kept !== undefined
}

function tokenFields({ accessToken, refreshToken, expiresAt, scope }: SealedTokens) {
  return { access_token: accessToken, refresh_token: refreshToken, token_expires_at: expiresAt, scope }
}

function connectionOfRow(row: Selectable<Schema['customer_cloudflare_connections']>): ConnectionRow {
  return {
    id: row.id,
    customerId: row.customer_id,
    kind: row.kind as ConnectionRow['kind'],
    status: row.status as ConnectionRow['status'],
    zoneId: row.cloudflare_zone_id,
    accessToken: row.access_token,
    refreshToken: row.refresh_token,
    expiresAt: row.token_expires_at,
    scope: row.scope,
    tokenVersion: row.token_version,
    connectedAt: row.connected_at,
    reviewedAt: row.reviewed_at,
    lastSyncAt: row.last_sync_at,
  }
}
