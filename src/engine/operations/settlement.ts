import type { ForeignRecord, ZoneRecord } from '#dns/record.ts'
import { type BySet, bySet, keyOf } from '#dns/record-set.ts'
import type { BatchDone } from '#providers/provider.ts'
import type { Intent } from '#store/declared.ts'
import type { Dispatch, SettledSet, Settlement } from '#store/operations.ts'
import { isFulfilled, recordsOfSet } from '../declared/decide.ts'

/**
 * What a definite success means for each intent of a dispatch. Cloudflare's own words about the records are what we
 * keep. Where it keeps something else than was asked for, the intent is refused with both: asking again would go on
 * for ever.
 */
export function settlementOf(
  dispatch: Dispatch,
  done: BatchDone,
  before: readonly (ZoneRecord | ForeignRecord)[],
  at: number,
): Settlement {
  const after = recordsAfter(done, before)
  const sets = { before: bySet(before), after: bySet(after) }
  return { at, ...done, sets: dispatch.intents.map((intent) => settledSet(intent, sets.before, sets.after)) }
}

/** Cloudflare's own words about the records that it changed, and those of before that it left. */
export function recordsAfter(
  { deleted, patched, created }: BatchDone,
  before: readonly (ZoneRecord | ForeignRecord)[],
): readonly (ZoneRecord | ForeignRecord)[] {
  const changed = new Map([...patched, ...created].map((record) => [record.id, record]))
  const gone = new Set(deleted)
  return [...before.filter(({ id }) => !gone.has(id) && !changed.has(id)), ...changed.values()]
}

function settledSet(
  intent: Intent,
  before: BySet<ZoneRecord | ForeignRecord>,
  after: BySet<ZoneRecord | ForeignRecord>,
): SettledSet {
  const held = recordsOfSet(intent, after)
  const settled = { intent, before: recordsOfSet(intent, before), after: held }
  if (isFulfilled(intent, after)) return settled
  const kept = held.map(({ value, ttl }) => `${ttl} ${value}`).join(', ') || 'nothing'
  return {
    ...settled,
    refusal: {
      code: 'refused',
      message: `Cloudflare took ${keyOf(intent.key)} and keeps something else: ${kept}.`.slice(0, 400),
      details: { reason: 'KEPT_DIFFERENTLY' },
    },
  }
}
