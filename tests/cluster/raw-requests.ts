import type { Random } from '#platform/ports.ts'
import { goTimestamp, sign } from '../support/operator-client.ts'

/** A request as octets, and what a reader of its answer has to know. */
export interface RawRequest {
  readonly method: string
  /** Latin-1: a character is an octet. */
  readonly text: string
}

/**
 * A request that starts as a good one of `secret`, and goes wrong in some of its parts: in the three headers of a
 * signature, in how often they are there, in the other headers, the target, the method and the body. Always an end of
 * the header and a body of the length that it says, unless that very header went wrong.
 */
export function hostileRequest(random: Random, secret: string, now: number): RawRequest {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random.fraction() * from.length)]!
  const often = (chance: number) => random.fraction() < chance

  const method = often(0.9) ? pick(['GET', 'POST', 'DELETE']) : pick(METHODS)
  const target = often(0.9) ? pick(TARGETS) : spoilt(pick(TARGETS), random)
  const body = method === 'POST' || often(0.05) ? pick(BODIES) : ''
  const timestamp = often(0.8) ? goTimestamp(now + pick(DRIFTS_MS)) : pick(TIMESTAMPS)
  const nonce = often(0.7) ? random.hex(16) : pick(NONCES)
  const algorithm = often(0.9) ? 'SHA256' : 'SHA512'
  const bytes = body === '' ? undefined : Buffer.from(body, 'latin1')
  const signature = often(0.8)
    ? sign(secret, algorithm, method, target, timestamp, nonce, bytes)
    : pick(SIGNATURES)

  const lines = [often(0.99) ? 'Host: x' : pick(['', 'Host:', 'Host: x\r\nHost: y', 'Host: \xff'])]
  for (const [name, value] of [
    ['X-DNS-Timestamp', timestamp],
    ['X-DNS-Nonce', nonce],
    ['X-DNS-Signature', signature],
  ] as const) {
    const times = often(0.92) ? 1 : pick([0, 2, 3])
    const written = often(0.93) ? value : spoilt(value, random)
    for (let time = 0; time < times; time += 1)
      lines.push(`${often(0.9) ? name : name.toLowerCase()}: ${written}`)
  }
  const isChunked = body !== '' && often(0.08)
  if (isChunked) {
    lines.push(
      'Content-Type: application/json',
      `Transfer-Encoding: ${often(0.8) ? 'chunked' : pick(CODINGS)}`,
    )
  } else if (body !== '') {
    lines.push(`Content-Type: ${often(0.9) ? 'application/json' : pick(CONTENT_TYPES)}`)
    lines.push(often(0.95) ? `Content-Length: ${body.length}` : pick(OTHER_LENGTHS)(body.length))
  }
  if (often(0.1)) lines.push(pick(OTHER_HEADERS))
  const head = lines.filter((line) => line !== '').join('\r\n')
  const version = often(0.98) ? 'HTTP/1.1' : pick(VERSIONS)
  const written = isChunked ? inChunks(body, often(0.8) ? body.length.toString(16) : pick(CHUNK_SIZES)) : body
  return { method, text: `${method} ${target} ${version}\r\n${head}\r\n\r\n${written}` }
}

/** One chunk that says it is of this size, and the last one. */
function inChunks(body: string, size: string): string {
  return `${size}\r\n${body}\r\n0\r\n\r\n`
}

/** Cut, doubled, grown, or with a strange octet in it; never with a line break. */
function spoilt(text: string, random: Random): string {
  const at = Math.floor(random.fraction() * (text.length + 1))
  const octet = String.fromCharCode(32 + Math.floor(random.fraction() * 224)).replace('\x7f', '~')
  const ways = [
    () => text.slice(0, at),
    () => text.slice(at),
    () => text + text,
    () => text.toUpperCase(),
    () => `${text.slice(0, at)}${octet}${text.slice(at)}`,
    () => `${text.slice(0, at)}${octet}${text.slice(at + 1)}`,
    () => `${text}, ${text}`,
    () => `${text}\t`,
    () => text + octet.repeat(300),
  ]
  return ways[Math.floor(random.fraction() * ways.length)]!()
}

const VERSIONS = ['HTTP/1.0', 'HTTP/1.2', 'HTTP/2.0', 'HTTP/0.9', 'HTTP/1', 'http/1.1', '']

const CODINGS = ['Chunked', 'gzip, chunked', 'chunked, chunked', 'chunked;q=1', 'identity', 'gzip']

/** None of them is longer than what follows, so that nobody waits for more. */
const CHUNK_SIZES = ['0', 'zz', '-1', '0x1', '1;extension=\xff', '', 'f'.repeat(17), '1 ']

const OTHER_LENGTHS: readonly ((length: number) => string)[] = [
  (length) => `Content-Length: ${length}\r\nContent-Length: ${length}`,
  (length) => `Content-Length: ${length}\r\nContent-Length: ${length + 1}`,
  (length) => `Content-Length: ${length}, ${length}`,
  (length) => `Content-Length: +${length}`,
  (length) => `Content-Length: ${length}\r\nTransfer-Encoding: chunked`,
  () => 'Content-Length: 99999999999999999999999',
  () => 'Content-Length: ',
]

const METHODS = [
  'CONNECT',
  'FROBNICATE',
  'get',
  'HEAD',
  'PUT',
  'PATCH',
  'OPTIONS',
  'TRACE',
  'PROPFIND',
  'SEARCH',
  'M-SEARCH',
  'QUERY',
  'LINK',
]

const TARGETS = [
  '/health',
  '/records',
  '/records/A/example.com/www',
  '/records/A/example.com/@',
  '/records/TXT/example.com/_dmarc',
  '/records/A/example.com/%77ww',
  '/records/A/example.com/%C3%BC',
  '/records/A/example.com/%00',
  '/records/A/example.com/%',
  '/records/A/example.com/%ff',
  '/records/A/example.com/..',
  '/records/__proto__/constructor/toString',
  '/records/A//',
  '//records',
  '/records/A/example.com/www/more',
  '/records?query',
  '/c/shop/records',
  '/c/default/health',
  '/c/nobody/health',
  '//c//default//records',
  '/c/default',
  '/c/%64efault/health',
  '/c/__proto__/records',
  '/openapi.json',
  '/c/default/openapi.json',
  '/',
  '*',
  'http://x/health',
]

const BODIES = [
  '{"record":{"type":"A","domain":"example.com","subdomain":"www","values":["192.0.2.1"]},"operation":"upsert"}',
  '{"record":{"type":"MX","domain":"example.com","subdomain":"@","values":["mail.example.com"],"ttl":1e2},"operation":"upsert"}',
  '{"record":{"type":"TXT","domain":"example.com","subdomain":"@","values":["\\ud800"]},"operation":"upsert"}',
  '{"record":{"type":"A","domain":null,"subdomain":7,"values":{}},"operation":"upsert"}',
  '{"record":{"__proto__":{"type":"A"},"type":["A"],"ttl":-1e999},"operation":"upsert"}',
  '{"record":{"type":"constructor","domain":"example.com","subdomain":"www","values":[null]},"operation":"upsert"}',
  '{"operation":"upsert","record":[]}',
  '{"operation":"delete"}',
  '[]',
  'null',
  '"',
  '{',
  '\xff\xfe{}',
  `${'['.repeat(5_000)}`,
]

const DRIFTS_MS = [0, 0, 0, 0, 0, 0, 0, 0, -299_000, 299_000, -301_000, 301_000, 86_400_000]

const TIMESTAMPS = [
  '',
  '0',
  'soon',
  'null',
  '2026-02-30T10:00:00Z',
  '2026-11-21T24:00:00Z',
  '2026-11-21T10:00:60Z',
  '2026-11-21 10:00:00Z',
  '2026-11-21T10:00:00+24:00',
  '2026-11-21T10:00:00.123456789123Z',
  '+010000-01-01T00:00:00Z',
  '-271821-04-20T00:00:00Z',
  '9'.repeat(400),
]

const NONCES = [
  '',
  'short',
  'one-and-the-same',
  '../../etc',
  "'; --",
  'n'.repeat(128),
  'n'.repeat(129),
  '\xfc'.repeat(20),
]

const SIGNATURES = [
  '',
  '0'.repeat(63),
  '0'.repeat(64),
  '0'.repeat(65),
  '0'.repeat(128),
  'g'.repeat(64),
  'A'.repeat(64),
  'sha256=abcdef',
  '\xff'.repeat(64),
  'f'.repeat(3_000),
]

const CONTENT_TYPES = [
  '',
  'text/plain',
  'application/json; charset=utf-16',
  'application/json;',
  'application/jsonp',
  '\xff',
]

const OTHER_HEADERS = [
  'X-Request-Id: \xff\xfe',
  `X-Request-Id: ${'i'.repeat(500)}`,
  'X-Request-Id: one\r\nX-Request-Id: two',
  'Content-Encoding: gzip',
  'Expect: 100-continue',
  'Expect: miracles',
  'Upgrade: websocket\r\nConnection: upgrade',
  'Transfer-Encoding: identity',
  'Trailer: X-DNS-Signature',
  'Accept: \xff',
  '__proto__: x',
  'constructor: x',
  'Range: bytes=0-',
  'If-None-Match: *',
  'Connection: close',
  'Connection: X-DNS-Signature, keep-alive',
  'Proxy-Connection: close',
  'X-Forwarded-For: \xff, 192.0.2.1',
  'Host: y',
  'TE: trailers',
  'Authorization: Basic \xff',
  `Cookie: ${'c'.repeat(4_000)}`,
]
