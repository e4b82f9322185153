import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { CachedZone, Editor, ZoneEdits } from '#engine/edits/edits.ts'
import type { Clock } from '#platform/ports.ts'
import type { Verification, Verified } from '#verification/verification.ts'
import type { VerificationAnswer } from './api.ts'
import type { ConnectionStatuses } from './connection-status.ts'
import { NOT_CONNECTED, NOT_FOUND, RefusedRequest, zoneNotFound } from './on-error.ts'
import { askedBy, customerOf } from './session-customer.ts'
import { timeToWire } from './wire.ts'

export interface VerificationParts {
  readonly edits: ZoneEdits
  readonly connectionStatuses: ConnectionStatuses
  readonly verification: Verification
  readonly clock: Clock
}

/** Whether visitors arrive at the customer's store. */
export function verificationRoutes(
  app: FastifyInstance,
  { edits, connectionStatuses, verification, clock }: VerificationParts,
): void {
  app.get('/dashboard/api/dns/verification', async (request): Promise<VerificationAnswer> => {
    const customer = customerOf(request)
    const { grant } = await connectionStatuses.of(customer)
    if (grant === undefined) throw new RefusedRequest(NOT_CONNECTED)
    const { editor, connection } = grant
    const { zoneId } = connection
    if (zoneId === null) throw new RefusedRequest(zoneNotFound(customer.domain))
    const verified = await verification.check(customer.id, async () => {
      const { zone, records } = await cached(editor, zoneId, request)
      const { entries } = await edits.history(editor, { zone: zoneId, limit: ENTRIES })
      return {
        store: { name: customer.domain, ...customer.targets },
        zone,
        records: records.map(({ record }) => record),
        history: entries.flatMap(({ at, changes }) => changes.map((change) => ({ at, ...change }))),
      }
    })
    return verifiedToWire(verified)
  })

  /** From the cache. Whether a zone still waits for its registrar is asked of Cloudflare now and then. */
  async function cached(editor: Editor, zoneId: string, request: FastifyRequest): Promise<CachedZone> {
    const known = await edits.records(editor, zoneId)
    const { status, name, seenAt } = known.zone
    if (status !== 'pending' || clock.now() - seenAt < PENDING_FOR_MS) return known
    const isListed = await edits.zonesFor(editor, name, askedBy(request)).then(
      () => true,
      () => false,
    )
    return isListed ? edits.records(editor, zoneId) : known
  }
}

/** What the host platform hands on to us from every store: proof that a visitor of it arrives there. Asked by ourselves. */
export async function reachRoutes(
  app: FastifyInstance,
  { answerTo }: Pick<Verification, 'answerTo'>,
): Promise<void> {
  app.get<{ Params: { token: string } }>('/.well-known/zonewright/:token', async (request, reply) => {
    const answer = answerTo(request.params.token)
    if (answer === undefined) throw new RefusedRequest(NOT_FOUND)
    return reply.header('cache-control', 'no-store').type('text/plain').send(`${answer}\n`)
  })
}

/** Whatever nobody remembers any more is among the last of them. */
const ENTRIES = 20

/** Cloudflare looks for a registrar's change every few hours; a minute more makes no difference. */
const PENDING_FOR_MS = 60_000

function verifiedToWire({ names, delegation, checkedAt }: Verified): VerificationAnswer {
  return {
    names: names.map(({ readyAt, ...state }) => ({
      ...state,
      readyAt: readyAt === null ? null : timeToWire(readyAt),
    })),
    delegation,
    checkedAt: timeToWire(checkedAt),
  }
}
