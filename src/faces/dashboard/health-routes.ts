import type { FastifyInstance } from 'fastify'
import { findingsIn } from '#diagnostics/diagnostics.ts'
import type { ZoneEdits } from '#engine/edits/edits.ts'
import type { HealthAnswer, PlanAnswer } from './api.ts'
import { fixBody, readBody } from './bodies.ts'
import type { ConnectionStatuses, WithZone } from './connection-status.ts'
import { reportOf } from './health-report.ts'
import { RefusedRequest } from './on-error.ts'
import { askedBy, customerOf } from './session-customer.ts'
import { planToWire, timeToWire } from './wire.ts'

export interface HealthParts {
  readonly edits: ZoneEdits
  readonly connectionStatuses: ConnectionStatuses
}

/** What is the matter with the customer's zone, and the review of what mends it. */
export function healthRoutes(app: FastifyInstance, { edits, connectionStatuses }: HealthParts): void {
  app.get('/dashboard/api/dns/health', KEPT, async (request): Promise<HealthAnswer> => {
    const grant = await connectionStatuses.kept(customerOf(request))
    const { findings, readAt } = await lookAt(grant)
    return { ...reportOf(findings), readAt: readAt === null ? null : timeToWire(readAt) }
  })

  app.post('/dashboard/api/dns/health/plan', PLANNED, async (request): Promise<PlanAnswer> => {
    const customer = customerOf(request)
    const { finding: id } = readBody(fixBody, request.body)
    const grant = await connectionStatuses.connected(customer)
    const { findings } = await lookAt(grant)
    const fix = findings.find((finding) => finding.id === id)?.fix
    if (fix === undefined) throw new RefusedRequest(NOTHING_TO_FIX)
    const origin = { kind: 'mend', wanted: fix(), notes: [] } as const
    return { plan: planToWire(await edits.planSets(grant.editor, grant.zone, origin, askedBy(request))) }
  })

  async function lookAt({ editor, zone: id, connection }: WithZone) {
    const { zone, records, syncedAt } = await edits.records(editor, id)
    const findings = findingsIn({ name: zone.name, records: records.map(({ record }) => record) })
    return { findings, readAt: syncedAt ?? connection.lastSyncAt }
  }
}

const KEPT = { config: { holdsZone: 'kept' } } as const
const PLANNED = { config: { holdsZone: 'planned' } } as const

const NOTHING_TO_FIX = {
  status: 409,
  code: 'CONFLICT',
  message: 'There is nothing left to fix here. Load the page again.',
} as const
