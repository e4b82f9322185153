import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { rootCertificates } from 'node:tls'
import { afterEach, expect, test } from 'vitest'
import type { Listen } from '#config/config.ts'
import type { OperatorConfig } from '#config/operator.ts'
import { Secret } from '#config/secret.ts'
import { lineOf } from './finding.ts'
import { visitServer } from './server.ts'

const fileText = (name: string) =>
  readFileSync(new URL(`../../../tests/support/${name}.pem`, import.meta.url), 'utf8')
const CERT = fileText('loopback-cert')
const PRIVATE_KEY = fileText('loopback-key')
const HEALTHY = { '/livez': [200, 'alive\n'], '/readyz': [200, 'ready\n'], '/health': [200, '{}'] } as const

const ending: (() => void)[] = []

afterEach(() => {
  for (const end of ending.splice(0)) end()
})

type Answers = Readonly<Record<string, readonly [status: number, body: string]>>

/** Answers by path; over TLS if asked to. */
async function listening(answers: Answers, tls?: { cert: string; key: string }): Promise<Listen> {
  const answer: Parameters<typeof createServer>[1] = (request, response) => {
    const [status, body] = answers[request.url ?? ''] ?? [404, '']
    response.writeHead(status).end(body)
  }
  const server = tls === undefined ? createServer(answer) : createTlsServer(tls, answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ending.push(() => void server.close())
  return { host: '0.0.0.0', port: (server.address() as AddressInfo).port }
}

function operatorAt(listen: Listen, cert?: string): OperatorConfig {
  return {
    listen,
    ...(cert !== undefined && { tls: { cert, key: new Secret(PRIVATE_KEY) } }),
    callers: [
      {
        id: 'default',
        cloudflare: {
          credential: { kind: 'token', token: new Secret('token') },
          baseUrl: 'http://127.0.0.1:1',
        },
        signing: { algorithm: 'SHA256', secrets: [new Secret('an-hmac-secret-of-32-octets-here')] },
        ownership: 'adopt',
        ack: 'cloudflare',
        defaults: { ttl: 300, mxPriority: 10 },
      },
    ],
  }
}

async function toldOf(answers: Answers): Promise<readonly string[]> {
  const listen = await listening({ ...HEALTHY, ...answers })
  const operator = operatorAt(listen)
  return (await visitServer({ metrics: listen, operator, dashboard: undefined })).map(lineOf)
}

test('a server that is not ready, and a webhook that is unhealthy, say so', async () => {
  const unhealthy = JSON.stringify({
    status: 'unhealthy',
    message: 'DNS provider API is unavailable: no answer',
  })
  expect(await toldOf({ '/readyz': [503, 'not ready\n'], '/health': [503, unhealthy] })).toEqual([
    expect.stringMatching(/^✗ server: runs and is not ready; see its log/),
    expect.stringMatching(
      /^✗ webhook: takes what is signed with HMAC_SECRET, and is unhealthy: DNS provider API/,
    ),
  ])
})

test('a webhook that answers as none does is told', async () => {
  const refusal = JSON.stringify({
    success: false,
    error: { code: 'SERVER_ERROR', message: 'Internal error' },
  })
  for (const [answer, words] of [
    [[500, refusal], 'answers with status 500 (SERVER_ERROR)'],
    [[503, refusal], 'answers with status 503 (SERVER_ERROR)'],
    [[302, '<html>'], 'answers with status 302'],
  ] as const) {
    expect((await toldOf({ '/health': answer })).at(-1)).toContain(`✗ webhook: ${words}; `)
  }
})

test('a server that has read another certificate than there is now is told', async () => {
  const metrics = await listening(HEALTHY)
  const listen = await listening(HEALTHY, { cert: CERT, key: PRIVATE_KEY })
  const told = async (cert: string) =>
    (await visitServer({ metrics, operator: operatorAt(listen, cert), dashboard: undefined })).map(lineOf)
  expect(await told(CERT)).toHaveLength(2)
  expect(await told(rootCertificates[0]!)).toContain(
    '! TLS: the server has another certificate than TLS_CERT_FILE; restart it: files are read when it starts.',
  )
})
