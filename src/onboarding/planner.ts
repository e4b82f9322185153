import { type Chosen, chosen } from './chosen.ts'
import type { OnboardingInput, OnboardingZone } from './input.ts'
import { planFor } from './origin-plan.ts'
import { planOnboarding } from './plan.ts'
import { planText } from './plan-text.ts'
import type { OnboardingPlan } from './review.ts'
import type { Planning } from './set-plan.ts'
import type { PlanOrigin } from './wanted-set.ts'
import { zonesFor } from './zone-choice.ts'

/** All that makes and reads reviews, for the room that keeps them and carries out what was chosen in them. */
export interface Planner {
  /** Of pointing a store at its server. */
  planOnboarding(input: OnboardingInput): OnboardingPlan
  /** Of putting record sets as somebody wants them. */
  planFor(zone: OnboardingZone, around: Planning, origin: PlanOrigin): OnboardingPlan
  planText(plan: OnboardingPlan): string
  chosen(plan: OnboardingPlan, selectedIds: Iterable<string>): Chosen
  readonly zonesFor: typeof zonesFor
}

export const planner: Planner = { planOnboarding, planFor, planText, chosen, zonesFor }
