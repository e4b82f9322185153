import { type FormEvent, useMemo, useRef, useState } from 'react'

import type { ApiRecord } from '#faces/dashboard/api.ts'
import { type Editing, useEditing } from '../edit.ts'
import { FaultText } from '../fault.tsx'
import { useCustomer, useDesk } from '../session.tsx'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Notice } from '../ui/notice.tsx'
import { words } from '../words.ts'
import { type Advice, adviceOn } from './advice.ts'
import { CurrentRecord, currentOf } from './current-record.tsx'
import { type Draft, draftOf, emptyDraft, type FieldName, inputOf, judge, shownOf, tidied } from './draft.ts'
import { Preview } from './preview.tsx'
import { FIELDS, RecordFields } from './record-fields.tsx'
import { useUnloadQuestion } from './unload-question.ts'
import { unsentRecord } from './unsent.ts'

const said = words.form

/** The window in which a record is added or changed. It stays open until that is done. */
export default function RecordForm({
  zone,
  records,
  record: asked,
  unsent,
  onClose,
  onDone,
  onFollow,
  onOutdated,
}: {
  readonly zone: string
  /** All of the zone. */
  readonly records: readonly ApiRecord[]
  /** The one to change; none: a new one. */
  readonly record?: ApiRecord
  /** What was typed before; none: the record as it is. */
  readonly unsent?: Draft
  readonly onClose: () => void
  /** `said`: what was done. */
  readonly onDone: (said: string, historyId: string | undefined) => void
  /** Closed before it was known what became of it. */
  readonly onFollow: (operationId: string, what: string) => void
  /** The record is not what the list shows. */
  readonly onOutdated: () => void
}) {
  const { api } = useDesk()
  const { customer } = useCustomer()
  const form = useRef<HTMLFormElement>(null)
  const [record, setRecord] = useState(asked)
  const first = useMemo(() => (record === undefined ? emptyDraft : draftOf(record, zone)), [record, zone])
  const [draft, setDraft] = useState<Draft>(unsent ?? first)
  /** What the reader has seen of it. */
  const [seen, setSeen] = useState(record)
  const [left, setLeft] = useState<ReadonlySet<FieldName>>(new Set())
  const [isAsking, setAsking] = useState(false)
  const judged = judge(draft, zone)
  const editing = useEditing<ApiRecord | undefined>((done, historyId) => {
    const { type, name } = done ?? judged.saved ?? { type: draft.type, name: zone }
    const { created, updated } = words.records
    onDone(record === undefined ? created(type, name) : updated(type, name), historyId)
  })
  const others = records.filter(({ id }) => id !== record?.id)
  const advice = judged.saved && adviceOn(judged.saved, others, zone)
  const isDirty = JSON.stringify(draft) !== JSON.stringify(first)
  useUnloadQuestion(isDirty)
  const isBusy = editing.phase !== 'idle'

  const change = (changes: Partial<Draft>) => setDraft((before) => ({ ...before, ...changes }))
  const leave = (field: FieldName) => setLeft((before) => new Set([...before, field]))
  const errorOf = (field: FieldName) => {
    const { fault } = editing
    if (left.has(field) && judged.problems[field] !== undefined) return judged.problems[field]
    return fault?.field === field ? fault.message : undefined
  }
  /** Where one goes on when the button that was pressed is gone. */
  const focusContent = () => form.current?.querySelector<HTMLElement>('[name=content]')?.focus()
  const close = () => {
    if (editing.operationId !== undefined) {
      onFollow(editing.operationId, record === undefined ? said.addTitle : said.editTitle(record.type))
      onClose()
    } else if (editing.phase === 'sending') return
    else if (isDirty && !isAsking) setAsking(true)
    else onClose()
  }
  const turnTo = ({ record: other, content }: NonNullable<Advice['instead']>) => {
    setRecord(other)
    setSeen(other)
    setDraft({ ...draftOf(other, zone), content })
    focusContent()
  }
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setLeft(new Set(FIELDS))
    const wrong = FIELDS.find((field) => judged.problems[field] !== undefined)
    if (wrong !== undefined) {
      form.current?.querySelector<HTMLElement>(`[name=${wrong}]`)?.focus()
      return
    }
    const input = inputOf(draft)
    const answer =
      seen === undefined ? api.create(input) : api.update(seen.id, { ...input, was: shownOf(seen) })
    await editing.send(answer)
    const result = await answer
    if (!result.ok && result.fault.status === 401) {
      unsentRecord.keep(customer.id, { recordId: record?.id, draft })
    }
    if (!result.ok) setSeen(currentOf(result.fault) ?? seen)
    if (!result.ok && (result.fault.status === 409 || result.fault.status === 404)) onOutdated()
  }
  const { fault } = editing
  const isAboutField = fault?.field !== undefined && FIELDS.includes(fault.field as FieldName)
  return (
    <Dialog title={record === undefined ? said.addTitle : said.editTitle(record.type)} onClose={close}>
      <form ref={form} className="form" noValidate onSubmit={(event) => void submit(event)}>
        <RecordFields
          draft={draft}
          zone={zone}
          isNew={record === undefined}
          isBusy={isBusy}
          currentTtl={first.ttl}
          errorOf={errorOf}
          onChange={change}
          onTidy={() => setDraft(tidied)}
          onLeave={leave}
        />
        <Preview draft={draft} saved={judged.saved} records={others} />
        {advice !== undefined && (
          <Notice kind="warning">
            <p role="status">{advice.text}</p>
            {advice.instead !== undefined && (
              <Button isSmall disabled={isBusy} onClick={() => advice.instead && turnTo(advice.instead)}>
                {advice.instead.label}
              </Button>
            )}
          </Notice>
        )}
        {fault !== undefined && !isAboutField && <FaultText fault={fault} seconds={editing.seconds} />}
        {fault !== undefined && <CurrentRecord fault={fault} />}
        {editing.phase === 'checking' && (
          <Notice kind="info">
            <p role="status">{said.checking}</p>
          </Notice>
        )}
        <Actions
          isNew={record === undefined}
          isAsking={isAsking}
          phase={editing.phase}
          isWaiting={editing.seconds > 0}
          onKeepEditing={() => {
            setAsking(false)
            focusContent()
          }}
          onDiscard={onClose}
          onClose={close}
        />
      </form>
    </Dialog>
  )
}

/** What ends the dialogue; in its place, the question whether what was typed may go. */
function Actions({
  isNew,
  isAsking,
  phase,
  isWaiting,
  onKeepEditing,
  onDiscard,
  onClose,
}: {
  readonly isNew: boolean
  readonly isAsking: boolean
  readonly phase: Editing<unknown>['phase']
  /** For the time after which it may be sent again. */
  readonly isWaiting: boolean
  readonly onKeepEditing: () => void
  readonly onDiscard: () => void
  readonly onClose: () => void
}) {
  // Keys, or the button that is pressed becomes the one that sends the form before its press is over.
  if (isAsking) {
    return (
      <div key="question" className="dialog-actions dialog-foot" role="alert">
        <p className="question">{said.unsaved}</p>
        <Button onClick={onKeepEditing}>{said.keepEditing}</Button>
        <Button look="danger" onClick={onDiscard}>
          {said.discard}
        </Button>
      </div>
    )
  }
  const isBusy = phase !== 'idle'
  return (
    <div key="actions" className="dialog-actions dialog-foot">
      <Button onClick={onClose} disabled={phase === 'sending'}>
        {phase === 'checking' ? said.close : said.cancel}
      </Button>
      <Button look="primary" type="submit" busy={isBusy} disabled={isWaiting}>
        {isBusy ? said.saving : isNew ? said.add : said.save}
      </Button>
    </div>
  )
}
