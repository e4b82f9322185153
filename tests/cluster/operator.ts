import type { Clock } from '#platform/ports.ts'
import type { ApiServer, DnsRecord } from './api-server.ts'
import type { Client, Fault } from './client.ts'
import { createWorkQueue } from './work-queue.ts'

/**
 * The controllers of the DNS Operator, after `internal/controller/dnsrecord_controller.go` and
 * `dnsclass_controller.go` of github.com/morten-olsen/homelab-dns-operator (2026-11-21), on the cluster's clock.
 * Whatever they write is an event that starts them again, their own status included; so a record comes to rest only
 * when two of its passes end in the same second.
 */
export function startOperator(api: ApiServer, client: Client, clock: Clock): void {
  const records = createWorkQueue(clock)
  api.onChange(records.add)
  for (const name of api.records.keys()) records.add(name)
  void records.run((name) => reconcileRecord(api, client, clock, name))

  const classes = createWorkQueue(clock)
  classes.add('cloudflare')
  let checkedAt: number | undefined
  void classes.run(async () => {
    if (!api.hasClass) return undefined
    await client.health()
    const now = wholeSeconds(clock)
    if (now !== checkedAt) classes.add('cloudflare')
    checkedAt = now
    return HEALTH_INTERVAL_MS
  })
}

const HEALTH_INTERVAL_MS = 600_000
const RETRY_MS = 5_000
const MOST_RETRY_MS = 60_000
const ATTEMPTS = 5
const SECRET_RETRY_MS = 60_000
const DEFAULT_TTL = 300

/** One pass. Answers after how many milliseconds there shall be another, whatever happens. */
async function reconcileRecord(
  api: ApiServer,
  client: Client,
  clock: Clock,
  name: string,
): Promise<number | undefined> {
  const record = api.records.get(name)
  if (record === undefined) return undefined
  if (record.leaving) return depart(api, client, record)
  if (!record.finalizer) {
    await api.update(record, { finalizer: true })
    return 0
  }
  if (!api.hasClass) {
    await fail(api, clock, record, 'DNSClassNotFound', {
      status: 0,
      code: 'DNS_CLASS_NOT_FOUND',
      message: '',
    })
    return SECRET_RETRY_MS
  }
  if (api.secret === undefined) {
    await fail(api, clock, record, 'SecretNotFound', { status: 0, code: 'SECRET_NOT_FOUND', message: '' })
    return SECRET_RETRY_MS
  }

  const fault = await upsertPatiently(client, clock, record)
  if (fault !== undefined) {
    await fail(api, clock, record, REASONS[fault.status] ?? 'ServerUnreachable', fault)
    return RETRY_MS
  }
  const { state } = record.status
  await api.updateStatus(record, {
    state: state === 'Created' || state === 'Updated' ? 'Updated' : 'Created',
    reason: 'RecordUpdated',
    lastSync: wholeSeconds(clock),
  })
  return undefined
}

/** What a DNSRecord's condition says of a status; anything else is "ServerUnreachable". */
const REASONS: Readonly<Record<number, string>> = {
  0: 'ServerError',
  400: 'ValidationFailed',
  401: 'AuthenticationFailed',
  500: 'ServerError',
}

/** In the only worker: while it sleeps, no other record gets its turn. */
async function upsertPatiently(client: Client, clock: Clock, record: DnsRecord): Promise<Fault | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const fault = await client.upsert(record.spec, DEFAULT_TTL)
    if (fault === undefined || fault.status === 400 || attempt === ATTEMPTS) return fault
    await clock.sleep(Math.min(RETRY_MS * 2 ** (attempt - 1), MOST_RETRY_MS))
  }
}

/** Signed or not: a missing secret does not keep it from asking. Without a class nothing is asked at all. */
async function depart(api: ApiServer, client: Client, record: DnsRecord): Promise<number | undefined> {
  const fault = api.hasClass ? await client.delete(record.spec) : undefined
  if (fault !== undefined) return RETRY_MS
  await api.update(record, { finalizer: false })
  return undefined
}

async function fail(api: ApiServer, clock: Clock, record: DnsRecord, reason: string, fault: Fault) {
  const now = wholeSeconds(clock)
  const error = { code: fault.code, message: fault.message, at: now }
  await api.updateStatus(record, { state: 'Error', reason, lastSync: now, error })
}

function wholeSeconds(clock: Clock): number {
  return Math.floor(clock.now() / 1000)
}
