import type { ProviderError, ProviderErrorKind } from '#providers/provider.ts'
import type { Refused } from '#store/declared.ts'
import { DnsError, type DnsErrorCode } from '../errors.ts'

/** Cloudflare's trouble in the words of this room. Passing trouble is never a refusal. */
export function providerErrorOf(error: ProviderError): DnsError {
  const { code, words } = meaning[error.kind]
  const retryAfterSeconds = Math.min(300, Math.max(1, Math.ceil((error.retryAfterMs ?? 5_000) / 1000)))
  return new DnsError(code, words, { retryAfterSeconds, cause: error, details: detailsOf(error) })
}

/** A definite no from Cloudflare, in its own words. */
export function refusalOf(error: ProviderError): Refused['refusal'] {
  return {
    code: error.kind === 'quota' ? 'quota-exceeded' : 'refused',
    message: error.message,
    details: detailsOf(error),
  }
}

export function refusedError({ code, message, details }: Refused['refusal']): DnsError {
  return new DnsError(code, message, { details })
}

const REFUSED = {
  code: 'cloudflare-unavailable',
  words: 'Cloudflare refused to list the records; try again shortly.',
} as const

const meaning: Record<ProviderErrorKind, { code: DnsErrorCode; words: string }> = {
  unreachable: { code: 'cloudflare-unavailable', words: 'Cloudflare cannot be reached; try again shortly.' },
  timeout: {
    code: 'cloudflare-unavailable',
    words: 'Cloudflare did not answer in time; try again shortly.',
  },
  'rate-limited': {
    code: 'rate-limited',
    words: 'The call limit of Cloudflare is reached; try again later.',
  },
  'breaker-open': {
    code: 'cloudflare-unavailable',
    words: 'Cloudflare is not answering; try again shortly.',
  },
  unauthorised: {
    code: 'credential-refused',
    words: 'Cloudflare does not accept the credential of this server, or it lacks a permission.',
  },
  'zone-missing': {
    code: 'zone-unavailable',
    words:
      "Cloudflare does not show this zone to this server's credential; it may have been deleted or moved.",
  },
  refused: REFUSED,
  'stale-view': REFUSED,
  quota: REFUSED,
  'server-error': {
    code: 'cloudflare-unavailable',
    words: 'Cloudflare failed with a server error; try again shortly.',
  },
  unreadable: {
    code: 'cloudflare-unavailable',
    words: 'The answer of Cloudflare could not be read; try again.',
  },
  'too-large': {
    code: 'cloudflare-unavailable',
    words: 'Cloudflare sent a larger answer than this server takes.',
  },
  'too-many': {
    code: 'zone-unavailable',
    words: 'The zone has more records than this server keeps, which is 20,000.',
  },
  'incomplete-list': {
    code: 'cloudflare-unavailable',
    words: 'The zone changed while it was read; try again.',
  },
}

function detailsOf({ details, kind }: ProviderError): Record<string, unknown> {
  return {
    ...details,
    ...(kind === 'unauthorised' ? { reason: 'UPSTREAM_AUTH' } : {}),
    ...(kind === 'zone-missing' ? { reason: 'ZONE_UNAVAILABLE' } : {}),
  }
}
