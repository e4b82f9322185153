import { PlusIcon } from '@phosphor-icons/react/dist/csr/Plus'
import { useQueryClient } from '@tanstack/react-query'
import { lazy, Suspense, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react'
import type { ApiRecord, RecordsAnswer } from '#faces/dashboard/api.ts'
import { consequenceOf } from '../consequence.ts'
import type { Draft } from '../forms/draft.ts'
import { unsentRecord } from '../forms/unsent.ts'
import { purposeOf } from '../purpose.ts'
import { useCustomer, useDesk } from '../session.tsx'
import { Button } from '../ui/button.tsx'
import { useNarrow } from '../ui/narrow.ts'
import { undoOf } from '../undo.ts'
import { words } from '../words.ts'
import { ConnectionBar } from './connection-bar.tsx'
import { Following } from './following.tsx'
import { PickedBar } from './picked-bar.tsx'
import { RecordCards } from './record-cards.tsx'
import { RecordTable } from './record-table.tsx'
import { useSelection } from './selection.ts'
import { Toolbar } from './toolbar.tsx'
import { useView } from './use-view.ts'
import { firstView, inOrder, matching, typesIn } from './view.ts'

const loadForm = () => import('../forms/record-form.tsx')
const RecordForm = lazy(loadForm)
const RemoveDialog = lazy(() => import('../forms/remove-dialog.tsx'))
const RemoveAllDialog = lazy(() => import('../forms/remove-all-dialog.tsx'))

type Open =
  | { readonly kind: 'add'; readonly unsent?: Draft }
  | { readonly kind: 'edit'; readonly record: ApiRecord; readonly unsent?: Draft }
  | { readonly kind: 'remove'; readonly record: ApiRecord }
  | { readonly kind: 'remove-all' }

/** The records of a zone, and what can be done with them. */
export function Records({
  data,
  isReadOnly = false,
}: {
  readonly data: RecordsAnswer
  readonly isReadOnly?: boolean
}) {
  const said = words.records
  const { say } = useDesk()
  const { customer } = useCustomer()
  const queries = useQueryClient()
  const heading = useRef<HTMLHeadingElement>(null)
  const [view, setView] = useView()
  const [open, setOpen] = useState(() => (isReadOnly ? undefined : takenUp(customer.id, data.records)))
  const [followed, setFollowed] = useState<readonly { readonly id: string; readonly what: string }[]>([])
  const isNarrow = useNarrow()
  const settled = useDeferredValue(view)
  const { search, type, column, descending } = settled
  const ordered = useMemo(
    () => inOrder(data.records, { column, descending }),
    [data.records, column, descending],
  )
  const visible = useMemo(() => matching(ordered, { search, type }), [ordered, search, type])
  const types = useMemo(() => typesIn(data.records), [data.records])
  const zone = data.zone?.name ?? customer.domain
  const selection = useSelection(visible)
  const explain = (record: ApiRecord) => ({
    purpose: purposeOf(record, data.records, customer),
    consequence: consequenceOf(record, data.records),
  })

  useEffect(unsentRecord.forget, [])

  const reload = () => queries.invalidateQueries({ queryKey: ['records'] })
  const close = () => setOpen(undefined)
  const follow = (id: string, what: string) => setFollowed((before) => [...before, { id, what }])
  const List = isNarrow ? RecordCards : RecordTable
  return (
    <section aria-labelledby="records-heading" onPointerEnter={() => void loadForm()}>
      <div className="page-head">
        <h1 id="records-heading" ref={heading} tabIndex={-1}>
          {said.heading}
        </h1>
        {!isReadOnly && (
          <Button
            look="primary"
            icon={<PlusIcon aria-hidden="true" />}
            onClick={() => setOpen({ kind: 'add' })}
          >
            {said.add}
          </Button>
        )}
      </div>
      {followed.map(({ id, what }) => (
        <Following
          key={id}
          id={id}
          what={what}
          onEnd={() => {
            setFollowed((before) => before.filter((one) => one.id !== id))
            void reload()
          }}
        />
      ))}
      <div className="panel">
        {data.records.length > 0 && (
          <Toolbar
            view={view}
            types={types}
            shown={visible.length}
            all={data.records.length}
            sorts={isNarrow}
            onChange={setView}
          />
        )}
        {data.records.length === 0 ? (
          <div className="empty">
            <h2>{said.none.heading}</h2>
            <p>{said.none.text}</p>
          </div>
        ) : visible.length === 0 ? (
          <div className="empty">
            <h2>{said.noMatch.heading}</h2>
            <p>{said.noMatch.text}</p>
            <Button onClick={() => setView(firstView)}>{said.noMatch.clear}</Button>
          </div>
        ) : (
          <List
            records={visible}
            zone={zone}
            view={view}
            isReadOnly={isReadOnly}
            selection={selection}
            explain={explain}
            onSort={(column) =>
              setView({ ...view, column, descending: view.column === column && !view.descending })
            }
            onEdit={(record) => setOpen({ kind: 'edit', record })}
            onRemove={(record) => setOpen({ kind: 'remove', record })}
          />
        )}
        {!isReadOnly && <PickedBar selection={selection} onRemove={() => setOpen({ kind: 'remove-all' })} />}
        <ConnectionBar lastSyncedAt={data.lastSyncedAt} isConnected={!isReadOnly} />
      </div>
      <Suspense fallback={null}>
        {open?.kind === 'remove' && (
          <RemoveDialog
            record={open.record}
            others={data.records}
            target={customer.domain}
            onClose={close}
            onFollow={follow}
            onDone={(historyId) => {
              close()
              say('success', said.deleted(open.record.type, open.record.name), undoOf(historyId))
              // The row and its button are gone; the focus goes to what is read next.
              void reload().then(() => heading.current?.focus())
            }}
          />
        )}
        {open?.kind === 'remove-all' && (
          <RemoveAllDialog
            picked={selection.picked}
            records={data.records}
            zone={zone}
            onClose={close}
            onFollow={follow}
            onOutdated={() => void reload()}
            onDone={(count, historyId) => {
              close()
              selection.clear()
              say('success', said.deletedAll(count), undoOf(historyId))
              void reload().then(() => heading.current?.focus())
            }}
          />
        )}
        {(open?.kind === 'add' || open?.kind === 'edit') && (
          <RecordForm
            zone={zone}
            records={data.records}
            {...(open.kind === 'edit' && { record: open.record })}
            {...(open.unsent !== undefined && { unsent: open.unsent })}
            onClose={close}
            onFollow={follow}
            onOutdated={() => void reload()}
            onDone={(done, historyId) => {
              close()
              say('success', done, undoOf(historyId))
              void reload()
            }}
          />
        )}
      </Suspense>
    </section>
  )
}

/** The form in which somebody was typing when the session ended, unless its record is gone. */
function takenUp(customerId: string, records: readonly ApiRecord[]): Open | undefined {
  const unsent = unsentRecord.of(customerId)
  if (unsent === undefined) return undefined
  if (unsent.recordId === undefined) return { kind: 'add', unsent: unsent.draft }
  const record = records.find(({ id, editable }) => id === unsent.recordId && editable)
  return record && { kind: 'edit', record, unsent: unsent.draft }
}
