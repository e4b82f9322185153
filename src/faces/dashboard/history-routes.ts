import type { FastifyInstance } from 'fastify'
import type { EditPage, ZoneEdits } from '#engine/edits/edits.ts'
import type { HistoryAnswer, PlanAnswer } from './api.ts'
import { noBody, readBody } from './bodies.ts'
import type { ConnectionStatuses } from './connection-status.ts'
import { cursorIn, cursorToWire } from './cursor.ts'
import { askedBy, customerOf } from './session-customer.ts'
import { entryToWire, planToWire } from './wire.ts'

export interface HistoryParts {
  readonly edits: ZoneEdits
  readonly connectionStatuses: ConnectionStatuses
}

/** What was changed, here and elsewhere, and the way back. */
export function historyRoutes(app: FastifyInstance, { edits, connectionStatuses }: HistoryParts): void {
  app.get<Paged>('/dashboard/api/dns/history', KEPT, async (request): Promise<HistoryAnswer> => {
    const customer = customerOf(request)
    const after = cursorIn(request.query.after)
    const { status, grant } = await connectionStatuses.of(customer)
    const zone = grant?.connection.zoneId ?? undefined
    const page: EditPage = {
      limit: ENTRIES,
      after,
      // What callers did before there was a connection is not its customer's to see.
      ...(grant && zone !== undefined && { zone, callersSince: grant.connection.connectedAt }),
    }
    const { entries, hasMore } = await edits.history({ customerId: customer.id }, page)
    return {
      entries: entries.map((entry) => entryToWire(entry, status === 'connected')),
      next: cursorToWire(hasMore, entries),
    }
  })

  app.post<ById>('/dashboard/api/dns/history/:id/undo', PLANNED, async (request): Promise<PlanAnswer> => {
    const customer = customerOf(request)
    readBody(noBody, request.body)
    const { editor, zone } = await connectionStatuses.connected(customer)
    return { plan: planToWire(await edits.planUndo(editor, zone, request.params.id, askedBy(request))) }
  })
}

interface ById {
  Params: { id: string }
}

interface Paged {
  Querystring: { after?: unknown }
}

const KEPT = { config: { holdsZone: 'kept' } } as const
const PLANNED = { config: { holdsZone: 'planned' } } as const

/** On one page. */
const ENTRIES = 50
