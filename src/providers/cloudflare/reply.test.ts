import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CloudflareError } from './errors.ts'
import { type Call, readReply, unreachable } from './reply.ts'
import { TransportError, type TransportReply } from './transport.ts'

const reading: Call = { method: 'GET', endpoint: 'records.list', path: '/zones', writes: false }
const writing: Call = { method: 'POST', endpoint: 'records.batch', path: '/zones', body: {}, writes: true }

const SUCCESS = JSON.stringify({ success: true, errors: [], messages: [], result: { id: 1 } })
const failure = (...errors: unknown[]) =>
  JSON.stringify({ success: false, errors, messages: [], result: null })
const REFUSAL = failure({ code: 9005, message: 'Content for A record is invalid.' })
const HTML = '<!DOCTYPE html><html><title>Error</title><h1>Sorry</h1></html>'

describe('an answer to a write is', () => {
  const table: [status: number, body: string, kind: string, outcome: string][] = [
    [429, failure({ code: 971, message: 'Please wait.' }), 'rate-limited', 'not-executed'],
    [429, SUCCESS, 'rate-limited', 'not-executed'],
    [429, HTML, 'rate-limited', 'not-executed'],
    [429, '', 'rate-limited', 'not-executed'],

    [400, REFUSAL, 'refused', 'not-executed'],
    [404, failure({ code: 81044, message: 'Record does not exist.' }), 'stale-view', 'not-executed'],
    [400, failure({ code: 81058, message: 'An identical record exists.' }), 'stale-view', 'not-executed'],
    [400, failure({ code: 81045, message: 'Record quota exceeded.' }), 'quota', 'not-executed'],
    [409, REFUSAL, 'refused', 'not-executed'],
    [499, REFUSAL, 'refused', 'not-executed'],

    // Without `result` and `messages`, and without words.
    [
      400,
      JSON.stringify({ success: false, errors: [{ code: 9005, message: 'no' }] }),
      'refused',
      'not-executed',
    ],
    [400, failure({ code: 9005 }), 'refused', 'not-executed'],

    [401, failure({ code: 10000, message: 'Authentication error' }), 'unauthorised', 'not-executed'],
    [403, failure({ code: 9109, message: 'Invalid access token' }), 'unauthorised', 'not-executed'],
    [403, failure({ code: 4242, message: 'Forbidden' }), 'unauthorised', 'not-executed'],
    [400, failure({ code: 9106, message: 'Missing headers' }), 'unauthorised', 'not-executed'],
    [
      400,
      failure({ code: 6003, message: 'Invalid request headers', error_chain: [{ code: 6111, message: '' }] }),
      'unauthorised',
      'not-executed',
    ],

    // A success that denies itself, and a failure that does: neither proves anything.
    [200, REFUSAL, 'refused', 'ambiguous'],
    [200, failure(), 'refused', 'ambiguous'],
    [400, SUCCESS, 'unreadable', 'ambiguous'],
    [400, REFUSAL.replace('false', 'true'), 'unreadable', 'ambiguous'],
    [400, failure(), 'unreadable', 'ambiguous'],
    [400, JSON.stringify({ success: false }), 'unreadable', 'ambiguous'],

    [500, REFUSAL, 'server-error', 'ambiguous'],
    [500, SUCCESS, 'server-error', 'ambiguous'],
    [502, HTML, 'server-error', 'ambiguous'],
    [503, '', 'server-error', 'ambiguous'],
    [520, HTML, 'server-error', 'ambiguous'],
    [530, 'error code: 1033', 'server-error', 'ambiguous'],
    [599, '', 'server-error', 'ambiguous'],

    [301, SUCCESS, 'unreadable', 'ambiguous'],
    [302, HTML, 'unreadable', 'ambiguous'],
    [304, '', 'unreadable', 'ambiguous'],
    [307, REFUSAL, 'unreadable', 'ambiguous'],

    [200, HTML, 'unreadable', 'ambiguous'],
    [200, '', 'unreadable', 'ambiguous'],
    [204, '', 'unreadable', 'ambiguous'],
    [200, 'null', 'unreadable', 'ambiguous'],
    [200, '[]', 'unreadable', 'ambiguous'],
    [200, '"ok"', 'unreadable', 'ambiguous'],
    [200, '{}', 'unreadable', 'ambiguous'],
    [200, '{"success":"true","result":"ok"}', 'unreadable', 'ambiguous'],
    [200, SUCCESS.slice(0, -4), 'unreadable', 'ambiguous'],
    [400, HTML, 'unreadable', 'ambiguous'],
    [403, HTML, 'unreadable', 'ambiguous'],
    [400, failure({ message: 'without a code' }), 'unreadable', 'ambiguous'],
    [400, failure(null), 'unreadable', 'ambiguous'],
  ]

  for (const [status, body, kind, outcome] of table) {
    test(`${status} ${body.slice(0, 60)} → ${kind}, ${outcome}`, () => {
      expect(faultOf({ status, headers: {}, body }, writing)).toMatchObject({ kind, outcome, status })
    })
  }

  test('2xx and success: true → the answer', () => {
    expect(readReply({ status: 200, headers: {}, body: SUCCESS }, writing).result).toEqual({ id: 1 })
    expect(readReply({ status: 202, headers: {}, body: SUCCESS }, writing).result).toEqual({ id: 1 })
  })

  test('the same for any status and body: a definite no needs a 4xx that says so in full, or a 429', () => {
    const anyBody = fc.oneof(
      fc.constantFrom(SUCCESS, REFUSAL, HTML, '', failure()),
      fc.string(),
      fc.json(),
      fc
        .record(
          { success: fc.boolean(), errors: fc.jsonValue(), result: fc.jsonValue() },
          { requiredKeys: [] },
        )
        .map((body) => JSON.stringify(body)),
    )
    fc.assert(
      fc.property(fc.integer({ min: 200, max: 599 }), anyBody, (status, body) => {
        const reply = { status, headers: {}, body }
        const fault = faultOf(reply, writing)
        if (fault === undefined) {
          expect(status).toBeLessThan(300)
          expect(JSON.parse(body)).toMatchObject({ success: true })
          return
        }
        const isDefinite = status === 429 || (status >= 400 && status < 500 && fault.codes.length > 0)
        expect(fault.outcome).toBe(isDefinite ? 'not-executed' : 'ambiguous')
        expect(faultOf(reply, reading)?.outcome).toBe('not-executed')
        expect(faultOf(reply, reading)?.kind).toBe(fault.kind)
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('a read', () => {
  test('that fails has changed nothing, whatever the fault', () => {
    for (const status of [200, 302, 400, 403, 429, 500, 520]) {
      expect(faultOf({ status, headers: {}, body: HTML }, reading)?.outcome).toBe('not-executed')
    }
  })
})

describe('Retry-After', () => {
  const date = 'Sat, 01 Aug 2026 10:00:00 GMT'
  const table: [header: string, ms: number | undefined][] = [
    ['30', 30_000],
    ['0', 0],
    [' 12 ', 12_000],
    ['999999', 999_999_000],
    ['Sat, 01 Aug 2026 10:01:30 GMT', 90_000],
    ['Saturday, 01-Aug-26 10:01:30 GMT', 90_000],
    ['Sat, 01 Aug 2026 09:59:00 GMT', 0],
    ['', undefined],
    ['soon', undefined],
    ['-1', undefined],
    ['1.5', undefined],
    ['1e3', undefined],
    ['30 s', undefined],
    ['2026', 2_026_000],
    ['12345678', undefined],
    ['2026-08-01T10:01:30Z', undefined],
    ['Sat, 99 Aug 2026 10:01:30 GMT', undefined],
  ]
  for (const [header, ms] of table) {
    test(`${JSON.stringify(header)} means ${ms === undefined ? 'nothing' : `${ms} ms`}`, () => {
      const headers = { 'retry-after': header, date }
      expect(faultOf({ status: 429, headers, body: '' }, writing)?.retryAfterMs).toBe(ms)
    })
  }

  test('a date is nothing without the date of the answer: our clock is not theirs', () => {
    const headers = { 'retry-after': 'Sat, 01 Aug 2026 10:01:30 GMT' }
    expect(faultOf({ status: 429, headers, body: '' }, writing)?.retryAfterMs).toBeUndefined()
  })

  test('is read for 429 alone', () => {
    const headers = { 'retry-after': '30' }
    expect(faultOf({ status: 503, headers, body: '' }, writing)?.retryAfterMs).toBeUndefined()
  })
})

describe('what Cloudflare says', () => {
  const refused = (...errors: unknown[]) =>
    faultOf({ status: 400, headers: { 'cf-ray': '975e62d52bc32a9d-LAX' }, body: failure(...errors) }, writing)

  test('is kept in its own words, all of them, with the ray to quote', () => {
    const fault = refused(
      { code: 9005, message: 'Content is invalid.' },
      { code: 9021, message: 'TTL is wrong.' },
    )
    expect(fault?.message).toBe('Content is invalid. TTL is wrong.')
    expect(fault?.codes).toEqual([9005, 9021])
    expect(fault?.details).toEqual({ cloudflareCode: 9005, ray: '975e62d52bc32a9d-LAX' })
  })

  test('is cut when it is long', () => {
    expect(refused({ code: 9005, message: 'x'.repeat(10_000) })?.message).toBe(`${'x'.repeat(300)}…`)
  })

  test('is told as no reason when there is none', () => {
    const fault = faultOf({ status: 200, headers: {}, body: failure() }, writing)
    expect(fault?.message).toBe('Cloudflare gave no reason.')
  })

  test('has its codes at every depth of the chain, outermost first', () => {
    const chain = [{ code: 6111, message: '', error_chain: [{ code: 6112 }] }, 'odd', null, { code: '7' }]
    expect(refused({ code: 6003, message: 'Invalid', error_chain: chain })?.codes).toEqual([6003, 6111, 6112])
    expect(refused({ code: 1004, message: 'x', error_chain: 'none' })?.codes).toEqual([1004])
  })

  test('does no harm when it is nested a hundred thousand deep', () => {
    const nested = (depth: number) => {
      const chain = `${'{"code":1,"message":"x","error_chain":['.repeat(depth)}${']}'.repeat(depth)}`
      return faultOf({ status: 400, headers: {}, body: `{"success":false,"errors":[${chain}]}` }, writing)
    }
    expect(nested(1_000)).toMatchObject({ kind: 'refused', codes: [1, 1, 1, 1, 1] })
    expect(nested(100_000)).toBeInstanceOf(CloudflareError)
    const arrays = '['.repeat(100_000) + ']'.repeat(100_000)
    expect(faultOf({ status: 200, headers: {}, body: arrays }, writing)?.kind).toBe('too-large')
  })

  test('is not unpacked when there are more objects in it than in any list', () => {
    const errors = `[${'{},'.repeat(600_000)}{}]`
    const body = `{"success":true,"errors":${errors},"result":[]}`
    const before = process.memoryUsage().heapUsed
    expect(faultOf({ status: 200, headers: {}, body }, reading)).toMatchObject({ kind: 'too-large' })
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(16 * 1024 * 1024)
    expect(faultOf({ status: 200, headers: {}, body }, writing)).toMatchObject({ outcome: 'ambiguous' })
  })

  test('is unreadable when it is forty megabytes of something else', () => {
    const body = ' '.repeat(40 * 1024 * 1024)
    expect(faultOf({ status: 200, headers: {}, body }, writing)?.kind).toBe('unreadable')
    expect(faultOf({ status: 200, headers: {}, body: `${body}<html>` }, writing)?.kind).toBe('unreadable')
  })
})

describe('no answer', () => {
  test('is in doubt only for a write of which a byte was sent', () => {
    const kinds = {
      connect: 'unreachable',
      'connection-lost': 'unreachable',
      timeout: 'timeout',
      'too-large': 'too-large',
    } as const
    for (const [reason, kind] of Object.entries(kinds)) {
      const lost = (sent: boolean, call: Call) =>
        unreachable(new TransportError(reason as keyof typeof kinds, sent), call)
      expect(lost(true, writing)).toMatchObject({ kind, outcome: 'ambiguous' })
      expect(lost(false, writing)).toMatchObject({ kind, outcome: 'not-executed' })
      expect(lost(true, reading)).toMatchObject({ kind, outcome: 'not-executed' })
    }
  })
})

/** Undefined: it is an answer. */
function faultOf(reply: TransportReply, call: Call): CloudflareError | undefined {
  try {
    readReply(reply, call)
    return undefined
  } catch (error) {
    if (error instanceof CloudflareError) return error
    throw error
  }
}
