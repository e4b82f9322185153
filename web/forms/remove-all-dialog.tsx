import { useState } from 'react'
import {
  DELETION_SAFEGUARDS,
  type DeletionSafeguard,
  deletionSafeguards,
} from '#edit-rules/deletion-safeguards.ts'
import type { ApiRecord } from '#faces/dashboard/api.ts'
import type { Fault } from '../api.ts'
import { consequencesOf } from '../consequence.ts'
import { useEditing } from '../edit.ts'
import { FaultText } from '../fault.tsx'
import { useDesk } from '../session.tsx'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Notice } from '../ui/notice.tsx'
import { words } from '../words.ts'

const said = words.removeAll

/** Says what goes and what stops, and asks once more where that is much. */
export default function RemoveAllDialog({
  picked,
  records,
  zone,
  onClose,
  onDone,
  onFollow,
  onOutdated,
}: {
  readonly picked: readonly ApiRecord[]
  /** All of the zone. */
  readonly records: readonly ApiRecord[]
  readonly zone: string
  readonly onClose: () => void
  readonly onDone: (count: number, historyId: string | undefined) => void
  readonly onFollow: (operationId: string, what: string) => void
  /** They are not at Cloudflare as the list shows them. */
  readonly onOutdated: () => void
}) {
  const { api } = useDesk()
  // What is shown here stays what was asked for, whatever the list behind it does.
  const [going] = useState(picked)
  const editing = useEditing<unknown>((_, historyId) => onDone(going.length, historyId))
  const { phase, fault, seconds, operationId } = editing
  const changes = going.map((record) => ({ kind: 'delete', record }) as const)
  const brakes = union(deletionSafeguards(changes, { name: zone, records }), safeguardsIn(fault))
  const [sure, setSure] = useState<readonly DeletionSafeguard[]>([])
  const isSure = brakes.every((brake) => sure.includes(brake))
  const ids = new Set(going.map(({ id }) => id))
  const consequences = consequencesOf(
    going,
    records.filter(({ id }) => !ids.has(id)),
  )
  const more = consequences.length - MOST_STOPS

  const close = () => {
    if (phase === 'sending') return
    if (operationId !== undefined) onFollow(operationId, said.what(going.length))
    onClose()
  }
  const remove = async () => {
    const answer = api.removeAll({ ids: [...ids], sure })
    await editing.send(answer)
    const result = await answer
    const isOutdated = !result.ok && [404, 409].includes(result.fault.status)
    if (isOutdated && safeguardsIn(result.fault).length === 0) onOutdated()
  }
  return (
    <Dialog title={said.title(going.length)} description={said.intro} onClose={close} isQuestion>
      <h3 className="dialog-heading">{said.stops}</h3>
      <ul className="stops">
        {consequences.slice(0, MOST_STOPS).map((consequence) => (
          <li key={consequence}>{consequence}</li>
        ))}
        {more > 0 && <li>{said.more(more)}</li>}
      </ul>
      {brakes.length > 0 && (
        <label className="sure">
          <input
            type="checkbox"
            className="pick"
            checked={isSure}
            disabled={phase !== 'idle'}
            onChange={() => setSure(isSure ? [] : brakes)}
          />
          <span>
            {brakes.map((brake) => said.brakes[brake]).join(' ')} {said.sure}
          </span>
        </label>
      )}
      <h3 className="dialog-heading">{said.going}</h3>
      <ul className="going">
        {going.map((record) => (
          <li key={record.id}>
            <code>
              {record.name} {record.type} {record.priority !== null && `${record.priority} `}
              {record.content}
            </code>
          </li>
        ))}
      </ul>
      <div className="dialog-foot">
        {fault !== undefined && <FaultText fault={fault} seconds={seconds} />}
        {phase === 'checking' && (
          <Notice kind="info">
            <p role="status">{words.form.checking}</p>
          </Notice>
        )}
        <div className="dialog-actions">
          <Button onClick={close}>{phase === 'checking' ? words.form.close : said.cancel}</Button>
          <Button
            look="danger"
            busy={phase !== 'idle'}
            disabled={seconds > 0 || !isSure}
            onClick={() => void remove()}
          >
            {phase === 'idle' ? said.button(going.length) : words.remove.deleting}
          </Button>
        </div>
      </div>
    </Dialog>
  )
}

/** More is read by nobody; the records themselves are all listed. */
const MOST_STOPS = 8

/** Those of which the server wants to hear, on a list that is newer than ours. */
function safeguardsIn(fault: Fault | undefined): readonly DeletionSafeguard[] {
  const told: unknown = fault?.details?.brakes
  return Array.isArray(told) ? DELETION_SAFEGUARDS.filter((brake) => told.includes(brake)) : []
}

function union(
  some: readonly DeletionSafeguard[],
  others: readonly DeletionSafeguard[],
): readonly DeletionSafeguard[] {
  return DELETION_SAFEGUARDS.filter((brake) => some.includes(brake) || others.includes(brake))
}
