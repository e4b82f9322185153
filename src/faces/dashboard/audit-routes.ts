import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { AuditEntry, AuditEvent, AuditPage } from '#accounts/audit.ts'
import type { Customers } from '#connections/customers.ts'
import type { Log } from '#platform/ports.ts'
import type { ApiAuditEntry, AuditAnswer } from './api.ts'
import { noBody, readBody } from './bodies.ts'
import { browserOf } from './browser.ts'
import { cursorIn, cursorToWire } from './cursor.ts'
import { customerOf } from './session-customer.ts'
import { timeToWire } from './wire.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** What this request did to the account of whoever is signed in; null: nothing that is told there. */
    auditEvent: { readonly event: AuditEvent; readonly detail?: string | undefined } | null
  }
}

export interface AuditParts {
  readonly customers: Customers
  readonly cookieNames: { readonly session: string }
  readonly log: Log
}

/** Notes what requests did, before they are answered, and shows it to whom it happened. */
export function auditRoutes(app: FastifyInstance, { customers, cookieNames, log }: AuditParts): void {
  app.addHook('onSend', async (request) => {
    const { customer, auditEvent } = request
    if (customer === null || auditEvent === null) return
    // What was done was done, also if it cannot be noted.
    await customers.audit
      .note(customer.id, { ...auditEvent, ...whenceOf(request) })
      .catch((err: unknown) => log.warn({ requestId: request.id, err }, 'writing the audit log failed'))
  })

  app.get<Paged>('/dashboard/api/audit', async (request): Promise<AuditAnswer> => {
    const page: AuditPage = { limit: ENTRIES, after: cursorIn(request.query.after) }
    const { entries, hasMore } = await customers.audit.read(customerOf(request).id, page)
    return { entries: entries.map(entryToWire), next: cursorToWire(hasMore, entries) }
  })

  app.post('/dashboard/api/logout-everywhere', async (request, reply) => {
    readBody(noBody, request.body)
    await customers.endSessions(customerOf(request).id)
    request.auditEvent = { event: 'signed-out-everywhere' }
    return reply.clearCookie(cookieNames.session, { path: '/' }).code(204).send()
  })
}

/** Where a request came from, for the account's owner. */
export function whenceOf({ ip, headers }: FastifyRequest): { address: string; browser: string } {
  return { address: ip, browser: browserOf(headers['user-agent']) }
}

interface Paged {
  Querystring: { after?: unknown }
}

/** On one page. */
const ENTRIES = 50

function entryToWire({ id, at, event, address, browser, detail }: AuditEntry): ApiAuditEntry {
  return { id, at: timeToWire(at), event, address, browser, ...(detail !== undefined && { detail }) }
}
