import type { ApiRecord } from '#faces/dashboard/api.ts'
import { consequenceOf } from '../consequence.ts'
import { useEditing } from '../edit.ts'
import { FaultText } from '../fault.tsx'
import { useDesk } from '../session.tsx'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Notice } from '../ui/notice.tsx'
import { words } from '../words.ts'
import { CurrentRecord } from './current-record.tsx'

const said = words.remove

/** Says what stops before a record goes. */
export default function RemoveDialog({
  record,
  others,
  target,
  onClose,
  onDone,
  onFollow,
}: {
  readonly record: ApiRecord
  readonly others: readonly ApiRecord[]
  /** The store's own name. */
  readonly target: string
  readonly onClose: () => void
  readonly onDone: (historyId: string | undefined) => void
  readonly onFollow: (operationId: string, what: string) => void
}) {
  const { api } = useDesk()
  const editing = useEditing<ApiRecord | undefined>((_, historyId) => onDone(historyId))
  const { phase, fault, seconds, operationId } = editing
  const leadsToStore = record.name === target && ['A', 'AAAA', 'CNAME'].includes(record.type)

  const close = () => {
    if (phase === 'sending') return
    if (operationId !== undefined) onFollow(operationId, said.title(record.type).replace(/\?$/, ''))
    onClose()
  }
  const consequence = consequenceOf(record, others)
  return (
    <Dialog
      title={said.title(record.type)}
      description={leadsToStore ? `${consequence} ${said.store}` : consequence}
      onClose={close}
      isQuestion
    >
      <code className="removed">
        {record.name} {record.type} {record.priority !== null && `${record.priority} `}
        {record.content}
      </code>
      {fault !== undefined && <FaultText fault={fault} seconds={seconds} />}
      {fault !== undefined && <CurrentRecord fault={fault} />}
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
          disabled={seconds > 0}
          onClick={() => void editing.send(api.remove(record.id))}
        >
          {phase === 'idle' ? said.button : said.deleting}
        </Button>
      </div>
    </Dialog>
  )
}
