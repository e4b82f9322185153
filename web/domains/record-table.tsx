import { ArrowDownIcon } from '@phosphor-icons/react/dist/csr/ArrowDown'
import { ArrowUpIcon } from '@phosphor-icons/react/dist/csr/ArrowUp'
import { useRef } from 'react'
import { Tag } from '../ui/tag.tsx'
import { words } from '../words.ts'
import { PickAllBox, PickBox } from './pick-box.tsx'
import {
  Proxied,
  RecordActions,
  RecordContent,
  type RecordListProps,
  RecordName,
  RecordPurpose,
} from './record-list.tsx'
import { COLUMNS } from './view.ts'
import { useWindowed } from './windowed.ts'

export function RecordTable({
  records,
  zone,
  view,
  selection,
  explain,
  onSort,
  ...actions
}: RecordListProps) {
  const said = words.records.columns
  const table = useRef<HTMLTableElement>(null)
  const { items, before, after, measure } = useWindowed(records, table, 77)
  return (
    <table
      className="records"
      ref={table}
      aria-rowcount={records.length + 1}
      aria-labelledby="records-heading"
    >
      <thead>
        <tr aria-rowindex={1}>
          {!actions.isReadOnly && (
            <th scope="col" className="column-pick">
              <PickAllBox count={records.filter(({ editable }) => editable).length} selection={selection} />
            </th>
          )}
          {COLUMNS.map((column) => (
            <th
              key={column}
              scope="col"
              className={`column-${column}`}
              {...(view.column === column && {
                'aria-sort': view.descending ? ('descending' as const) : ('ascending' as const),
              })}
            >
              <button type="button" className="sort" onClick={() => onSort(column)}>
                {said[column]}
                {view.column === column &&
                  (view.descending ? (
                    <ArrowDownIcon size={14} aria-hidden="true" />
                  ) : (
                    <ArrowUpIcon size={14} aria-hidden="true" />
                  ))}
              </button>
            </th>
          ))}
          <th scope="col" className="column-actions">
            <span className="for-screen-readers">{said.actions}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {before > 0 && <Space height={before} />}
        {items.map(({ record, index }) => (
          <tr
            key={record.id}
            data-index={index}
            ref={measure}
            aria-rowindex={index + 2}
            {...(selection.isPicked(record.id) && { className: 'is-picked' })}
          >
            {!actions.isReadOnly && (
              <td className="column-pick">
                <PickBox record={record} selection={selection} />
              </td>
            )}
            <td>
              <Tag>{record.type}</Tag>
            </td>
            <td>
              <RecordName name={record.name} zone={zone} />
              <RecordPurpose record={record} explained={explain(record)} />
            </td>
            <td>
              <RecordContent record={record} />
            </td>
            <td>
              <Proxied record={record} />
            </td>
            <td className="column-actions">
              <RecordActions record={record} {...actions} />
            </td>
          </tr>
        ))}
        {after > 0 && <Space height={after} />}
      </tbody>
    </table>
  )
}

/** Where rows are that nobody sees. */
function Space({ height }: { readonly height: number }) {
  return (
    <tr className="space">
      <td colSpan={5} style={{ height }} />
    </tr>
  )
}
