import { z } from 'zod'
import type { Change } from '#dns/plan.ts'
import type { ForeignRecord, RecordId, ZoneRecord } from '#dns/record.ts'
import type { ListedZone, ZoneId } from '#dns/zone.ts'
import {
  type BatchDone,
  type ListedRecords,
  MOST_LISTED,
  type Permit,
  type Provider,
  type Turn,
  type WorkKind,
} from '#providers/provider.ts'
import { CloudflareError } from './errors.ts'
import type { AnswersFor, RateLimiter } from './rate-limiter.ts'
import { type Call, type Reply, readReply, unreachable } from './reply.ts'
import { type Transport, TransportError, type TransportReply } from './transport.ts'
import {
  batchAnswer,
  batchToWire,
  CLOUDFLARE_ID,
  isManageable,
  recordFromWire,
  usageAnswer,
  zoneFromWire,
} from './wire.ts'

/** Operations in one batch on the Free plan; paid plans take 3,500. Source: Cloudflare docs, "Batch record changes". */
const BATCH_LIMIT = 200

export type Credential =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'key'; readonly key: string; readonly email: string }

export interface CloudflareOptions {
  readonly transport: Transport
  readonly rateLimiter: RateLimiter
  /** `granted`: the transport brings one with each request (`grantedTransport`). */
  readonly credential: Credential | 'granted'
  /** Names the credential without telling it. */
  readonly credentialName: string
  /** `https://api.cloudflare.com/client/v4`, without a slash at its end. */
  readonly baseUrl: string
  /** Narrows the list of zones to one account. */
  readonly accountId?: string | undefined
  /** Told of every call: the endpoint's name, the status (0: no answer) and how long it took. */
  readonly observe?: (call: { endpoint: string; status: number; ms: number }) => void
  readonly now: () => number
}

const ZONES_PER_PAGE = 50
/**
 * Cloudflare gives 5,000 records a page at most; a page of 1,000 fits our memory, and one of 100 does so whatever is in
 * it. How Cloudflare refuses more than it gives nobody has written down.
 */
const RECORDS_PER_PAGE = [1_000, 100]
const MOST_PAGES = 500
const PATIENCE_FOR_READS_MS = 20_000

export function createCloudflareClient(options: CloudflareOptions): Provider {
  const { transport, rateLimiter, credential, credentialName, baseUrl, accountId, observe, now } = options
  const authorization = headersFor(credential)

  /** One call through the gate's far side: whoever comes here has a permit. */
  async function send(call: Call): Promise<Reply> {
    const startedAt = now()
    let status = 0
    try {
      const reply = await transport({
        method: call.method,
        url: `${baseUrl}${call.path}`,
        headers: {
          ...authorization,
          Accept: 'application/json',
          'User-Agent': 'zonewright',
          ...(call.body === undefined ? {} : { 'Content-Type': 'application/json' }),
        },
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      }).catch((error: unknown): TransportReply => {
        if (error instanceof TransportError) throw unreachable(error, call)
        throw error
      })
      status = reply.status
      const answer = readReply(reply, call)
      await rateLimiter.ended(undefined)
      return answer
    } catch (error) {
      if (error instanceof CloudflareError) await rateLimiter.ended(error, answersFor(error, call))
      throw error
    } finally {
      observe?.({ endpoint: call.endpoint, status, ms: now() - startedAt })
    }
  }

  /** Pages to the end and checks the sum: a list whose pages do not add up is unknown, not short. */
  async function listAll<Item extends { id: string }>(
    endpoint: string,
    pathOf: (page: number) => string,
    read: (body: unknown) => Item,
    work: WorkKind,
    turn?: Turn,
  ): Promise<readonly Item[]> {
    const items = new Map<string, Item>()
    let total: number | undefined
    for (let page = 1; page <= MOST_PAGES; page += 1) {
      await rateLimiter.enter(work, PATIENCE_FOR_READS_MS, page === 1 ? turn : { ...turn, attempt: 'first' })
      const call: Call = { method: 'GET', endpoint, path: pathOf(page), writes: false }
      const { result, result_info: info } = await send(call)
      if (!Array.isArray(result) || !info) throw unlike(call)
      if (info.total_count > MOST_LISTED) throw tooMany(endpoint, info.total_count)
      const sizeBefore = items.size
      for (const body of result) {
        const item = parsed(() => read(body), call)
        items.set(item.id, item)
      }
      if (total !== undefined && info.total_count !== total) throw incomplete(endpoint)
      total = info.total_count
      if (items.size === total) return [...items.values()]
      // A page without anything new will be followed by another one, without end.
      if (items.size === sizeBefore || items.size > total) throw incomplete(endpoint)
    }
    throw incomplete(endpoint)
  }

  async function listZones(work: WorkKind, turn?: Turn): Promise<readonly ListedZone[]> {
    const account = accountId === undefined ? '' : `&account.id=${encodeURIComponent(accountId)}`
    return listAll(
      'zones.list',
      (page) => `/zones?per_page=${ZONES_PER_PAGE}&page=${page}${account}`,
      zoneFromWire,
      work,
      turn,
    )
  }

  async function listRecords(zone: ZoneId, work: WorkKind, turn?: Turn): Promise<ListedRecords> {
    const all = await recordsByPages(recordsPath(zone), work, turn)
    return {
      records: all.filter(isManageable),
      others: all.filter((record): record is ForeignRecord => !isManageable(record)),
    }
  }

  async function recordQuota(zone: ZoneId, work: WorkKind, turn?: Turn): Promise<number | undefined> {
    await rateLimiter.enter(work, PATIENCE_FOR_READS_MS, turn)
    const path = `${recordsPath(zone)}/usage`
    const call: Call = { method: 'GET', endpoint: 'records.usage', path, writes: false }
    const { result } = await send(call)
    return parsed(() => usageAnswer.parse(result), call).record_quota ?? undefined
  }

  let pageSizes = RECORDS_PER_PAGE

  /** Asks for the largest pages that are given: what was refused once, and then given smaller, is not asked for again. */
  async function recordsByPages(
    path: string,
    work: WorkKind,
    turn?: Turn,
    [perPage = 100, ...smaller] = pageSizes,
  ): Promise<readonly (ZoneRecord | ForeignRecord)[]> {
    try {
      const pathOf = (page: number) => `${path}?per_page=${perPage}&page=${page}`
      return await listAll<ZoneRecord | ForeignRecord>('records.list', pathOf, recordFromWire, work, turn)
    } catch (error) {
      if (!(error instanceof CloudflareError) || !isAboutSize(error) || smaller.length === 0) throw error
      const records = await recordsByPages(path, work, turn, smaller)
      pageSizes = smaller
      return records
    }
  }

  async function permit(work: WorkKind, patienceMs: number, turn?: Turn): Promise<Permit> {
    await rateLimiter.enter(work, patienceMs, turn)
    return { used: false }
  }

  async function batch(zone: ZoneId, changes: readonly Change[], permit: Permit): Promise<BatchDone> {
    if (permit.used) throw new Error('a permit is good for one call')
    ;(permit as { used: boolean }).used = true
    const body = batchToWire(changes)
    const call: Call = {
      method: 'POST',
      endpoint: 'records.batch',
      path: `${recordsPath(zone)}/batch`,
      body,
      writes: true,
    }
    const { result } = await send(call)
    const answer = parsed(() => batchAnswer.parse(result), call, 'executed')
    const done = parsed(
      () => ({
        deleted: body.deletes.map(({ id }) => id as RecordId),
        patched: (answer.patches ?? []).map(manageableFromWire),
        created: (answer.posts ?? []).map(manageableFromWire),
      }),
      call,
      'executed',
    )
    const whole = done.patched.length === body.patches.length && done.created.length === body.posts.length
    if (!whole) throw unlike(call, 'executed')
    return done
  }

  return {
    credential: credentialName,
    capabilities: { batchLimit: BATCH_LIMIT },
    listZones,
    listRecords,
    recordQuota,
    permit,
    batch,
    status: rateLimiter.status,
  }
}

function headersFor(credential: CloudflareOptions['credential']): Record<string, string> {
  if (credential === 'granted') return {}
  return credential.kind === 'token'
    ? { Authorization: `Bearer ${credential.token}` }
    : { 'X-Auth-Key': credential.key, 'X-Auth-Email': credential.email }
}

/** Cloudflare refused the size of a page, or sent one that is larger than we accept. */
function isAboutSize({ kind, status }: CloudflareError): boolean {
  return kind === 'too-large' || (kind === 'refused' && status === 400)
}

/** 401 is an unknown token; 403 is one that may not, which says something about all zones only where all are asked for. */
function answersFor({ status }: CloudflareError, { endpoint }: Call): AnswersFor {
  return status === 401 || endpoint === 'zones.list' ? 'credential' : 'zone'
}

function recordsPath(zone: ZoneId): string {
  if (!CLOUDFLARE_ID.test(zone)) throw new Error('not a Cloudflare zone id')
  return `/zones/${zone}/dns_records`
}

function manageableFromWire(body: unknown): ZoneRecord {
  const record = recordFromWire(body)
  if (!isManageable(record)) throw new z.ZodError([])
  return record
}

function parsed<T>(read: () => T, call: Call, outcome?: 'executed'): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof z.ZodError) throw unlike(call, outcome)
    throw error
  }
}

/** `executed`: the envelope said success, so it was done; we only cannot read what it became. */
function unlike(call: Call, outcome?: 'executed'): CloudflareError {
  return new CloudflareError(
    'unreadable',
    outcome ?? (call.writes ? 'ambiguous' : 'not-executed'),
    `Cloudflare's answer to ${call.endpoint} is not of the shape we know.`,
  )
}

function tooMany(endpoint: string, count: number): CloudflareError {
  return new CloudflareError(
    'too-many',
    'not-executed',
    `${endpoint} has ${count} entries; a list of more than ${MOST_LISTED} is not read.`,
  )
}

function incomplete(endpoint: string): CloudflareError {
  return new CloudflareError(
    'incomplete-list',
    'not-executed',
    `The pages of ${endpoint} do not add up; the list changed while it was read.`,
  )
}
