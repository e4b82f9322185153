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
import { useWindowed } from './windowed.ts'

/** The table, where there is no room for one. */
export function RecordCards({
  records,
  zone,
  view: _,
  onSort: __,
  selection,
  explain,
  ...actions
}: RecordListProps) {
  const list = useRef<HTMLUListElement>(null)
  const { items, before, after, measure } = useWindowed(records, list, 172)
  const open = records.filter(({ editable }) => editable).length
  return (
    <>
      {!actions.isReadOnly && (
        <div className="pick-all">
          <PickAllBox count={open} selection={selection} />
          <span aria-hidden="true">{words.records.pickAll(open)}</span>
        </div>
      )}
      <ul className="record-cards" ref={list} style={{ paddingTop: before, paddingBottom: after }}>
        {items.map(({ record, index }) => (
          <li
            key={record.id}
            data-index={index}
            ref={measure}
            className="record-card"
            aria-setsize={records.length}
            aria-posinset={index + 1}
          >
            <div className="record-card-head">
              {!actions.isReadOnly && <PickBox record={record} selection={selection} />}
              <Tag>{record.type}</Tag>
              <RecordName name={record.name} zone={zone} />
            </div>
            <RecordContent record={record} />
            <RecordPurpose record={record} explained={explain(record)} />
            <div className="record-card-foot">
              <span>
                {(record.proxiable || record.proxied) && (
                  <>
                    {words.records.columns.proxied}: <Proxied record={record} />
                  </>
                )}
              </span>
              <RecordActions record={record} {...actions} />
            </div>
          </li>
        ))}
      </ul>
    </>
  )
}
