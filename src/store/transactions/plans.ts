import type { Holder, KeptPlan } from '../edits.ts'
import { planFrom, planRow } from '../rows.ts'
import { type Build, first, run, type Transaction } from '../transaction.ts'

/** Of one customer. Whoever changes a zone and reviews it again and again would fill the disk: each shows every record. */
const PLANS_KEPT = 5

export function* keepPlan(build: Build, plan: KeptPlan): Transaction<void> {
  const { customerId, createdAt } = plan
  const newest = build
    .selectFrom('takeover_plans')
    .select('id')
    .where('customer_id', '=', customerId)
    .where('expires_at', '>', createdAt)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .limit(PLANS_KEPT - 1)
  yield* run(
    build
      .deleteFrom('takeover_plans')
      .where('customer_id', '=', customerId)
      .where('id', 'not in', (eb) => eb.selectFrom(newest.as('newest')).select('newest.id')),
  )
  yield* run(build.insertInto('takeover_plans').values(planRow(plan)))
}

export function* planOf(
  build: Build,
  holder: Holder,
  id: string,
  now: number,
): Transaction<KeptPlan | undefined> {
  const row = yield* first(plansOf(build, holder, now).where('id', '=', id))
  return row && planFrom(row)
}

export function* planMadeFrom(
  build: Build,
  holder: Holder,
  fingerprint: string,
  now: number,
): Transaction<KeptPlan | undefined> {
  const row = yield* first(
    plansOf(build, holder, now).where('fingerprint', '=', fingerprint).orderBy('created_at', 'desc').limit(1),
  )
  return row && planFrom(row)
}

function plansOf(build: Build, { customerId, connectionId }: Holder, now: number) {
  return build
    .selectFrom('takeover_plans')
    .selectAll()
    .where('customer_id', '=', customerId)
    .where('connection_id', '=', connectionId)
    .where('expires_at', '>', now)
}
