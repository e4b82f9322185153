/** `page` and `per_page`, and the part of a list that they name. */
import { known } from './errors.ts'
import type { UnknownChoices } from './unknowns.ts'
import type { ResultInfo } from './wire.ts'

export interface PageLimits {
  readonly perPage: number
  readonly minimum: number
  readonly maximum: number
}

export interface Page<T> {
  readonly items: readonly T[]
  readonly info: ResultInfo
}

/** Past the last page: an empty list with 200. An empty list has one page, not none. */
export function pageOf<T>(
  items: readonly T[],
  query: URLSearchParams,
  limits: PageLimits,
  choices: UnknownChoices,
): Page<T> {
  const page = Math.max(1, wholeNumber(query.get('page')) ?? 1)
  const per_page = perPage(query, limits, choices)
  const shown = items.slice((page - 1) * per_page, page * per_page)
  const total_pages = Math.max(1, Math.ceil(items.length / per_page))
  return {
    items: shown,
    info: { page, per_page, count: shown.length, total_count: items.length, total_pages },
  }
}

function perPage(query: URLSearchParams, limits: PageLimits, choices: UnknownChoices): number {
  const asked = wholeNumber(query.get('per_page')) ?? limits.perPage
  const inRange = asked >= limits.minimum && asked <= limits.maximum
  if (!inRange && choices.perPageOutOfRange === 'refuse') throw known('malformedBody')
  return Math.min(limits.maximum, Math.max(limits.minimum, asked))
}

function wholeNumber(text: string | null): number | undefined {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : undefined
}
