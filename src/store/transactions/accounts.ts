import { type Selectable, sql } from 'kysely'
import type { Name } from '#dns/name.ts'
import type { CustomerRow, HostIdentity } from '../accounts.ts'
import type { Schema } from '../schema.ts'
import { all, type Build, first, run, type Transaction } from '../transaction.ts'

export function* addCustomer(
  build: Build,
  customer: CustomerRow,
  identity?: HostIdentity,
): Transaction<boolean> {
  const added = yield* first(
    build
      .insertInto('customers')
      .values({
        ...fieldsOf(customer),
        id: customer.id,
        created_at: customer.createdAt,
        sso_issuer: identity?.issuer ?? null,
        sso_subject: identity?.subject ?? null,
      })
      .onConflict((conflict) => conflict.doNothing())
      .returning('id'),
  )
  return added !== undefined
}

export function* changeCustomer(build: Build, customer: CustomerRow): Transaction<boolean> {
  const { id, email, domain } = customer
  const before = yield* first(domainLocked(build, id))
  const taken = build.selectFrom('customers').select('id').where('email', '=', email).where('id', '!=', id)
  const changed = yield* first(
    build
      .updateTable('customers')
      .set(fieldsOf(customer))
      .where('id', '=', id)
      .where(({ not, exists }) => not(exists(taken)))
      .returning('id'),
  )
  if (changed === undefined) return false
  // Another name is in another zone, maybe, and in any case to be reviewed.
  if (before?.domain !== domain) {
    yield* run(
      build
        .updateTable('customer_cloudflare_connections')
        .set({ cloudflare_zone_id: null, reviewed_at: null })
        .where('customer_id', '=', id),
    )
  }
  return true
}

/** An update that changes nothing, because it locks the row in every database. */
function domainLocked(build: Build, id: string) {
  return build
    .updateTable('customers')
    .set((eb) => ({ domain: eb.ref('domain') }))
    .where('id', '=', id)
    .returning('domain')
}

export function* customerById(build: Build, id: string): Transaction<CustomerRow | undefined> {
  const row = yield* first(build.selectFrom('customers').selectAll().where('id', '=', id))
  return row && customerOf(row)
}

export function* customerByEmail(build: Build, email: string): Transaction<CustomerRow | undefined> {
  const row = yield* first(build.selectFrom('customers').selectAll().where('email', '=', email))
  return row && customerOf(row)
}

export function* customerByIdentity(
  build: Build,
  { issuer, subject }: HostIdentity,
): Transaction<CustomerRow | undefined> {
  const row = yield* first(
    build
      .selectFrom('customers')
      .selectAll()
      .where('sso_issuer', '=', issuer)
      .where('sso_subject', '=', subject),
  )
  return row && customerOf(row)
}

export function* allCustomers(build: Build): Transaction<readonly CustomerRow[]> {
  const rows = yield* all(build.selectFrom('customers').selectAll().orderBy('email'))
  return rows.map(customerOf)
}

/** In every table with rows of customers. */
const TABLES_OF_CUSTOMERS = [
  'sessions',
  'oauth_states',
  'customer_cloudflare_connections',
  'dns_records_cache',
  'takeover_plans',
  'limits',
  'edits',
  'history',
  'audit',
] as const

export function* removeCustomer(build: Build, id: string): Transaction<boolean> {
  const removed = yield* first(build.deleteFrom('customers').where('id', '=', id).returning('id'))
  yield* run(
    build
      .deleteFrom('zones')
      .where('credential', 'in', (eb) =>
        eb
          .selectFrom('customer_cloudflare_connections')
          .select(sql<string>`'connection:' || id`.as('credential'))
          .where('customer_id', '=', id),
      ),
  )
  for (const table of TABLES_OF_CUSTOMERS) {
    yield* run(build.deleteFrom(table).where('customer_id', '=', id))
  }
  return removed !== undefined
}

function fieldsOf({ email, passwordHash, domain, ipv4, ipv6, host, servesWww }: CustomerRow) {
  return {
    email,
    password_hash: passwordHash,
    domain,
    target_ipv4: JSON.stringify(ipv4),
    target_ipv6: JSON.stringify(ipv6),
    target_host: host,
    serves_www: servesWww === null ? null : servesWww ? 1 : 0,
  }
}

function customerOf(row: Selectable<Schema['customers']>): CustomerRow {
  return {
    id: row.id,
    email: row.email,
    passwordHash: row.password_hash,
    domain: row.domain as Name,
    ipv4: JSON.parse(row.target_ipv4),
    ipv6: JSON.parse(row.target_ipv6),
    host: row.target_host as Name | null,
    servesWww: row.serves_www === null ? null : row.serves_www === 1,
    createdAt: row.created_at,
  }
}
