/** What a plan allows: Cloudflare's documentation of record attributes, batch changes and quotas, 2025 and 2026. */
import type { Plan } from '../state.ts'

export interface PlanLimits {
  /** Records in a zone, for zones created since September 2024. */
  readonly records: number
  readonly batchOperations: number
  readonly commentCharacters: number
  readonly tags: number
  readonly flattenSingleNames: boolean
}

export const PLAN_LIMITS: Readonly<Record<Plan, PlanLimits>> = {
  free: { records: 200, batchOperations: 200, commentCharacters: 100, tags: 0, flattenSingleNames: false },
  pro: { records: 3_500, batchOperations: 3_500, commentCharacters: 500, tags: 20, flattenSingleNames: true },
}

export const MINIMUM_TTL = 60
export const MAXIMUM_TTL = 86_400

/** All TXT of one name together, in characters (cloudflare-docs 30039). */
export const TXT_CHARACTERS_PER_NAME = 8_192
