import type { Change } from '#dns/plan.ts'
import { type ForeignRecord, isOther } from './input.ts'
import { growth, type OnboardingPlan, type ReviewedChange } from './review.ts'
import { choiceWords, listed } from './words.ts'
import { leads } from './zone-view.ts'

export type Chosen =
  | {
      readonly ok: true
      /** Deletes, patches, posts: the order in which Cloudflare carries out a batch. */
      readonly changes: readonly Change[]
      /** Records to be deleted in the same batch, of types that a Change cannot say. */
      readonly deletedOthers: readonly ForeignRecord[]
    }
  | { readonly ok: false; readonly problems: readonly ChoiceProblem[] }

export interface ChoiceProblem {
  readonly code:
    | 'plan-blocked'
    | 'change-unknown'
    | 'group-incomplete'
    | 'target-left-behind'
    | 'quota-exceeded'
  readonly message: string
  /** Ids of the rows that are missing from the choice; of unknown ones, the ids that were given. */
  readonly changes: readonly string[]
}

/**
 * What the ticked rows of a plan come to. Kept rows change nothing, ticked or not. Refused is what would leave a name
 * half moved: a part of a group, or a name that is to follow another one which stays behind.
 */
export function chosen(plan: OnboardingPlan, selectedIds: Iterable<string>): Chosen {
  const ids = new Set(selectedIds)
  const rows = plan.changes.filter(({ id, action }) => ids.has(id) && action !== 'keep')
  const problems = plan.blocked
    ? [{ code: 'plan-blocked' as const, message: plan.blocked.message, changes: [] }]
    : [...unknownIds(plan, ids), ...halfGroups(plan, ids), ...leftBehind(plan, ids), ...overQuota(plan, rows)]
  if (problems.length > 0) return { ok: false, problems }

  return {
    ok: true,
    changes: changesIn(rows),
    deletedOthers: rows.flatMap((row) =>
      row.action === 'delete' && isOther(row.current) ? [row.current] : [],
    ),
  }
}

/** What these rows come to, in Cloudflare's order. */
export function changesIn(rows: readonly ReviewedChange[]): Change[] {
  const changes = rows.flatMap(changeOf)
  return PHASES.flatMap((phase) => changes.filter(({ kind }) => kind === phase))
}

/** The ids that a plan advises. */
export function advised(plan: OnboardingPlan): string[] {
  return plan.changes.filter(({ selected }) => selected).map(({ id }) => id)
}

const PHASES: readonly Change['kind'][] = ['delete', 'patch', 'post']

function changeOf(row: ReviewedChange): Change[] {
  switch (row.action) {
    case 'add':
      return [{ kind: 'post', to: row.proposed }]
    case 'replace':
      return [{ kind: 'patch', record: row.current, to: row.proposed }]
    case 'delete':
      return isOther(row.current) ? [] : [{ kind: 'delete', record: row.current }]
    case 'keep':
      return []
  }
}

function unknownIds(plan: OnboardingPlan, ids: ReadonlySet<string>): ChoiceProblem[] {
  const known = new Set(plan.changes.map(({ id }) => id))
  const unknown = [...ids].filter((id) => !known.has(id))
  return unknown.length === 0
    ? []
    : [{ code: 'change-unknown', message: choiceWords.unknown, changes: unknown }]
}

function halfGroups(plan: OnboardingPlan, ids: ReadonlySet<string>): ChoiceProblem[] {
  const groups = new Map<string, ReviewedChange[]>()
  for (const row of plan.changes) {
    if (row.group !== undefined) groups.set(row.group, [...(groups.get(row.group) ?? []), row])
  }
  return [...groups.values()].flatMap((rows): ChoiceProblem[] => {
    const missing = rows.filter(({ id }) => !ids.has(id))
    if (missing.length === 0 || missing.length === rows.length) return []
    const message = choiceWords.half(listed([...new Set(rows.map(({ name }) => name))]))
    return [{ code: 'group-incomplete', message, changes: missing.map(({ id }) => id) }]
  })
}

/** A new CNAME to a name whose own move is not chosen would lead to the old server. */
function leftBehind(plan: OnboardingPlan, ids: ReadonlySet<string>): ChoiceProblem[] {
  const followers = plan.changes.filter(
    (row) =>
      ids.has(row.id) && (row.action === 'add' || row.action === 'replace') && row.proposed.type === 'CNAME',
  )
  return followers.flatMap((row): ChoiceProblem[] => {
    const target = 'proposed' in row ? row.proposed.value : undefined
    const missing = plan.changes.filter(
      ({ id, name, type, action }) =>
        (name as string) === target && leads({ type }) && action !== 'keep' && !ids.has(id),
    )
    if (missing.length === 0) return []
    const message = choiceWords.leftBehind(row.name, missing[0]!.name)
    return [{ code: 'target-left-behind', message, changes: missing.map(({ id }) => id) }]
  })
}

function overQuota({ zone, changes }: OnboardingPlan, rows: readonly ReviewedChange[]): ChoiceProblem[] {
  const quota = zone?.recordQuota
  if (quota === undefined || growth(rows) <= 0) return []
  const held = changes.filter(({ action }) => action !== 'add').length
  return held + growth(rows) <= quota
    ? []
    : [{ code: 'quota-exceeded', message: choiceWords.overQuota(quota), changes: [] }]
}
