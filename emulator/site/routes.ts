/** The addresses of the dashboard's side, and who answers at each. */
import { askForConsent, takeDecision } from '../oauth/consent.ts'
import { discovery, userInfo } from '../oauth/openid.ts'
import { issueTokens, revokeToken } from '../oauth/token.ts'
import type { SiteReply, SiteRequest } from './request.ts'
import { jsonReply } from './request.ts'
import type { Site } from './site.ts'
import { createToken, tokenForm } from './token-page.ts'

/** As scripts of faults and the log of calls name them. `refresh` is the token endpoint asked for a refresh. */
export const SITE_ROUTE_NAMES = [
  'authorize',
  'consent',
  'token',
  'refresh',
  'revoke',
  'userinfo',
  'discovery',
  'keys',
  'token-page',
] as const
export type SiteRouteName = (typeof SITE_ROUTE_NAMES)[number]

export interface SiteRoute {
  readonly name: SiteRouteName
  /** A person looks at the answer: chance leaves it alone. */
  readonly isPage: boolean
  answer(site: Site, request: SiteRequest): SiteReply
}

/** Undefined for addresses that are not the dashboard's: those are the API's to refuse. */
export function siteRouteFor(
  { designUrls }: Site,
  method: string,
  path: string,
  query: URLSearchParams,
  form: URLSearchParams | undefined,
): SiteRoute | undefined {
  const isOffered = ({ ofDesign }: Row) => designUrls || ofDesign !== true
  const rows = TABLE.filter((row) => row.path === path && isOffered(row) && (row.fits?.(query) ?? true))
  const row = rows.find((each) => each.method === method)
  if (row !== undefined) {
    const name = row.name === 'token' && form?.get('grant_type') === 'refresh_token' ? 'refresh' : row.name
    return { name, isPage: PAGES.includes(name), answer: row.answer }
  }
  const [other] = rows
  if (other === undefined) return undefined
  const allow = rows.map((each) => each.method).join(', ')
  return { name: other.name, isPage: PAGES.includes(other.name), answer: () => wrongMethod(method, allow) }
}

interface Row {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly name: SiteRouteName
  readonly ofDesign?: true
  readonly fits?: (query: URLSearchParams) => boolean
  readonly answer: (site: Site, request: SiteRequest) => SiteReply
}

const PAGES: readonly SiteRouteName[] = ['authorize', 'consent', 'token-page']

const TABLE: readonly Row[] = [
  { method: 'GET', path: '/oauth2/auth', name: 'authorize', answer: askForConsent },
  { method: 'GET', path: '/oauth2/authorize', name: 'authorize', ofDesign: true, answer: askForConsent },
  { method: 'POST', path: '/oauth2/consent', name: 'consent', answer: takeDecision },
  { method: 'POST', path: '/oauth2/token', name: 'token', answer: issueTokens },
  { method: 'POST', path: '/client/v4/oauth/token', name: 'token', ofDesign: true, answer: issueTokens },
  { method: 'POST', path: '/oauth2/revoke', name: 'revoke', answer: revokeToken },
  { method: 'GET', path: '/oauth2/userinfo', name: 'userinfo', answer: userInfo },
  { method: 'POST', path: '/oauth2/userinfo', name: 'userinfo', answer: userInfo },
  { method: 'GET', path: '/.well-known/openid-configuration', name: 'discovery', answer: discovery },
  {
    method: 'GET',
    path: '/.well-known/jwks.json',
    name: 'keys',
    answer: ({ openId }) => jsonReply(200, openId.keys()),
  },
  {
    method: 'GET',
    path: '/profile/api-tokens',
    name: 'token-page',
    answer: (site, request) => tokenForm(site, request, 'user'),
  },
  { method: 'POST', path: '/profile/api-tokens', name: 'token-page', answer: createToken },
  {
    method: 'GET',
    path: '/',
    name: 'token-page',
    fits: (query) => query.get('to') === '/:account/api-tokens',
    answer: (site, request) => tokenForm(site, request, 'account'),
  },
]

function wrongMethod(method: string, allow: string): SiteReply {
  const error_description = `There is no ${method} here; there is ${allow}.`
  return jsonReply(405, { error: 'invalid_request', error_description }, { allow })
}
