/** The batch: deletes, patches, puts, posts, in that order whatever the JSON says, all or nothing. */
import { chosenRefusal } from '../unknowns.ts'
import type { BatchRequest } from './fields.ts'
import { PLAN_LIMITS } from './limits.ts'
import { type RecordBody, recordBody } from './record.ts'
import { createRecord, deleteRecord, patchRecord, replaceRecord, type WriteContext } from './write.ts'

export interface BatchResult {
  readonly deletes?: readonly RecordBody[]
  readonly patches?: readonly RecordBody[]
  readonly puts?: readonly RecordBody[]
  readonly posts?: readonly RecordBody[]
}

/**
 * Runs inside the zone's transaction: the first refusal travels up and undoes everything before it.
 * Each operation is checked against what the ones before it left (so a CNAME can follow a deleted A).
 */
export function runBatch(context: WriteContext, request: BatchRequest): BatchResult {
  const { plan, batchOperations: limit = PLAN_LIMITS[plan].batchOperations } = context.zone
  if (operationsIn(request) > limit) throw chosenRefusal(context.choices.batchTooLarge)

  const deletes = request.deletes.map(({ id }) => recordBody(deleteRecord(context, id)))
  const patches = request.patches.map(({ id, fields }) => recordBody(patchRecord(context, id, fields)))
  const puts = request.puts.map(({ id, fields }) => recordBody(replaceRecord(context, id, fields)))
  const posts = request.posts.map((fields) => recordBody(createRecord(context, fields)))

  const result = { deletes, patches, puts, posts }
  if (context.choices.batchEmptyLists === 'empty') return result
  return Object.fromEntries(Object.entries(result).filter(([, bodies]) => bodies.length > 0))
}

export function operationsIn({ deletes, patches, puts, posts }: BatchRequest): number {
  return deletes.length + patches.length + puts.length + posts.length
}
