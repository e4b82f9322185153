import type { SessionCustomer } from '#faces/dashboard/api.ts'

/**
 * The records that lead a store's names to it, a line each, as any provider's form asks for them; none where it is not
 * known where stores are.
 *
 *     example.com  A  203.0.113.10
 *     www.example.com  CNAME  example.com
 */
export function linesToSet({ domain, targets }: Pick<SessionCustomer, 'domain' | 'targets'>): string[] {
  const { ipv4, ipv6, host, servesWww } = targets
  const addresses = [...ipv4.map((ip) => `A  ${ip}`), ...ipv6.map((ip) => `AAAA  ${ip}`)]
  const own = addresses.length > 0 ? addresses : host === undefined ? [] : [`CNAME  ${host}`]
  if (own.length === 0) return []
  const www = servesWww && !domain.startsWith('www.') ? [`www.${domain}  CNAME  ${domain}`] : []
  return [...own.map((line) => `${domain}  ${line}`), ...www]
}
