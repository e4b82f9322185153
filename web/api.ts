import type {
  ApiPlan,
  ApiRecord,
  AuditAnswer,
  ConfirmAnswer,
  ConfirmInput,
  ConnectedAnswer,
  HealthAnswer,
  HistoryAnswer,
  OperationAnswer,
  PlanAnswer,
  RecordChangeInput,
  RecordInput,
  RecordsAnswer,
  RemovalInput,
  SessionAnswer,
  SyncAnswer,
  VerificationAnswer,
} from '#faces/dashboard/api.ts'
import { BASE, paths } from './paths.ts'

/** What came back, or why nothing did. Nothing here throws. */
export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly fault: Fault }

/** Why something was not done. `message` is for the reader. */
export interface Fault {
  /** HTTP's; 0 if there was no answer at all. */
  readonly status: number
  readonly code: string
  readonly message: string
  /** The field that it is about, by its name in the request. */
  readonly field?: string
  readonly details?: Readonly<Record<string, unknown>>
  /** Seconds until it may be tried again. */
  readonly retryAfter?: number
}

/** Done, or sent and not yet known. */
export type Edited<T> =
  | { readonly status: 'done'; readonly value: T; readonly historyId?: string }
  | { readonly status: 'checking'; readonly operation: Operation }

export type Operation = OperationAnswer['operation']

export interface Api {
  session(): Promise<Answer<SessionAnswer>>
  signIn(given: { readonly email: string; readonly password: string }): Promise<Answer<unknown>>
  signOut(): Promise<Answer<unknown>>
  /** Every session of the customer, this one too. */
  signOutEverywhere(): Promise<Answer<unknown>>
  /** As `SessionAnswer.arrival`. */
  goOnAsArrived(): Promise<Answer<unknown>>
  connectByToken(token: string): Promise<Answer<ConnectedAnswer>>
  disconnect(): Promise<Answer<unknown>>
  plan(): Promise<Answer<ApiPlan>>
  confirm(choice: ConfirmInput): Promise<Answer<Edited<ConfirmAnswer>>>
  records(): Promise<Answer<RecordsAnswer>>
  verification(): Promise<Answer<VerificationAnswer>>
  sync(): Promise<Answer<SyncAnswer>>
  create(record: RecordInput): Promise<Answer<Edited<ApiRecord | undefined>>>
  update(id: string, record: RecordChangeInput): Promise<Answer<Edited<ApiRecord | undefined>>>
  remove(id: string): Promise<Answer<Edited<ApiRecord | undefined>>>
  removeAll(which: RemovalInput): Promise<Answer<Edited<unknown>>>
  operation(id: string): Promise<Answer<Operation>>
  /** `after`: `HistoryAnswer.next` of the page before. */
  history(after?: string): Promise<Answer<HistoryAnswer>>
  /** What happened to the account, as `history`. */
  audit(after?: string): Promise<Answer<AuditAnswer>>
  /** The review of taking a change back. */
  undoPlan(historyId: string): Promise<Answer<ApiPlan>>
  health(): Promise<Answer<HealthAnswer>>
  /** The review of what mends it. */
  fixPlan(finding: string): Promise<Answer<ApiPlan>>
  /** The review of a zone file. */
  importPlan(text: string): Promise<Answer<ApiPlan>>
}

const LOGIN = '/api/login'

/** `said`: a text for what goes wrong on the way, where the server says nothing. `onSignedOut`: the session has ended. */
export function createApi(
  fetch: typeof globalThis.fetch,
  said: (kind: 'unreachable' | 'broken' | 'away') => string,
  onSignedOut: () => void,
): Api {
  let csrfToken = ''
  let whose: string | undefined
  /** An answer said that nobody is signed in, where we had not signed out. */
  let hasEnded = false

  const ask = async <T>(method: string, path: string, body?: unknown): Promise<Answer<Reply<T>>> => {
    const sent = await send(method, path, body)
    const isOutdated = !sent.ok && sent.fault.code === 'CSRF'
    // Another tab signed in again, and the token went with the old session: nothing was done, so ask once more.
    if (!isOutdated) return sent as Answer<Reply<T>>
    const asked = whose
    await api.session()
    if (whose !== asked) {
      // By somebody else: what was typed here is not for them to send.
      onSignedOut()
      return sent as Answer<Reply<T>>
    }
    return (await send(method, path, body)) as Answer<Reply<T>>
  }

  const send = async (method: string, path: string, body: unknown): Promise<Answer<Reply<unknown>>> => {
    const headers: Record<string, string> = { accept: 'application/json' }
    if (method !== 'GET') headers['x-csrf-token'] = csrfToken
    // A text is a zone file; everything else is JSON.
    const isFile = typeof body === 'string'
    if (body !== undefined) headers['content-type'] = isFile ? 'text/dns' : 'application/json'
    const request = {
      method,
      headers,
      ...(body !== undefined && { body: isFile ? body : JSON.stringify(body) }),
    }
    const response = await fetch(`${BASE}${path}`, request).catch(() => undefined)
    if (response === undefined) {
      return failed({ status: 0, code: 'UNREACHABLE', message: said('unreachable') })
    }
    const value: unknown = response.status === 204 ? undefined : await response.json().catch(() => undefined)
    const historyId = response.headers.get('x-history-id')
    if (response.ok) return done({ status: response.status, value, ...(historyId !== null && { historyId }) })
    if (response.status === 401 && path !== LOGIN) {
      hasEnded ||= whose !== undefined
      onSignedOut()
    }
    return failed(faultIn(response, value, said))
  }

  const get = async <T>(path: string): Promise<Answer<T>> =>
    map(await ask<T>('GET', path), ({ value }) => value)
  const post = async <T>(path: string, body: unknown = {}): Promise<Answer<T>> =>
    map(await ask<T>('POST', path, body), ({ value }) => value)
  const edit = async (method: string, path: string, body?: unknown) =>
    map(
      await ask<Partial<{ record: ApiRecord; operation: Operation }> | undefined>(method, path, body),
      (reply) => editedFrom(reply, (value) => value?.record),
    )

  const api: Api = {
    async session() {
      const answer = await get<SessionAnswer>('/api/session')
      if (answer.ok) {
        csrfToken = answer.value.csrfToken
        whose = answer.value.customer?.id
        if (whose !== undefined) hasEnded = false
      }
      return map(answer, (value) => (hasEnded ? { ...value, hasEnded } : value))
    },
    signIn: (given) => post(LOGIN, given),
    async signOut() {
      const answer = await post('/api/logout')
      if (answer.ok) whose = undefined
      return answer
    },
    signOutEverywhere: () => post('/api/logout-everywhere'),
    audit: (after) => get(pageOf('/api/audit', after)),
    goOnAsArrived: () => post('/api/arrival'),
    connectByToken: (token) => post('/api/cloudflare/token', { token }),
    disconnect: () => post('/cloudflare/disconnect'),
    plan: async () => map(await get<PlanAnswer>('/api/cloudflare/plan'), ({ plan }) => plan),
    confirm: async (choice) =>
      map(await ask<ConfirmAnswer & Partial<OperationAnswer>>('POST', paths.confirm, choice), (reply) =>
        editedFrom(reply, (value) => value),
      ),
    records: () => get('/api/dns/records'),
    verification: () => get('/api/dns/verification'),
    sync: () => post('/api/dns/sync'),
    create: (record) => edit('POST', '/api/dns/records', record),
    update: (id, record) => edit('PUT', `/api/dns/records/${encodeURIComponent(id)}`, record),
    remove: (id) => edit('DELETE', `/api/dns/records/${encodeURIComponent(id)}`),
    removeAll: (which) => edit('POST', '/api/dns/records/delete', which),
    operation: async (id) =>
      map(
        await get<OperationAnswer>(`/api/operations/${encodeURIComponent(id)}`),
        ({ operation }) => operation,
      ),
    history: (after) => get(pageOf('/api/dns/history', after)),
    health: () => get('/api/dns/health'),
    fixPlan: async (finding) =>
      map(await post<PlanAnswer>('/api/dns/health/plan', { finding }), ({ plan }) => plan),
    importPlan: async (text) =>
      map(await post<PlanAnswer>('/api/dns/import?dryRun=true', text), ({ plan }) => plan),
    undoPlan: async (id) =>
      map(await post<PlanAnswer>(`/api/dns/history/${encodeURIComponent(id)}/undo`), ({ plan }) => plan),
  }
  return api
}

function pageOf(path: string, after: string | undefined): string {
  return after === undefined ? path : `${path}?after=${encodeURIComponent(after)}`
}

/** Thrown where a reader of data wants exceptions: React Query. */
export class FaultError extends Error {
  readonly fault: Fault

  constructor(fault: Fault) {
    super(fault.message)
    this.fault = fault
  }
}

/** The value, or a `FaultError`. */
export async function orThrow<T>(answer: Promise<Answer<T>>): Promise<T> {
  const result = await answer
  if (!result.ok) throw new FaultError(result.fault)
  return result.value
}

interface Reply<T> {
  readonly status: number
  readonly value: T
  /** Where a change stands in the history. */
  readonly historyId?: string
}

function editedFrom<V extends { operation?: Operation } | undefined, T>(
  { status, value, historyId }: Reply<V>,
  read: (value: V) => T,
): Edited<T> {
  const operation = value?.operation
  return status === 202 && operation !== undefined
    ? { status: 'checking', operation }
    : { status: 'done', value: read(value), ...(historyId !== undefined && { historyId }) }
}

function map<A, B>(answer: Answer<A>, change: (value: A) => B): Answer<B> {
  return answer.ok ? done(change(answer.value)) : answer
}

function done<T>(value: T): Answer<T> {
  return { ok: true, value }
}

function failed(fault: Fault): { readonly ok: false; readonly fault: Fault } {
  return { ok: false, fault }
}

function faultIn(response: Response, body: unknown, said: (kind: 'broken' | 'away') => string): Fault {
  const { status } = response
  const error = isObject(body) && isObject(body.error) ? body.error : {}
  const { code, message, field, details } = error
  const wait = Number(response.headers.get('retry-after') ?? Number.NaN)
  return {
    status,
    code: typeof code === 'string' ? code : 'UNKNOWN',
    // A proxy in front of us answers these while we are being replaced.
    message: typeof message === 'string' ? message : said(AWAY.includes(status) ? 'away' : 'broken'),
    ...(typeof field === 'string' && { field }),
    ...(isObject(details) && { details }),
    ...(wait > 0 && { retryAfter: Math.ceil(wait) }),
  }
}

const AWAY: readonly number[] = [502, 503, 504]

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
