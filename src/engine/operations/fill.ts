import { operationCount } from '#dns/plan.ts'
import type { Decision } from '../declared/decide.ts'

/**
 * As many decisions as one batch holds, in their order; a decision is never split. One that does not fit is left for
 * the next batch, and smaller ones behind it may still go.
 */
export function fillBatch<Item extends Pick<Decision, 'changes'>>(
  decisions: readonly Item[],
  limit: number,
): Item[] {
  let room = limit
  return decisions.filter(({ changes }) => {
    const operations = operationCount(changes)
    if (operations > room) return false
    room -= operations
    return true
  })
}
