import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Customers } from '#connections/customers.ts'
import { printZoneFile } from '#dns/zone-file-print.ts'
import { LARGEST_FILE, parseImport } from '#edit-rules/zone-file.ts'
import type { ZoneEdits } from '#engine/edits/edits.ts'
import { advised } from '#onboarding/chosen.ts'
import { importOf } from '#onboarding/import.ts'
import type { ConfirmAnswer, OperationAnswer, PlanAnswer } from './api.ts'
import { answerConfirmed } from './confirmed.ts'
import type { ConnectionStatuses } from './connection-status.ts'
import { invalidInput, RefusedRequest } from './on-error.ts'
import { askedBy, customerOf } from './session-customer.ts'
import { planToWire } from './wire.ts'

export interface ZoneFileParts {
  readonly customers: Customers
  readonly edits: ZoneEdits
  readonly connectionStatuses: ConnectionStatuses
}

/** The records of the customer's zone as a zone file, and the way back (RFC 1035 §5). */
export async function zoneFileRoutes(
  app: FastifyInstance,
  { customers, edits, connectionStatuses }: ZoneFileParts,
): Promise<void> {
  // RFC 4027. Read as octets, so that what is no UTF-8 is refused and not replaced.
  app.addContentTypeParser('text/dns', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

  app.get('/dashboard/api/dns/export', KEPT, async (request, reply): Promise<string> => {
    const { editor, zone: id, connection } = await connectionStatuses.kept(customerOf(request))
    const { zone, records, syncedAt } = await edits.records(editor, id)
    const readAt = syncedAt ?? connection.lastSyncAt
    if (readAt === null) throw new RefusedRequest(NOT_READ)
    reply.type('text/dns; charset=utf-8')
    reply.header('content-disposition', `attachment; filename="${zone.name}.txt"`)
    return printZoneFile(
      zone,
      records.map(({ record }) => record),
      readAt,
    )
  })

  app.post(
    '/dashboard/api/dns/import',
    { bodyLimit: LARGEST_FILE, ...PLANNED },
    async (request, reply): Promise<PlanAnswer | ConfirmAnswer | OperationAnswer> => {
      const customer = customerOf(request)
      const isDryRun = dryRunIn(request)
      const text = textOf(request.body)
      const { editor, zone } = await connectionStatuses.connected(customer)
      const file = parseImport(text, (await edits.records(editor, zone)).zone.name)
      if (!file.ok) throw new RefusedRequest(invalidInput(file.problems.slice(0, MOST_TOLD)))
      const stored = await edits.planSets(editor, zone, importOf(file.value), askedBy(request))
      if (isDryRun) return { plan: planToWire(stored) }

      await customers.spend(customer.id, 'change')
      const choice = { planId: stored.id, selected: advised(stored.plan) }
      const store = { name: customer.domain, ...customer.targets }
      return answerConfirmed(reply, await edits.confirm(editor, store, choice, askedBy(request)))
    },
  )
}

const KEPT = { config: { holdsZone: 'kept' } } as const
const PLANNED = { config: { holdsZone: 'planned' } } as const

/** A file that is none at all has a problem in each of its lines. */
const MOST_TOLD = 100

const NOT_READ = {
  status: 409,
  code: 'CONFLICT',
  message: 'The records of your domain were not read yet. Sync them first.',
} as const

/** Nothing is changed unless the caller says so. Throws `RefusedRequest` for anything but true and false. */
function dryRunIn({ query }: FastifyRequest): boolean {
  const { dryRun = 'true' } = query as { dryRun?: unknown }
  if (dryRun === 'true' || dryRun === 'false') return dryRun === 'true'
  throw new RefusedRequest({
    status: 422,
    code: 'INVALID_INPUT',
    field: 'dryRun',
    message: 'The parameter dryRun is true or false.',
  })
}

/** Without the mark that some editors put at the beginning. Throws `RefusedRequest` for what is no text. */
function textOf(body: unknown): string {
  const octets = Buffer.isBuffer(body) ? body : Buffer.alloc(0)
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(octets)
    if (text.trim() !== '') return text
  } catch {
    throw new RefusedRequest(noFile('The file is not UTF-8 text. Save it as UTF-8, then try again.'))
  }
  throw new RefusedRequest(noFile('The file is empty. Choose a zone file, or paste its text.'))
}

function noFile(message: string) {
  return { status: 422, code: 'INVALID_INPUT', field: 'file', message } as const
}
