import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sign } from '../../../tests/support/operator-client.ts'
import clientVectors from '../../../tests/vectors/operator-client.json' with { type: 'json' }
import edges from '../../../tests/vectors/signature-edges.json' with { type: 'json' }
import {
  type Algorithm,
  parseTimestamp,
  type SignedRequest,
  signingKeys,
  verifySignature,
  WINDOW_MS,
} from './signature.ts'
import { readTarget } from './target.ts'

interface Vector {
  method: string
  requestTarget: string
  timestamp: string
  nonce: string
  signature: string
  body: string
}

function verified(vector: Vector, mount: string, algorithm: string, secrets: readonly string[], now: string) {
  const target = readTarget(vector.requestTarget, mount)
  if (typeof target === 'string') throw new Error(`${vector.requestTarget} is ${target}`)
  const request: SignedRequest = {
    method: vector.method,
    paths: target.decoded === undefined ? [target.raw] : [target.raw, target.decoded],
    headers: vector,
    body: Buffer.from(vector.body),
  }
  const keys = signingKeys(algorithm as Algorithm, ...secrets.map((secret) => Buffer.from(secret)))
  return verifySignature(request, keys, parseTimestamp(now) ?? Number.NaN)
}

test.each(clientVectors.vectors.map((vector) => [vector.method, vector.requestTarget, vector] as const))(
  "the operator's own %s %s verifies",
  (_method, _target, vector) => {
    const mount = vector.requestTarget.startsWith('/api/') ? '/api' : ''
    expect(verified(vector, mount, vector.algorithm, [vector.secret], vector.timestamp)).toMatchObject({
      ok: true,
      path: vector.signedPath,
      withPreviousSecret: false,
    })
  },
)

test.each(edges.vectors.map((vector) => [vector.name, vector] as const))('%s', (_name, vector) => {
  const { mount = '', algorithm, expect: outcome } = vector
  const answer = verified(vector, mount, algorithm, edges.secrets, edges.now)
  expect(answer.ok ? 'ok' : answer.code).toBe(outcome)
})

test('a body that is parsed and printed again no longer verifies', () => {
  const escaped = clientVectors.vectors.find((vector) => vector.body.includes('\\u003c'))
  if (escaped === undefined) throw new Error('no vector with an escaped body')
  const printedAgain = { ...escaped, body: JSON.stringify(JSON.parse(escaped.body)) }
  expect(verified(printedAgain, '', escaped.algorithm, [escaped.secret], escaped.timestamp).ok).toBe(false)
})

test('a signature by the previous secret is reported as such', () => {
  const body = Buffer.from('{}')
  const [timestamp, nonce] = ['2026-01-15T12:00:00Z', 'nonce-nonce']
  const signature = sign('old', 'SHA256', 'POST', '/records', timestamp, nonce, body)
  const request = { method: 'POST', paths: ['/records'], headers: { timestamp, nonce, signature }, body }
  const keys = signingKeys('SHA256', Buffer.from('new'), Buffer.from('old'))
  expect(verifySignature(request, keys, Date.parse(timestamp))).toMatchObject({
    ok: true,
    withPreviousSecret: true,
  })
})

test.each([
  ['X-DNS-Timestamp', { timestamp: undefined }],
  ['X-DNS-Nonce', { nonce: undefined }],
  ['X-DNS-Signature', { signature: undefined }],
])('without %s the message names it', (name, without) => {
  const request = { ...honest({ path: '/health', nonce: 'nonce-nonce', body: '' }), method: 'GET' }
  const answer = verifySignature({ ...request, headers: { ...request.headers, ...without } }, KEYS, NOW)
  expect(answer).toMatchObject({ ok: false, code: 'AUTH_FAILED', message: `${name} is missing` })
})

test('a nonce is remembered for longer than its timestamp is believed, also when it was stamped ahead', () => {
  const ahead = honest({ path: '/records', nonce: 'nonce-nonce', body: '{}' }, NOW + WINDOW_MS)
  const answer = verifySignature(ahead, KEYS, NOW)
  expect(answer.ok && answer.nonceExpiresAt).toBeGreaterThan(NOW + 2 * WINDOW_MS)
})

test('a stamp from before the nonces were lost is stale', () => {
  const request = honest({ path: '/records', nonce: 'nonce-nonce', body: '{}' })
  expect(verifySignature(request, KEYS, NOW, NOW)).toMatchObject({ ok: true })
  expect(verifySignature(request, KEYS, NOW, NOW + 1)).toMatchObject({ ok: false, code: 'TIMESTAMP_STALE' })
})

const NOW = Date.parse('2026-01-15T12:00:00Z')
const KEYS = signingKeys('SHA256', Buffer.from('secret'))

function honest(
  { path, nonce, body }: { path: string; nonce: string; body: string },
  at = NOW,
): SignedRequest {
  const timestamp = `${new Date(at).toISOString().slice(0, 19)}Z`
  const bytes = Buffer.from(body)
  const signature = sign(
    'secret',
    'SHA256',
    'POST',
    path,
    timestamp,
    nonce,
    bytes.length > 0 ? bytes : undefined,
  )
  return { method: 'POST', paths: [path], headers: { timestamp, nonce, signature }, body: bytes }
}

const parts = fc.record({
  path: fc.stringMatching(/^\/[\x21\x22\x24-\x3e\x40-\x5b\x5d-\x7e]{0,40}$/),
  nonce: fc.stringMatching(/^[A-Za-z0-9._~-]{8,128}$/),
  body: fc.string(),
})

test('whatever is well-formed and signed passes', () => {
  fc.assert(
    fc.property(parts, (signed) => {
      expect(verifySignature(honest(signed), KEYS, NOW)).toMatchObject({
        ok: true,
        path: signed.path,
        nonce: signed.nonce,
      })
    }),
  )
})

test('a signature fits one request only: no two are joined to the same text', () => {
  const text = ({ path, nonce, body }: { path: string; nonce: string; body: string }) =>
    `POST\n${path}\n2026-01-15T12:00:00Z\n${nonce}${body === '' ? '' : `\n${body}`}`
  fc.assert(
    fc.property(parts, parts, (one, other) => {
      fc.pre(JSON.stringify(one) !== JSON.stringify(other))
      expect(text(one)).not.toBe(text(other))
      const { method, headers } = honest(one)
      const forged = { ...honest(other), method, headers: { ...headers, nonce: other.nonce } }
      expect(verifySignature(forged, KEYS, NOW).ok).toBe(false)
    }),
  )
})

test('one bit changed anywhere is refused', () => {
  const where = fc.constantFrom('method', 'path', 'timestamp', 'nonce', 'signature', 'body')
  fc.assert(
    fc.property(parts, where, fc.nat(), fc.integer({ min: 0, max: 7 }), (signed, part, at, bit) => {
      const request = honest(signed)
      const flip = (text: string) => flipped(Buffer.from(text), at, bit).toString('latin1')
      const { timestamp = '', nonce = '', signature = '' } = request.headers
      const changed: SignedRequest = {
        method: part === 'method' ? flip(request.method) : request.method,
        paths: part === 'path' ? [flip(signed.path)] : request.paths,
        headers: {
          timestamp: part === 'timestamp' ? flip(timestamp) : timestamp,
          nonce: part === 'nonce' ? flip(nonce) : nonce,
          signature: part === 'signature' ? flip(signature) : signature,
        },
        body:
          part === 'body' && request.body.length > 0
            ? flipped(Buffer.from(request.body), at, bit)
            : request.body,
      }
      fc.pre(part !== 'body' || request.body.length > 0)
      expect(verifySignature(changed, KEYS, NOW).ok).toBe(false)
    }),
  )
})

test('no header at all makes it throw', () => {
  const header = fc.option(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constant('2026-01-15T12:00:00Z'),
      fc.stringMatching(/^[0-9a-f]{64}$/),
      fc.stringMatching(/^[0-9a-fA-Fz]{60,70}$/),
    ),
    { nil: undefined },
  )
  fc.assert(
    fc.property(header, header, header, (timestamp, nonce, signature) => {
      const request = {
        method: 'POST',
        paths: ['/records'],
        headers: { timestamp, nonce, signature },
        body: Buffer.alloc(0),
      }
      expect(verifySignature(request, KEYS, NOW).ok).toBe(false)
    }),
    { numRuns: 1000 },
  )
})

function flipped(bytes: Buffer, at: number, bit: number): Buffer {
  const index = at % bytes.length
  bytes[index] = (bytes[index] ?? 0) ^ (1 << bit)
  return bytes
}
