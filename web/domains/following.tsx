import { useOperation } from '../edit.ts'
import { useDesk } from '../session.tsx'
import { Notice } from '../ui/notice.tsx'
import { undoOf } from '../undo.ts'
import { words } from '../words.ts'

/** A change whose window was closed before it was known what became of it. */
export function Following({
  id,
  what,
  onEnd,
}: {
  readonly id: string
  readonly what: string
  readonly onEnd: () => void
}) {
  const { say } = useDesk()
  useOperation(id, ({ status, error }) => {
    if (status === 'done') say('success', words.records.checkDone(what), undoOf(id))
    else say('error', `${words.records.checkFailed(what)} ${error ?? ''}`.trim())
    onEnd()
  })
  return (
    <Notice kind="info">
      <p role="status">{words.records.checking(what)}</p>
    </Notice>
  )
}
