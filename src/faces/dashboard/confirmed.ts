import type { FastifyReply } from 'fastify'
import type { Edited } from '#engine/edits/edits.ts'
import type { ConfirmAnswer, OperationAnswer } from './api.ts'
import { editedToWire } from './wire.ts'

/** What came of a review that was carried out, as the one who confirmed it and as the account's owner are told. */
export function answerConfirmed(reply: FastifyReply, edited: Edited): ConfirmAnswer | OperationAnswer {
  const isNothing = edited.status === 'done' && edited.applied === 0
  reply.request.auditEvent = { event: 'confirmed', detail: isNothing ? undefined : edited.id }
  if (edited.status === 'checking') {
    reply.code(202)
    return { operation: { id: edited.id, status: 'checking' } }
  }
  const { id, applied, records } = edited
  return { applied, historyId: id, records: records.map(editedToWire) }
}
