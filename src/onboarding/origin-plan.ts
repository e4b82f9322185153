import { keyOf } from '#dns/record-set.ts'
import type { OnboardingZone } from './input.ts'
import type { OnboardingPlan } from './review.ts'
import { type Planning, planSets } from './set-plan.ts'
import { inverseOf, type Undone } from './undo.ts'
import type { PlanOrigin } from './wanted-set.ts'

/** The review that an origin gives of a zone: the same whenever the zone is the same. */
export function planFor(zone: OnboardingZone, around: Planning, origin: PlanOrigin): OnboardingPlan {
  return origin.undoes ? planUndo(zone, around, origin, origin.undoes) : planSets(zone, around, origin)
}

/** What would be lost with a set that was changed again since is not advised, and nor is what goes with it. */
function planUndo(
  zone: OnboardingZone,
  around: Planning,
  origin: PlanOrigin,
  { changed }: Undone,
): OnboardingPlan {
  const { wanted, notes, changedSince } = inverseOf(changed, around.records)
  const plan = planSets(zone, around, { ...origin, wanted, notes })
  const doubtful = new Set(plan.changes.flatMap((row) => (changedSince.has(keyOf(row)) && row.group) || []))
  return {
    ...plan,
    changes: plan.changes.map((row) =>
      row.group !== undefined && doubtful.has(row.group) ? { ...row, selected: false } : row,
    ),
    origin,
  }
}
