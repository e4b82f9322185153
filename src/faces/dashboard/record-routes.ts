import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Customers } from '#connections/customers.ts'
import type { Name } from '#dns/name.ts'
import type { NewRecord, RecordId } from '#dns/record.ts'
import { parseDraft, type RecordDraft } from '#edit-rules/draft.ts'
import type { CachedRecord, Edited, ZoneEdits } from '#engine/edits/edits.ts'
import type { AnyRecord } from '#onboarding/input.ts'
import type { OperationAnswer, RecordAnswer, RecordsAnswer, SyncAnswer } from './api.ts'
import { noBody, RECORD_ID, readBody, recordBody, recordChangeBody, removalBody } from './bodies.ts'
import type { ConnectionStatuses, WithZone } from './connection-status.ts'
import { invalidInput, NOT_FOUND, RefusedRequest } from './on-error.ts'
import { askedBy, customerOf } from './session-customer.ts'
import { editedToWire, isUnchangedSince, recordToWire, timeToWire, zoneToWire } from './wire.ts'

export interface RecordParts {
  readonly customers: Customers
  readonly edits: ZoneEdits
  readonly connectionStatuses: ConnectionStatuses
}

/** The records of the customer's zone. Every id is looked up in there, and nowhere else. */
export function recordRoutes(
  app: FastifyInstance,
  { customers, edits, connectionStatuses }: RecordParts,
): void {
  app.get('/dashboard/api/dns/records', KEPT, async (request): Promise<RecordsAnswer> => {
    const { status, grant } = await connectionStatuses.of(customerOf(request))
    const zone = grant?.connection.zoneId
    if (grant === undefined || zone === undefined || zone === null) {
      return { records: [], lastSyncedAt: null, connection: { status }, zone: null }
    }
    const cached = await edits.records(grant.editor, zone)
    // A zone without records has none in the cache that would say when it was read.
    const syncedAt = cached.syncedAt ?? grant.connection.lastSyncAt
    return {
      records: cached.records.map(recordToWire),
      lastSyncedAt: syncedAt === null ? null : timeToWire(syncedAt),
      connection: { status },
      zone: zoneToWire(cached.zone),
    }
  })

  app.post(
    '/dashboard/api/dns/records',
    SENT,
    async (request, reply): Promise<RecordAnswer | OperationAnswer> => {
      const customer = customerOf(request)
      const body = readBody(recordBody, request.body)
      const { editor, zone } = await connectionStatuses.connected(customer)
      const cached = await edits.records(editor, zone)
      const wanted = recordIn(body, cached.zone.name)
      await customers.spend(customer.id, 'change')
      return answerEdited(reply, await edits.create(editor, zone, wanted, askedBy(request)), 201)
    },
  )

  app.put<ById>(RECORD, SENT, async (request, reply): Promise<RecordAnswer | OperationAnswer> => {
    const customer = customerOf(request)
    const id = recordIdIn(request.params.id)
    const { was, ...body } = readBody(recordChangeBody, request.body)
    const grant = await connectionStatuses.connected(customer)
    const { current, zoneName } = await lookUp(grant, id)
    const wanted = recordIn(withWhatStays(body, current), zoneName)
    await customers.spend(customer.id, 'change')
    const isAsSeen = was && ((record: AnyRecord) => isUnchangedSince(record, was))
    const edited = await edits.update(grant.editor, grant.zone, id, wanted, askedBy(request), isAsSeen)
    return answerEdited(reply, edited, 200)
  })

  app.delete<ById>(RECORD, SENT, async (request, reply) => {
    const customer = customerOf(request)
    const id = recordIdIn(request.params.id)
    readBody(noBody, request.body)
    const grant = await connectionStatuses.connected(customer)
    await lookUp(grant, id)
    await customers.spend(customer.id, 'change')
    const edited = await edits.remove(grant.editor, grant.zone, id, askedBy(request))
    if (edited.status === 'checking') return answerEdited(reply, edited, 200)
    nameEntry(reply, edited)
    return reply.code(204).send()
  })

  app.post('/dashboard/api/dns/records/delete', SENT, async (request, reply) => {
    const customer = customerOf(request)
    const { ids, sure = [] } = readBody(removalBody, request.body)
    const { editor, zone } = await connectionStatuses.connected(customer)
    const { records } = await edits.records(editor, zone)
    const shown = new Map(records.map((cached) => [cached.record.id, cached]))
    for (const id of ids) mustBeOpen(shown.get(id as RecordId))
    await customers.spend(customer.id, 'change')
    const edited = await edits.removeAll(editor, zone, ids as RecordId[], sure, askedBy(request))
    if (edited.status === 'checking') return answerEdited(reply, edited, 200)
    nameEntry(reply, edited)
    return reply.code(204).send()
  })

  app.get<ById>('/dashboard/api/operations/:id', async (request): Promise<OperationAnswer> => {
    const { id } = request.params
    const customer = customerOf(request)
    const { grant, status: connectionStatus } = await connectionStatuses.of(customer)
    const operation = grant && OPERATION_ID.test(id) ? await edits.operation(grant.editor, id) : undefined
    if (grant === undefined || operation === undefined) throw new RefusedRequest(NOT_FOUND)
    const { kind, status, records, error } = operation
    const isConfirmed = kind === 'confirm' && status === 'done'
    if (isConfirmed && connectionStatus === 'review_pending')
      await connectionStatuses.reviewed(grant.connection)
    const [record] = records
    return {
      operation: {
        id,
        status,
        ...(record !== undefined && { record: editedToWire(record) }),
        ...(error !== undefined && { error }),
      },
    }
  })

  app.post('/dashboard/api/dns/sync', SENT, async (request): Promise<SyncAnswer> => {
    const customer = customerOf(request)
    readBody(noBody, request.body)
    const { connection, editor, zone } = await connectionStatuses.readable(customer)
    await customers.spend(customer.id, 'sync')
    const { records, syncedAt } = await edits.sync(editor, zone, askedBy(request))
    if (syncedAt !== null) await customers.markSynced(connection, syncedAt)
    return {
      records: records.map(recordToWire),
      lastSyncedAt: syncedAt === null ? null : timeToWire(syncedAt),
    }
  })

  /** The record as the customer's own zone shows it, if it can be changed. Asks nobody, and costs nothing. */
  async function lookUp(
    { editor, zone }: WithZone,
    id: RecordId,
  ): Promise<{ current: CachedRecord; zoneName: Name }> {
    const cached = await edits.records(editor, zone)
    const current = mustBeOpen(cached.records.find(({ record }) => record.id === id))
    return { current, zoneName: cached.zone.name }
  }
}

interface ById {
  Params: { id: string }
}

const KEPT = { config: { holdsZone: 'kept' } } as const
const SENT = { config: { holdsZone: 'sent' } } as const

const RECORD = '/dashboard/api/dns/records/:id'

const OPERATION_ID = /^[A-Za-z0-9_-]{1,64}$/

function recordIdIn(text: string): RecordId {
  if (!RECORD_ID.test(text)) throw new RefusedRequest(NOT_FOUND)
  return text as RecordId
}

function mustBeOpen(cached: CachedRecord | undefined): CachedRecord {
  if (cached === undefined) throw new RefusedRequest(NOT_FOUND)
  if (cached.locked === undefined) return cached
  throw new RefusedRequest({ status: 409, code: 'CONFLICT', message: cached.locked })
}

function recordIn(input: RecordDraft, zone: Name): NewRecord {
  const draft = parseDraft(input, zone)
  if (draft.ok) return draft.value
  throw new RefusedRequest(invalidInput(draft.problems))
}

/** What a request does not name stays as it is, the proxy above all: without it the origin's address is public. */
function withWhatStays(body: RecordDraft, current: CachedRecord): RecordDraft {
  const { type, priority, proxied, ttl, comment } = recordToWire(current)
  if (body.type !== type) {
    throw new RefusedRequest({
      status: 422,
      code: 'INVALID_INPUT',
      field: 'type',
      message: `A record keeps its type. Delete this ${type} record and add the new one.`,
    })
  }
  return { priority, proxied, comment, ...(ttl !== null && { ttl }), ...body }
}

/** Where the change stands in the history, also for an answer without a body; nothing stands there of no change. */
function nameEntry(reply: FastifyReply, edited: Edited): void {
  if (edited.status === 'done' && edited.applied === 0) return
  reply.header('x-history-id', edited.id)
  reply.request.auditEvent = { event: 'changed', detail: edited.id }
}

function answerEdited(
  reply: FastifyReply,
  edited: Edited,
  status: 200 | 201,
): RecordAnswer | OperationAnswer {
  nameEntry(reply, edited)
  if (edited.status === 'checking') {
    reply.code(202)
    return { operation: { id: edited.id, status: 'checking' } }
  }
  const [record] = edited.records
  if (record === undefined) throw new Error('an edit that is done has a record')
  reply.code(status)
  return { record: editedToWire(record) }
}
