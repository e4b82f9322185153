import type { Selectable } from 'kysely'
import type { AuditRow } from '../accounts.ts'
import type { Schema } from '../schema.ts'
import { all, type Build, run, type Transaction } from '../transaction.ts'

/** A lot is one transaction, which others wait for. */
const ENTRIES_AT_ONCE = 1_000

export function* noteAudit(build: Build, entry: AuditRow, most: number): Transaction<void> {
  const { id, customerId, at, event, address, browser, detail } = entry
  yield* run(
    build.insertInto('audit').values({ id, customer_id: customerId, at, event, address, browser, detail }),
  )
  const beyond = build
    .selectFrom('audit')
    .select('id')
    .where('customer_id', '=', customerId)
    .where('event', '=', event)
    .orderBy('at', 'desc')
    .orderBy('id')
    .limit(ENTRIES_AT_ONCE)
    .offset(most)
  yield* run(build.deleteFrom('audit').where('id', 'in', beyond))
}

export function* auditOf(
  build: Build,
  customerId: string,
  limit: number,
  after?: Pick<AuditRow, 'at' | 'id'>,
): Transaction<readonly AuditRow[]> {
  let query = build
    .selectFrom('audit')
    .selectAll()
    .where('customer_id', '=', customerId)
    .orderBy('at', 'desc')
    .orderBy('id')
    .limit(limit)
  if (after !== undefined) {
    const { at, id } = after
    query = query.where((eb) => eb.or([eb('at', '<', at), eb.and([eb('at', '=', at), eb('id', '>', id)])]))
  }
  return (yield* all(query)).map(entryOf)
}

export function* forgetAudit(build: Build, before: number): Transaction<number> {
  const old = build
    .selectFrom('audit')
    .select('id')
    .where((eb) =>
      eb.or([
        eb('at', '<', before),
        // A request may end after its customer was removed, and a program of yesterday's removes nothing from here.
        eb('customer_id', 'not in', eb.selectFrom('customers').select('customers.id')),
      ]),
    )
    .limit(ENTRIES_AT_ONCE)
  return (yield* all(build.deleteFrom('audit').where('id', 'in', old).returning('id'))).length
}

function entryOf(row: Selectable<Schema['audit']>): AuditRow {
  const { id, customer_id, at, event, address, browser, detail } = row
  return { id, customerId: customer_id, at, event, address, browser, detail }
}
