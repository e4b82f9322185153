import type { Name } from '#dns/name.ts'
import { ProviderError } from '#providers/provider.ts'
import { StoreError } from '#store/store.ts'
import { DnsError } from '../errors.ts'
import { providerErrorOf } from '../operations/provider-errors.ts'

/** What happened, for whoever asked by hand. Our own mistakes travel on as they are. */
export function inWords(error: unknown): unknown {
  if (error instanceof StoreError) {
    return new DnsError(
      'store-unavailable',
      "Our database isn't responding. Nothing was changed. Try again in a few seconds.",
      {
        retryAfterSeconds: 5,
        cause: error,
      },
    )
  }
  return error instanceof ProviderError ? providerErrorInWords(error) : error
}

/** Cloudflare's trouble, said to the owner of the grant. */
export function providerErrorInWords(error: ProviderError): DnsError {
  const { code, message, details, retryAfterSeconds } = providerErrorOf(error)
  const words = OF_THE_GRANT[error.kind] ?? message
  return new DnsError(code, words, {
    details,
    cause: error,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  })
}

export const words = {
  noRecord: 'There is no such record; it may have been deleted.',
  noEntry: 'There is no such change; it may be too old.',
  noZone: 'There is no such domain in this connection.',
  outOfDate:
    'This record was changed at Cloudflare since it was shown; look at it again before you change it.',
  goneAtCloudflare: 'This record was deleted at Cloudflare since it was shown.',
  someOutOfDate: (count: number) =>
    `${count} of these records ${count === 1 ? 'was' : 'were'} changed or deleted at Cloudflare since they were shown; nothing was deleted. Look at them again.`,
  much: "This would delete many records, or a name's last mail server. Nothing was deleted. Confirm to continue.",
  typeFixed: 'The type of a record cannot be changed; delete it and add a new one.',
  identical: (name: Name, type: string) => `${name} already has this ${type} record.`,
  secondCname: (name: Name) => `${name} already has a CNAME, and can have only one; change that one.`,
  late: 'There was no time left to change this; nothing was changed. Try again.',
  noAnswer: 'Cloudflare did not answer in time. Nothing was changed; try again.',
  busy: 'This domain is being changed elsewhere at the moment; nothing was changed. Try again shortly.',
  oldList:
    "Cloudflare's list of your records does not agree yet with what we last saw there. Nothing was changed. Try again in a few seconds.",
  beingChecked: (name: Name) =>
    `An earlier change at ${name} is still being checked; wait until its outcome is known.`,
  notCarriedOut: 'Cloudflare did not make this change. Nothing was changed; try again.',
  changedMeanwhile:
    'These records were changed elsewhere at the same time; look at them before you try again.',
  cannotLook:
    'The connection to Cloudflare was removed before this change could be checked. Look at the records at Cloudflare.',
  planOutOfDate: 'The domain was changed since this review was made; here is a new one.',
  planTooOld: 'This review is too old to be confirmed; here is a new one.',
  tooMuch: (most: number) => `More than ${most} changes do not fit into one step; select less.`,
} as const

const OF_THE_GRANT: Partial<Record<ProviderError['kind'], string>> = {
  unauthorised:
    'Cloudflare does not accept this connection, or does not let it do this. Reconnect Cloudflare.',
  'zone-missing': 'Cloudflare does not show this domain to this connection any more.',
}
