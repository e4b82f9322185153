import type { PatchFields } from '#dns/plan.ts'
import { type AnyRecord, isOther } from './input.ts'
import type { OnboardingPlan, ReviewedChange } from './review.ts'

/**
 * Everything that a plan depends on, as one text, to be hashed: the rows that change with the whole of the records they
 * change, the kept records at the same names, the warnings and what blocks it. Two plans with the same text ask the same
 * question, so a confirmation of one holds for the other; a bystander that came, went or changed makes no difference.
 * Reasons and messages are left out: rewording them does not outdate a plan.
 */
export function planText(plan: OnboardingPlan): string {
  const { domain, zone, changes, warnings, blocked } = plan
  const touched = new Set(changes.filter(({ action }) => action !== 'keep').map(({ name }) => name))
  if (plan.origin === undefined) touched.add(domain)
  const rows = changes.filter(({ name }) => touched.has(name)).map(rowText)
  return [
    ['takeover', 1, domain],
    ['zone', zone && [zone.id, zone.name, zone.status, zone.type, zone.paused]],
    ['blocked', blocked?.code ?? null],
    ...warnings.map(({ code, changes: ids = [] }) => ['warning', code, ...[...ids].sort()]),
    ...rows.map((row) => ['row', ...row]),
  ]
    .map((line) => JSON.stringify(line))
    .sort()
    .join('\n')
}

function rowText(row: ReviewedChange): readonly unknown[] {
  const { action, id, selected, group = null } = row
  return [
    action,
    id,
    selected,
    group,
    'current' in row ? recordText(row.current) : null,
    'proposed' in row ? proposedText(row.proposed) : null,
  ]
}

function proposedText({ value, ttl, proxied, comment }: PatchFields): readonly unknown[] {
  return [value, ttl, proxied, comment ?? null]
}

function recordText(record: AnyRecord): readonly unknown[] {
  const { name, type } = record
  if (isOther(record)) return [name, type, record.content]
  return [name, type, record.value, record.ttl, record.proxied, record.comment, record.readOnly]
}
