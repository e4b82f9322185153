import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { keyOf, type RecordSet } from '#dns/record-set.ts'
import type { Caller, Health, Zones } from '#engine/zones.ts'
import type { Provider } from '#providers/provider.ts'
import { describedBy } from '../../../tests/support/openapi.ts'
import { addressIn, type OperatorCaller } from './callers.ts'
import { openApi } from './openapi.ts'
import { createOperator, type OperatorOptions } from './operator.ts'
import { signingKeys } from './signature.ts'
import { type Route, readTarget } from './target.ts'

export const SECRET = 'a-secret-of-thirty-two-octets-!!'
export const PREVIOUS = 'the-previous-one-of-32-octets-!!'

export interface LogLine {
  readonly level: string
  readonly words: string
  readonly facts: Record<string, unknown>
}

export interface TestOperator {
  readonly url: string
  readonly port: number
  /** What reached the zones, in words such as `upsert www.example.com A`. */
  readonly asked: string[]
  readonly lines: LogLine[]
  readonly nonces: Set<string>
  readonly counted: {
    requests: string[]
    callers: string[]
    signatureFailures: string[]
    previousSecrets: string[]
  }
  /** What the zones do next instead of remembering; undefined: remember. */
  instead: (() => unknown) | undefined
  health: Health
  now: () => number
  close(): Promise<void>
}

/** The face on a port of its own, over zones that keep sets in a Map. */
export async function startOperator({
  id = 'default',
  ...change
}: Partial<OperatorOptions> & Partial<OperatorCaller> & { id?: string } = {}): Promise<TestOperator> {
  const sets = new Map<string, RecordSet>()
  const asked: string[] = []
  const lines: LogLine[] = []
  const line = (level: string) => (facts: object, words: string) =>
    void lines.push({ level, words, facts: { ...facts } })
  const counted: TestOperator['counted'] = {
    requests: [],
    callers: [],
    signatureFailures: [],
    previousSecrets: [],
  }
  const nonces = new Set<string>()

  async function does<T>(what: string, remember: () => T): Promise<T> {
    asked.push(what)
    return test.instead === undefined ? remember() : ((await test.instead()) as T)
  }
  const zones: Zones = {
    upsert: (_caller, set) =>
      does(`upsert ${keyOf(set)}`, () => {
        const before = sets.get(keyOf(set))
        sets.set(keyOf(set), set)
        const same = JSON.stringify(before) === JSON.stringify(set)
        const outcome = before === undefined ? 'created' : same ? 'unchanged' : 'updated'
        return { outcome, set, zone: set.name, warnings: [] } as const
      }),
    remove: (_caller, key) =>
      does(
        `remove ${keyOf(key)}`,
        () => ({ outcome: sets.delete(keyOf(key)) ? 'deleted' : 'absent' }) as const,
      ),
    read: (_caller, key) => does(`read ${keyOf(key)}`, () => sets.get(keyOf(key))),
    health: () => test.health,
  }
  const caller: Caller = {
    id,
    cloudflare: {} as Provider,
    ownership: 'adopt',
    ack: 'cloudflare',
  }

  const one: OperatorCaller = {
    caller,
    keys: 'keys' in change ? change.keys : signingKeys('SHA256', Buffer.from(SECRET), Buffer.from(PREVIOUS)),
    defaults: { ttl: 300, mxPriority: 10 },
    ...(change.limiter && { limiter: change.limiter }),
  }
  const app = createOperator({
    zones,
    callers: new Map([[id, one]]),
    nonces: {
      claimNonce: async (_caller, nonce) => nonces.size < nonces.add(nonce).size,
      replaysPossibleUntil: 0,
    },
    clock: { now: () => test.now(), sleep: async () => {} },
    random: { fraction: () => 0.5, hex: (bytes) => '0'.repeat(2 * bytes) },
    log: { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') },
    meter: {
      httpRequest: (_face, route, status) => void counted.requests.push(`${route} ${status}`),
      callerRequest: (caller, status) => void counted.callers.push(`${caller} ${status}`),
      signatureFailed: (code) => void counted.signatureFailures.push(code),
      previousSecretUsed: (caller) => void counted.previousSecrets.push(caller),
    },
    mostAnsweredPerSecond: Number.POSITIVE_INFINITY,
    ...change,
  })
  const undescribed = watchAnswers(app.server)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const test: TestOperator = {
    url: `http://127.0.0.1:${port}`,
    port,
    asked,
    lines,
    nonces,
    counted,
    instead: undefined,
    health: { healthy: true },
    now: () => Date.now(),
    async close() {
      await app.close()
      if (undescribed.length > 0) throw new Error(`not as openapi.ts has it:\n${undescribed.join('\n')}`)
    },
  }
  return test
}

/** Where `openapi.ts` describes each route. */
export const PATHS: Readonly<Record<Route, string>> = {
  health: '/health',
  records: '/records',
  record: '/records/{type}/{domain}/{subdomain}',
  openapi: '/openapi.json',
}

const faultOf = describedBy(openApi())

/** Holds every answer that the server gives to its own description; what is otherwise is found in the list returned. */
function watchAnswers(server: Server): string[] {
  const undescribed: string[] = []
  const watch = ({ method = '', url = '' }: IncomingMessage, response: ServerResponse) => {
    const target = readTarget(url, addressIn(url).mount)
    const path = typeof target === 'string' ? undefined : PATHS[target.route]
    let written: object = {}
    const { writeHead, end } = response
    response.writeHead = (status: number, ...rest: unknown[]) => {
      written = rest.find((part) => typeof part === 'object') ?? {}
      return writeHead.apply(response, [status, ...rest] as Parameters<typeof writeHead>)
    }
    response.end = (...chunks: unknown[]) => {
      const headers = { ...response.getHeaders(), ...written }
      const body = typeof chunks[0] === 'string' ? chunks[0] : ''
      const fault = faultOf({ method, path, status: response.statusCode, headers, body })
      if (fault !== undefined && undescribed.length < 10) undescribed.push(fault)
      return end.apply(response, chunks as unknown as Parameters<typeof end>)
    }
  }
  for (const event of ['request', 'checkContinue', 'checkExpectation']) server.prependListener(event, watch)
  return undescribed
}
