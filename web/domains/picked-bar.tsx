import { MOST_AT_ONCE } from '#edit-rules/editing.ts'
import { Button } from '../ui/button.tsx'
import { words } from '../words.ts'
import type { Selection } from './selection.ts'

/** What can be done with the records that are picked; at the lower edge of the window, where it moves nothing. */
export function PickedBar({
  selection,
  onRemove,
}: {
  readonly selection: Selection
  readonly onRemove: () => void
}) {
  const said = words.records.picked
  const count = selection.picked.length
  return (
    <div className={count === 0 ? 'picked-bar picked-none' : 'picked-bar'}>
      <p role="status">
        {count > 0 && said.count(count)}
        {count > MOST_AT_ONCE && <span className="picked-most"> {said.most(MOST_AT_ONCE)}</span>}
      </p>
      {count > 0 && (
        <div className="picked-actions">
          <Button onClick={selection.clear}>{said.clear}</Button>
          <Button look="danger" disabled={count > MOST_AT_ONCE} onClick={onRemove}>
            {said.remove(count)}
          </Button>
        </div>
      )}
    </div>
  )
}
