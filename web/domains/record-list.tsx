import { LockSimpleIcon } from '@phosphor-icons/react/dist/csr/LockSimple'
import type { ApiRecord } from '#faces/dashboard/api.ts'
import { splitName } from '../names.ts'
import { ttlInWords } from '../ttl.ts'
import { Button } from '../ui/button.tsx'
import { words } from '../words.ts'
import type { Selection } from './selection.ts'
import type { Column, View } from './view.ts'

/** What the table and the cards have in common. */
export interface RecordListProps {
  readonly records: readonly ApiRecord[]
  readonly zone: string
  readonly view: View
  readonly isReadOnly: boolean
  readonly selection: Selection
  /** What a record is for, and what stops without it. */
  readonly explain: (record: ApiRecord) => Explained
  readonly onSort: (column: Column) => void
  readonly onEdit: (record: ApiRecord) => void
  readonly onRemove: (record: ApiRecord) => void
}

export interface Explained {
  readonly purpose: string
  readonly consequence: string
}

export function RecordName({ name, zone }: { readonly name: string; readonly zone: string }) {
  const [own, suffix] = splitName(name, zone)
  return (
    <span className="record-name">
      {own}
      <wbr />
      <span className="record-suffix">{suffix}</span>
    </span>
  )
}

export function RecordContent({ record }: { readonly record: ApiRecord }) {
  return (
    <span className="record-content">
      {record.priority !== null && (
        <span className="record-priority" title={words.records.priority(record.priority)}>
          <span className="for-screen-readers">{words.records.priority(record.priority)} </span>
          <span aria-hidden="true">{record.priority} </span>
        </span>
      )}
      {record.content}
    </span>
  )
}

/** What it is for; opened, what stops without it, and what its other columns mean. */
export function RecordPurpose({
  record: { ttl, comment, proxied, editable, reason },
  explained: { purpose, consequence },
}: {
  readonly record: ApiRecord
  readonly explained: Explained
}) {
  const said = words.records
  return (
    <details className="purpose">
      <summary>{purpose}</summary>
      <p>
        {said.ifItGoes} {consequence}
      </p>
      {ttl !== null && <p>{said.ttl(proxied ? words.form.automatic : ttlInWords(ttl))}</p>}
      {proxied && (
        <p>
          {said.columns.proxied}: {words.form.proxiedHint}
        </p>
      )}
      {!editable && (
        <p>
          {said.locked}: {reason ?? said.notYours}
        </p>
      )}
      {comment !== null && comment !== '' && <p>{said.comment(comment)}</p>}
    </details>
  )
}

export function Proxied({ record }: { readonly record: ApiRecord }) {
  const said = words.records.proxied
  if (!record.proxiable && !record.proxied) {
    return (
      <>
        <span aria-hidden="true">{said.none}</span>
        <span className="for-screen-readers">{said.noneSaid}</span>
      </>
    )
  }
  return <span className={record.proxied ? 'proxied' : ''}>{record.proxied ? said.yes : said.no}</span>
}

/** [Edit] [Delete], or why not. */
export function RecordActions({
  record,
  isReadOnly,
  onEdit,
  onRemove,
}: Pick<RecordListProps, 'isReadOnly' | 'onEdit' | 'onRemove'> & { readonly record: ApiRecord }) {
  const said = words.records
  if (isReadOnly) return null
  if (!record.editable) {
    const why = record.reason ?? said.notYours
    return (
      <span className="record-locked" title={why}>
        <LockSimpleIcon size={16} aria-hidden="true" />
        {said.locked}
        <span className="for-screen-readers">: {why}</span>
      </span>
    )
  }
  return (
    <span className="record-actions">
      <Button isSmall label={said.editThis(record.type, record.name)} onClick={() => onEdit(record)}>
        {said.edit}
      </Button>
      <Button
        isSmall
        look="quiet-danger"
        label={said.deleteThis(record.type, record.name)}
        onClick={() => onRemove(record)}
      >
        {said.delete}
      </Button>
    </span>
  )
}
