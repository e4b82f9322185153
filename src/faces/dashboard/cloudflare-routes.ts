import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Customer, Customers } from '#connections/customers.ts'
import type { ZoneEdits } from '#engine/edits/edits.ts'
import type { Log } from '#platform/ports.ts'
import type { ConfirmAnswer, ConnectedAnswer, Features, Flash, OperationAnswer, PlanAnswer } from './api.ts'
import { confirmBody, noBody, readBody, tokenBody } from './bodies.ts'
import { answerConfirmed } from './confirmed.ts'
import type { ConnectionStatuses } from './connection-status.ts'
import { NOT_FOUND, OUR_MISTAKE, RefusedRequest, refusalFor, zoneNotFound } from './on-error.ts'
import { START } from './pages.ts'
import { askedBy, continueSession, csrfTokenFor, customerOf } from './session-customer.ts'
import { sessionHash } from './sessions.ts'
import { planToWire } from './wire.ts'

export interface CloudflareParts {
  readonly customers: Customers
  readonly edits: ZoneEdits
  readonly connectionStatuses: ConnectionStatuses
  readonly features: Features
  /** Where browsers see us: scheme, host and port. */
  readonly publicUrl: string
  readonly log: Log
}

/** Connecting to Cloudflare by either door, the review, and leaving again. */
export function cloudflareRoutes(app: FastifyInstance, parts: CloudflareParts): void {
  const { customers, edits, connectionStatuses, features, publicUrl, log } = parts

  app.get('/dashboard/cloudflare/connect', { config: { isOpen: true } }, async (request, reply) => {
    if (!features.oauth) throw new RefusedRequest(NOT_FOUND)
    const { customer } = request
    if (customer === null) return reply.redirect(LOGIN, 302)
    // No other site begins this for anybody (RFC 9700 §4.7): whoever arrives so is shown the button.
    if (request.headers['sec-fetch-site'] === 'cross-site') return reply.redirect(START, 302)
    try {
      const url = await customers.beginOAuth(customer, sessionHash(request.session.sessionId))
      return reply.redirect(url.href, 302)
    } catch (error) {
      return turnBack(request, reply, customer, error)
    }
  })

  app.get(
    '/dashboard/cloudflare/callback',
    { config: { isOpen: true, holdsZone: 'sent' } },
    async (request, reply) => {
      if (!features.oauth) throw new RefusedRequest(NOT_FOUND)
      const { customer } = request
      if (customer === null) return reply.redirect(LOGIN, 302)
      try {
        const session = sessionHash(request.session.sessionId)
        const event = await eventOfConnecting(customer)
        await customers.finishOAuth(customer, session, new URL(`${publicUrl}${request.url}`))
        request.auditEvent = { event, detail: 'oauth' }
        await continueSession(request, customer)
        const { status, stored } = await connectionStatuses.review(customer, askedBy(request))
        if (status === 'review_pending') return reply.redirect(CONFIRM, 302)
        if (status === 'connected') {
          const message = `Connected to Cloudflare. ${customer.domain} needs no change.`
          return turn(request, reply, { kind: 'success', message })
        }
        const { message } = stored.plan.blocked ?? zoneNotFound(customer.domain)
        return turn(request, reply, { kind: 'error', message })
      } catch (error) {
        return turnBack(request, reply, customer, error)
      }
    },
  )

  app.post('/dashboard/api/cloudflare/token', SENT, async (request, reply): Promise<ConnectedAnswer> => {
    const customer = customerOf(request)
    const { token } = readBody(tokenBody, request.body)
    const event = await eventOfConnecting(customer)
    const { zones } = await customers.connectByToken(customer, token)
    request.auditEvent = { event, detail: 'token' }
    await continueSession(request, customer)
    if (zones > 1) request.session.flash = [{ kind: 'info', message: reachesMore(zones, customer.domain) }]
    const { status } = await connectionStatuses.review(customer, askedBy(request))
    return { connection: { status }, csrfToken: csrfTokenFor(request, reply) }
  })

  app.get('/dashboard/api/cloudflare/plan', PLANNED, async (request): Promise<PlanAnswer> => {
    const { stored } = await connectionStatuses.review(customerOf(request), askedBy(request))
    return { plan: planToWire(stored) }
  })

  app.post(
    '/dashboard/cloudflare/confirm',
    { bodyLimit: CONFIRM_LIMIT, ...SENT },
    async (request, reply): Promise<ConfirmAnswer | OperationAnswer> => {
      const customer = customerOf(request)
      const choice = readBody(confirmBody, request.body)
      const { editor, connection } = await connectionStatuses.readable(customer)
      await customers.spend(customer.id, 'change')
      const store = { name: customer.domain, ...customer.targets }
      const edited = await edits.confirm(editor, store, choice, askedBy(request))
      const answer = answerConfirmed(reply, edited)
      if (edited.status === 'done' && edited.kind === 'confirm') await connectionStatuses.reviewed(connection)
      return answer
    },
  )

  app.post('/dashboard/cloudflare/disconnect', async (request, reply) => {
    readBody(noBody, request.body)
    const { revoked } = await customers.disconnect(customerOf(request))
    request.auditEvent = { event: 'disconnected' }
    if (revoked === 'no') {
      request.session.flash = [{ kind: 'info', message: REVOKE_YOURSELF }]
    }
    return reply.code(204).send()
  })

  async function eventOfConnecting({ id }: Customer): Promise<'connected' | 'reconnected'> {
    return (await customers.connectionOf(id)) === undefined ? 'connected' : 'reconnected'
  }

  /** Back to the start, with the reason in words, and without the code and state in the address. */
  function turnBack(
    request: FastifyRequest,
    reply: FastifyReply,
    customer: Customer,
    error: unknown,
  ): FastifyReply {
    const refusal = refusalFor(error, customer.domain)
    if (refusal === undefined) log.error({ requestId: request.id, err: error }, 'unexpected error')
    return turn(request, reply, { kind: 'error', message: (refusal ?? OUR_MISTAKE).message })
  }
}

const SENT = { config: { holdsZone: 'sent' } } as const
const PLANNED = { config: { holdsZone: 'planned' } } as const

const LOGIN = '/dashboard/login'
const CONFIRM = '/dashboard/cloudflare/confirm'

/** Octets: every row of the largest zone may be named. */
const CONFIRM_LIMIT = 1024 * 1024

const REVOKE_YOURSELF =
  'Disconnected: we have deleted our access. Cloudflare did not confirm that it is revoked there too; to be sure, remove the application in your Cloudflare profile.'

/** Cloudflare's form is filled in with all zones; to choose one is a step that is easily skipped. */
function reachesMore(zones: number, domain: string): string {
  return `Cloudflare is connected. The token reaches ${zones} domains, and only the one that holds ${domain} is needed: at Cloudflare you can edit the token and choose that one under "Zone Resources". It stays the same token, so nothing has to be pasted again.`
}

function turn(request: FastifyRequest, reply: FastifyReply, flash: Flash): FastifyReply {
  request.session.flash = [flash]
  return reply.redirect(START, 302)
}
