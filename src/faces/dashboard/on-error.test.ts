import { describe, expect, test } from 'vitest'
import { CustomerError, type CustomerErrorCode } from '#accounts/errors.ts'
import { DnsError, type EditErrorCode } from '#engine/errors.ts'
import { StoreError } from '#store/store.ts'
import { errorAnswer, RECONNECT_REQUIRED, RefusedRequest, refusalFor } from './on-error.ts'
import { newRecord, recordId } from './testing.ts'

/** `status code`, and the seconds to wait where the error does not know them. */
const CUSTOMER_TABLE: Readonly<Record<CustomerErrorCode, string>> = {
  'wrong-credentials': '401 UNAUTHENTICATED',
  'rate-limited': '429 RATE_LIMITED 60',
  'oauth-denied': '409 CONFLICT',
  'oauth-state': '409 CONFLICT',
  'oauth-failed': '409 CONFLICT',
  'permission-missing': '422 INVALID_INPUT token',
  'token-invalid': '422 INVALID_INPUT token',
  'host-token-invalid': '401 UNAUTHENTICATED',
  'email-taken': '409 CONFLICT',
  'reconnect-required': '409 RECONNECT_REQUIRED',
  'not-connected': '409 NOT_CONNECTED',
  'cloudflare-unavailable': '503 CLOUDFLARE_UNAVAILABLE 10',
}

const DNS_TABLE: Readonly<Record<EditErrorCode, string>> = {
  'zone-not-found': '409 ZONE_NOT_FOUND',
  'zone-unavailable': '409 ZONE_BLOCKED',
  'zone-read-only': '409 ZONE_BLOCKED',
  conflict: '409 CONFLICT',
  refused: '422 CLOUDFLARE_REFUSED',
  'quota-exceeded': '422 CLOUDFLARE_REFUSED',
  'rate-limited': '429 RATE_LIMITED 30',
  'cloudflare-unavailable': '503 CLOUDFLARE_UNAVAILABLE 10',
  'stale-view': '503 CLOUDFLARE_UNAVAILABLE 10',
  'credential-refused': '409 RECONNECT_REQUIRED',
  deadline: '503 CLOUDFLARE_UNAVAILABLE 5',
  'store-unavailable': '503 SERVER_ERROR 5',
  'record-missing': '404 NOT_FOUND',
  locked: '409 CONFLICT',
  'out-of-date': '409 CONFLICT',
  'plan-out-of-date': '409 PLAN_OUT_OF_DATE',
  'zone-blocked': '409 ZONE_BLOCKED',
  invalid: '422 INVALID_INPUT',
  'being-checked': '409 CONFLICT 10',
  'zone-busy': '503 SERVER_ERROR 5',
}

const PLAN = { domain: 'example.com', zone: null, changes: [], warnings: [] }
const DETAILS: Partial<Record<EditErrorCode, Record<string, unknown>>> = {
  'plan-out-of-date': { plan: { id: 'plan-2', plan: PLAN, expiresAt: 0 } },
  'out-of-date': { current: null },
}

function inWords(error: unknown): string {
  const { status, code, field, retryAfterSeconds } = refusalFor(error, 'example.com')!
  return [status, code, field, retryAfterSeconds].filter((part) => part !== undefined).join(' ')
}

test.each(Object.entries(CUSTOMER_TABLE))('%s of the customers is %s', (code, told) => {
  expect(inWords(new CustomerError(code as CustomerErrorCode, 'words'))).toBe(told)
})

test.each(Object.entries(DNS_TABLE))('%s of the zones is %s', (code, told) => {
  const details = DETAILS[code as EditErrorCode] ?? {}
  expect(inWords(new DnsError(code as EditErrorCode, 'words', { details }))).toBe(told)
})

test('a database that does not answer is a 503, and anything unknown is an unexpected error', () => {
  expect(inWords(new StoreError('secret host name'))).toBe('503 SERVER_ERROR 5')
  expect(refusalFor(new StoreError('secret host name'), undefined)?.message).not.toContain('secret')
  expect(refusalFor(new Error('a bug'), undefined)).toBeUndefined()
  expect(refusalFor('not even an error', undefined)).toBeUndefined()
})

describe("the design's table of errors", () => {
  test('says that Cloudflare lists old records, and not that it is silent', () => {
    const words = 'The list does not agree yet with what we last saw.'
    expect(refusalFor(new DnsError('stale-view', words), 'example.com')?.message).toBe(words)
  })

  test('a domain that the account does not hold has one sentence', () => {
    const { message } = refusalFor(new DnsError('zone-not-found', 'x'), 'example.com')!
    expect(message).toBe('Domain not found. Make sure example.com is added to your Cloudflare account.')
  })

  test('a lost grant asks to reconnect', () => {
    expect(refusalFor(new CustomerError('reconnect-required', 'x'), undefined)).toEqual(RECONNECT_REQUIRED)
    const refused = new DnsError('credential-refused', 'Reconnect Cloudflare.', { retryAfterSeconds: 60 })
    expect(refusalFor(refused, undefined)).toEqual({
      status: 409,
      code: 'RECONNECT_REQUIRED',
      message: 'Reconnect Cloudflare.',
    })
  })

  test('a rate limit says how long to wait', () => {
    const { message, retryAfterSeconds } = refusalFor(
      new DnsError('rate-limited', 'x', { retryAfterSeconds: 12.3 }),
      undefined,
    )!
    expect(message).toBe(
      'Cloudflare asks us to slow down. Please wait 13 seconds and try again; nothing was changed.',
    )
    expect(retryAfterSeconds).toBe(13)
  })

  test('a refusal of Cloudflare keeps its words and its code', () => {
    const facts = { details: { cloudflareCode: 9005 } }
    const refusal = refusalFor(new DnsError('refused', 'Content for A record is invalid.', facts), undefined)!
    expect(errorAnswer(refusal)).toEqual({
      error: {
        code: 'CLOUDFLARE_REFUSED',
        message: 'Content for A record is invalid.',
        details: { cloudflareCode: 9005 },
      },
    })
  })
})

test('our own rate limit says when to try again', () => {
  const error = new CustomerError('rate-limited', 'Wait 41 seconds.', { retryAfterSeconds: 41 })
  expect(refusalFor(error, undefined)).toMatchObject({
    status: 429,
    message: 'Wait 41 seconds.',
    retryAfterSeconds: 41,
  })
})

test('a record that changed meanwhile is sent as it is now', () => {
  const current = { ...newRecord('A www.example.com 192.0.2.9'), id: recordId(1), readOnly: false }
  const error = new DnsError('out-of-date', 'It changed.', { details: { current } })
  expect(refusalFor(error, undefined)?.details).toMatchObject({
    current: { id: recordId(1), content: '192.0.2.9', editable: true },
  })
})

test('a plan that is out of date comes with the new one, as the pages read plans', () => {
  const error = new DnsError('plan-out-of-date', 'x', { details: DETAILS['plan-out-of-date']! })
  expect(refusalFor(error, undefined)?.details).toEqual({
    plan: { id: 'plan-2', ...PLAN, expiresAt: '1970-01-01T00:00:00.000Z' },
  })
})

test('problems are reported field by field', () => {
  const problems = [
    { code: 'name-empty', path: 'name' },
    { code: 'content-missing', path: 'content' },
  ] as const
  const refusal = refusalFor(new DnsError('invalid', 'x', { problems }), undefined)
  expect(refusal).toMatchObject({
    status: 422,
    field: 'name',
    details: { problems: [{ field: 'name' }, { field: 'content' }] },
  })
})

test('our own refusal is sent unchanged', () => {
  expect(refusalFor(new RefusedRequest(RECONNECT_REQUIRED), undefined)).toBe(RECONNECT_REQUIRED)
})
