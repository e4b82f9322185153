import { DownloadSimpleIcon } from '@phosphor-icons/react/dist/csr/DownloadSimple'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useLocation } from 'wouter'
import type { ConnectionStatus } from '#faces/dashboard/api.ts'
import { type Fault, orThrow } from '../api.ts'
import { FaultPage, FaultText, useWait } from '../fault.tsx'
import { exportAddress, paths } from '../paths.ts'
import { useCustomer, useDesk } from '../session.tsx'
import { useTitle } from '../title.ts'
import { Button } from '../ui/button.tsx'
import { Field, TextArea } from '../ui/field.tsx'
import { Notice } from '../ui/notice.tsx'
import { Skeleton } from '../ui/waiting.tsx'
import { words } from '../words.ts'
import { LineProblems, linesIn } from './line-problems.tsx'
import { unsentFile } from './unsent.ts'

const said = words.zoneFile

/** The records as a file, and a file as records. */
export default function ZoneFilePage() {
  const { api } = useDesk()
  const { data, error, refetch } = useQuery({ queryKey: ['records'], queryFn: () => orThrow(api.records()) })
  useTitle(words.titles.zoneFile)

  if (data === undefined) {
    return error === null ? (
      <Skeleton title={said.heading} label={words.shell.loading} lines={6} />
    ) : (
      <FaultPage title={said.heading} error={error} onRetry={() => void refetch()} />
    )
  }
  const { connection, zone } = data
  return (
    <>
      <h1>{said.heading}</h1>
      <p className="lead">{said.lead}</p>
      {zone !== null && <Export domain={zone.name} />}
      <Import status={connection.status} />
    </>
  )
}

function Export({ domain }: { readonly domain: string }) {
  return (
    <section className="block" aria-labelledby="export">
      <h2 id="export" className="section-heading">
        {said.export.heading}
      </h2>
      <p>{said.export.text(domain)}</p>
      <p className="actions">
        <a href={exportAddress} download={`${domain}.txt`} className="button button-secondary">
          <DownloadSimpleIcon aria-hidden="true" />
          {said.export.button}
        </a>
      </p>
    </section>
  )
}

function Import({ status }: { readonly status: ConnectionStatus }) {
  return (
    <section className="block" aria-labelledby="import">
      <h2 id="import" className="section-heading">
        {said.import.heading}
      </h2>
      <p>{said.import.text}</p>
      {status === 'connected' ? (
        <ImportForm />
      ) : (
        <Notice kind="info">
          <p>
            {said.import.notNow}{' '}
            <Link href={paths.domains} className="text-link">
              {words.health.toRecords}
            </Link>
          </p>
        </Notice>
      )}
    </section>
  )
}

/** As the server has it. */
const LARGEST_FILE = 256 * 1024

function ImportForm() {
  const { api } = useDesk()
  const { customer } = useCustomer()
  const queries = useQueryClient()
  const [, navigate] = useLocation()
  const [text, setText] = useState(() => unsentFile.of(customer.id) ?? '')
  const [missing, setMissing] = useState<string>()
  const [fault, setFault] = useState<Fault>()
  const [isBusy, setBusy] = useState(false)
  const { seconds, restart } = useWait()

  const take = (next: string) => {
    setText(next)
    setFault(undefined)
    setMissing(undefined)
  }
  const choose = async (file: File | undefined) => {
    if (file === undefined) return
    if (file.size > LARGEST_FILE) return setMissing(said.import.tooLarge)
    await file.text().then(take, () => setMissing(said.import.unreadable))
  }
  const preview = async () => {
    if (text.trim() === '') return setMissing(said.import.missing)
    if (new Blob([text]).size > LARGEST_FILE) return setMissing(said.import.tooLarge)
    setBusy(true)
    setFault(undefined)
    unsentFile.keep(customer.id, text)
    const answer = await api.importPlan(text)
    setBusy(false)
    if (!answer.ok) {
      restart(answer.fault)
      return setFault(answer.fault)
    }
    queries.setQueryData(['import'], answer.value)
    navigate(paths.importReview)
  }
  return (
    <form
      className="zone-file-form stack stack-tight"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void preview()
      }}
    >
      {fault !== undefined &&
        (linesIn(fault).length > 0 ? (
          <LineProblems lines={linesIn(fault)} />
        ) : (
          <FaultText fault={fault} seconds={seconds} />
        ))}
      <Field label={said.import.file} hint={said.import.fileHint}>
        {(control) => (
          <input
            {...control}
            type="file"
            accept=".txt,.zone,.db,.bind,text/plain,text/dns"
            className="file"
            onChange={(event) => void choose(event.target.files?.[0])}
          />
        )}
      </Field>
      <TextArea
        label={said.import.paste}
        hint={said.import.pasteHint}
        error={missing}
        name="file"
        value={text}
        onChange={take}
      />
      <div className="actions">
        <Button look="primary" type="submit" busy={isBusy} disabled={seconds > 0}>
          {said.import.button}
        </Button>
      </div>
    </form>
  )
}
