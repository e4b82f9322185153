import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chosen } from '#onboarding/chosen.ts'
import { type AnyRecord, isOther, type OnboardingZone } from '#onboarding/input.ts'
import { planFor } from '#onboarding/origin-plan.ts'
import { planOnboarding } from '#onboarding/plan.ts'
import type { OnboardingPlan } from '#onboarding/review.ts'
import { anyInput, applied, zoneLines } from '#onboarding/testing.ts'
import { differingSets } from '../operations/record-text.ts'

test('any onboarding, by any choice, leaves the zone as it was but for ids once it is undone', () => {
  const counts = { moved: 0 }
  fc.assert(
    fc.property(anyInput, fc.infiniteStream(fc.boolean()), ({ records: any, ...input }, coins) => {
      // HTTPS and others that only can go are told of instead.
      const records = any.filter((record) => !isOther(record))
      const plan = planOnboarding({ ...input, records })
      if (plan.blocked) return
      const choice = anyChoice(plan, () => coins.next().value)
      const taken = applied(records, plan, choice)
      const undo = inverseOf(input.zone!, records, taken)
      expect(undo.warnings.map(({ code }) => code)).not.toContain('set-locked')
      const back = applied(taken, undo, changing(undo))
      expect(zoneLines(back)).toEqual(zoneLines(records))
      counts.moved += choice.length > 0 ? 1 : 0
    }),
    { numRuns: 300 },
  )
  expect(counts.moved).toBeGreaterThan(50)
})

/** Whole groups, by coin; all that is proposed where such a choice is refused. */
function anyChoice(plan: OnboardingPlan, coin: () => boolean): readonly string[] {
  const groups = new Map<string, boolean>()
  for (const { group = '' } of plan.changes) if (!groups.has(group)) groups.set(group, coin())
  const all = changing(plan)
  const some = plan.changes.filter(({ id, group = '' }) => all.includes(id) && groups.get(group))
  const ids = some.map(({ id }) => id)
  return chosen(plan, ids).ok ? ids : all
}

function changing({ changes }: OnboardingPlan): string[] {
  return changes.filter(({ action }) => action !== 'keep').map(({ id }) => id)
}

function inverseOf(
  zone: OnboardingZone,
  before: readonly AnyRecord[],
  records: readonly AnyRecord[],
): OnboardingPlan {
  const undoes = { entry: 'the takeover', at: 0, changed: differingSets(before, records) }
  const origin = { kind: 'undo', wanted: [], notes: [], undoes } as const
  return planFor(zone, { records, keptBy: new Map(), batchLimit: 200, hash: String }, origin)
}
