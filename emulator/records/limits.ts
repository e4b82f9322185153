/** What a plan allows: Cloudflare's documentation of record attributes, batch changes and quotas, 2025 and 2026. */
import type { Plan } from '../state.ts'

export interface PlanLimits {
  /** Records in a zone, for zones created since September 2024. */
  readonly records: number
  readonly batchOperations: number
  readonly commentCharacters: number
  readonly tags: number
  readonly flattenSingleNames: boolean
  /** Seconds; 1 is automatic on every plan. */
  readonly minimumTtl: number
}

const PAID: PlanLimits = {
  records: 3_500,
  batchOperations: 3_500,
  commentCharacters: 500,
  tags: 20,
  flattenSingleNames: true,
  minimumTtl: 60,
}

export const PLAN_LIMITS: Readonly<Record<Plan, PlanLimits>> = {
  free: {
    records: 200,
    batchOperations: 200,
    commentCharacters: 100,
    tags: 0,
    flattenSingleNames: false,
    minimumTtl: 60,
  },
  pro: PAID,
  business: PAID,
  // The quota is the account's, not the zone's, in truth: a million since June 2026.
  enterprise: { ...PAID, records: 1_000_000, minimumTtl: 30 },
}

export const MAXIMUM_TTL = 86_400

/** All TXT of one name together, in characters (cloudflare-docs 30039). */
export const TXT_CHARACTERS_PER_NAME = 8_192
