/** What the emulator's tests share: an emulator in process, and calls to it in one line. */
import {
  createEmulator,
  type Emulator,
  type EmulatorOptions,
  type RecordBody,
  type WireReply,
} from './emulator.ts'

export const TOKEN = 'token-of-the-tests-0123456789-0123456789'
export const START = Date.parse('2026-08-01T10:00:00Z')

export interface Called {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly json: Json
  /** `result`, where it is one record. */
  readonly record: RecordBody
  /** `result`, where it is a list of records. */
  readonly records: readonly RecordBody[]
}

export interface Json {
  readonly success: boolean
  readonly errors: readonly { code: number; message: string; error_chain?: readonly { code: number }[] }[]
  readonly messages: readonly unknown[]
  readonly result: unknown
  readonly result_info?: {
    page: number
    per_page: number
    count: number
    total_count: number
    total_pages: number
  }
}

export interface Api {
  readonly emulator: Emulator
  readonly clock: { now: number }
  /** The id of the first zone, example.com unless the options say otherwise. */
  readonly zoneId: string
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Called>
  /** As `call`, but whatever kind of reply comes. */
  raw(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<WireReply>
}

/** An emulator with the zone example.com, one token that may do everything, and a clock that stands still. */
export function api(options: EmulatorOptions = {}): Api {
  const clock = { now: START }
  const emulator = createEmulator({
    now: () => clock.now,
    zones: [{ name: 'example.com' }],
    credentials: [{ kind: 'token', token: TOKEN }],
    ...options,
  })
  const raw: Api['raw'] = (method, path, body, headers = { authorization: `Bearer ${TOKEN}` }) =>
    emulator.handle({
      method,
      target: `/client/v4${path}`,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
    })
  return {
    emulator,
    clock,
    zoneId: emulator.state.zones()[0]?.id ?? '',
    raw,
    async call(method, path, body, headers) {
      const reply = await raw(method, path, body, headers)
      if (reply.kind !== 'reply') throw new Error(`a reply was expected, and ${reply.kind} came`)
      const text = Buffer.from(reply.body).toString('utf8')
      const json = JSON.parse(text) as Json
      const record = json.result as RecordBody
      const records = json.result as readonly RecordBody[]
      return { status: reply.status, headers: reply.headers, text, json, record, records }
    },
  }
}
