/**
 * The errors that have been seen of Cloudflare, or that its documentation names: code, words, status, and whence we
 * know. What nobody has seen is in `unknowns.ts`; no other file of the emulator makes up a code.
 */
import { type ApiError, Refusal } from './wire.ts'

interface KnownError extends ApiError {
  readonly status: number
  /** The gateway writes its envelope in another key order than the DNS service does; `dns` when absent. */
  readonly from?: 'gateway'
  readonly source: string
}

/** `%s` in a message is for what the caller of `known` names. */
export const KNOWN_ERRORS = {
  missingCredentials: {
    status: 400,
    code: 9106,
    message: 'Missing X-Auth-Key, X-Auth-Email or Authorization headers',
    from: 'gateway',
    source: 'A live answer, 2026.',
  },
  malformedHeader: {
    status: 400,
    code: 6003,
    message: 'Invalid request headers',
    from: 'gateway',
    source: 'favonia/cloudflare-ddns, scheduled probe of authentication errors, June 2026.',
  },
  malformedKey: {
    status: 400,
    code: 6103,
    message: 'Invalid format for X-Auth-Key header',
    from: 'gateway',
    source: 'cloudflare-typescript issue 161; fixture of lego. In the chain of 6003.',
  },
  malformedAuthorization: {
    status: 400,
    code: 6111,
    message: 'Invalid format for Authorization header',
    from: 'gateway',
    source: 'favonia/cloudflare-ddns, June 2026. In the chain of 6003.',
  },
  unknownKey: {
    status: 403,
    code: 9103,
    message: 'Unknown X-Auth-Key or X-Auth-Email',
    from: 'gateway',
    source: 'Tests of octodns-cloudflare 1.2.0.',
  },
  unknownTokenAtVerify: {
    status: 401,
    code: 1000,
    message: 'Invalid API Token',
    from: 'gateway',
    source: 'A live answer, 2026; also for a good token of an account at the users’ endpoint (wrangler).',
  },
  unknownTokenAtZones: {
    status: 403,
    code: 9109,
    message: 'Invalid access token',
    from: 'gateway',
    source: 'favonia/cloudflare-ddns, scheduled probe, June 2026: /zones, /zones/:id and /accounts.',
  },
  unknownTokenAtDns: {
    status: 401,
    code: 10000,
    message: 'Authentication error',
    from: 'gateway',
    source: 'A live answer; favonia/cloudflare-ddns for product endpoints, June 2026.',
  },
  forbiddenAtZones: {
    status: 403,
    code: 9109,
    message: 'Unauthorized to access requested resource',
    from: 'gateway',
    source: 'octodns-cloudflare issue 60, and a live answer.',
  },
  forbiddenAtDns: {
    status: 403,
    code: 10000,
    message: 'Authentication error',
    from: 'gateway',
    source: 'Live logs; worded "Forbidden" as well since August 2026 (changelog of 2026-08-21).',
  },
  forbiddenAddress: {
    status: 403,
    code: 9109,
    message: 'Cannot use the access token from location: %s',
    from: 'gateway',
    source: 'Several live answers.',
  },
  accountTokenAtMemberships: {
    status: 400,
    code: 9106,
    message: 'Authentication failed',
    from: 'gateway',
    source: 'wrangler (cloudflare/workers-sdk), August 2026; likely.',
  },
  noRoute: {
    status: 400,
    code: 7003,
    message: 'Could not route to %s, perhaps your object identifier is invalid?',
    from: 'gateway',
    source: 'Example of cloudflare/api-schemas, and many logs. Its status is an unknown.',
  },
  noRouteForUri: {
    status: 400,
    code: 7000,
    message: 'No route for that URI',
    from: 'gateway',
    source: 'Together with 7003 in many logs.',
  },
  nameInvalid: {
    status: 400,
    code: 9000,
    message: 'DNS name is invalid.',
    source: 'A live answer to the body {}.',
  },
  proxiedTarget: {
    status: 400,
    code: 9003,
    message: 'Target %s is not allowed for a proxied record.',
    source: 'Logs of external-dns, 2026.',
  },
  aContent: {
    status: 400,
    code: 9005,
    message: 'Content for A record must be a valid IPv4 address.',
    source: 'Live answers.',
  },
  aaaaContent: {
    status: 400,
    code: 9006,
    message: 'Content for AAAA record must be a valid IPv6 address.',
    source: 'By analogy with 9005; likely.',
  },
  cnameContent: {
    status: 400,
    code: 9007,
    message: 'Content for CNAME record is invalid.',
    source: 'Live answers.',
  },
  mxContent: {
    status: 400,
    code: 9009,
    message: 'Content for MX record must be a hostname.',
    source: 'Live answers.',
  },
  ttlRange: {
    status: 400,
    code: 9021,
    message: 'Invalid TTL. Must be between %s and 86,400 seconds, or 1 for Automatic',
    source: 'Live answers; 60 in all of them, 30 for Enterprise from the documentation of TTL.',
  },
  dataMissing: {
    status: 400,
    code: 9101,
    message: '%s is a required data field.',
    source: 'apache/libcloud issue 1512.',
  },
  malformedBody: {
    status: 400,
    code: 9207,
    message: 'Request body is invalid.',
    source: 'favonia/cloudflare-ddns issue 1026.',
  },
  contentType: {
    status: 400,
    code: 9207,
    message: 'Content-type must be application/json.',
    source: 'cloudflare-cli issue 63.',
  },
  tagQuota: {
    status: 400,
    code: 9300,
    message: 'DNS record has %s tags, exceeding the quota of %s.',
    source: 'STRRL/cloudflare-tunnel-ingress-controller issues 139 and 168.',
  },
  commentLength: {
    status: 400,
    code: 9313,
    message: 'DNS record comment exceeds the maximum length of %s characters.',
    source: 'STRRL/cloudflare-tunnel-ingress-controller issues 139 and 168.',
  },
  recordMissing: {
    status: 404,
    code: 81044,
    message: 'Record does not exist.',
    source: 'Live answers.',
  },
  recordQuota: {
    status: 400,
    code: 81045,
    message: 'Record quota exceeded.',
    source: 'Live answers.',
  },
  hostExists: {
    status: 400,
    code: 81053,
    message:
      'An A, AAAA, or CNAME record with that host already exists. For more details, refer to <https://developers.cloudflare.com/dns/manage-dns-records/troubleshooting/records-with-same-name/>.',
    source: 'Live answers, and Cloudflare docs, "Records with same name".',
  },
  cnameExists: {
    status: 400,
    code: 81054,
    message:
      'A CNAME record with that host already exists. For more details, refer to <https://developers.cloudflare.com/dns/manage-dns-records/troubleshooting/records-with-same-name/>.',
    source: 'favonia/cloudflare-ddns issue 990; Cloudflare docs, "Records with same name".',
  },
  nsExists: {
    status: 400,
    code: 81056,
    message: 'NS records with that host already exist.',
    source: 'Cloudflare docs, "Existing NS record".',
  },
  identicalExists: {
    status: 400,
    code: 81058,
    message: 'An identical record already exists.',
    source: 'Recorded in August 2025.',
  },
} as const satisfies Readonly<Record<string, KnownError>>

export type KnownErrorId = keyof typeof KNOWN_ERRORS

/** The refusal named `id`; each of `words` takes the place of a `%s`. */
export function known(id: KnownErrorId, ...words: readonly (string | number)[]): Refusal {
  const { status, from }: KnownError = KNOWN_ERRORS[id]
  return new Refusal(status, knownError(id, ...words), from ?? 'dns')
}

/** As it stands in a list of errors. */
export function knownError(id: KnownErrorId, ...words: readonly (string | number)[]): ApiError {
  const left = words.map(String)
  const { code, message } = KNOWN_ERRORS[id]
  return { code, message: message.replace(/%s/g, () => left.shift() ?? '') }
}

/** Among the messages of a verify endpoint; `type: null` as in craft-cloudflare issue 88, May 2026. */
export const TOKEN_IS_ACTIVE = { code: 10000, message: 'This API Token is valid and active', type: null }

/** What the emulator has not got: 501, with a code that Cloudflare does not use so. */
export function notEmulated(what: string): Refusal {
  return new Refusal(501, {
    code: 1000,
    message: `The emulator has no ${what}; docs/emulator.md lists what it has.`,
  })
}
