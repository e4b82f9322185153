import type { Name } from '#dns/name.ts'
import type { ZoneRecord } from '#dns/record.ts'
import type { Observed } from './input.ts'
import { leads, targetOf, type ZoneView } from './zone-view.ts'

/**
 * The Cloudflare product that serves this name, by the records that it leaves there or by what was observed. Such a name
 * is given up in the product, not in its records (Cloudflare docs of each product, 2026).
 */
export function productAt(view: ZoneView, name: Name, observed: Observed): string | undefined {
  const told = observed.products?.find((each) => each.name === name)?.product
  const ofRecords = view.at(name).filter(leads).map(productOf).find(Boolean)
  // An address or CNAME that does not read as one can be nobody's but Cloudflare's.
  const isUnreadable = view.othersAt(name).some(leads)
  return told ?? ofRecords ?? (isUnreadable ? SOME_PRODUCT : undefined)
}

/** A proxied record whose address is nobody's, for a name that is served by a redirect rule or a Worker route. */
export function placeholderAt(view: ZoneView, name: Name): ZoneRecord | undefined {
  return view.at(name).find(isPlaceholder)
}

/** The addresses that Cloudflare's pages tell people to use for it ("Proxy status", "Redirects", 2026). */
export function isPlaceholder({ type, value, proxied }: ZoneRecord): boolean {
  return proxied && ((type === 'A' && value === '192.0.2.1') || (type === 'AAAA' && value === ORIGINLESS))
}

const ORIGINLESS = '100::'
const SOME_PRODUCT = 'another Cloudflare product'

const PRODUCTS_BY_TARGET: readonly (readonly [suffix: string, product: string])[] = [
  ['cfargotunnel.com', 'Cloudflare Tunnel'],
  ['public.r2.dev', 'Cloudflare R2'],
  ['pages.dev', 'Cloudflare Pages'],
]

function productOf(record: ZoneRecord): string | undefined {
  const target = record.type === 'CNAME' ? targetOf(record) : undefined
  const [, product] =
    PRODUCTS_BY_TARGET.find(([suffix]) => target === suffix || target?.endsWith(`.${suffix}`)) ?? []
  if (product !== undefined) return product
  if (!record.readOnly) return undefined
  return record.type === 'AAAA' && record.value === ORIGINLESS ? 'a Cloudflare Worker' : SOME_PRODUCT
}
