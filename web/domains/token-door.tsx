import { useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useRef, useState } from 'react'
import { useLocation } from 'wouter'
import type { Fault } from '../api.ts'
import { FaultText, useWait } from '../fault.tsx'
import { paths, tokenTemplate } from '../paths.ts'
import { useCustomer, useDesk } from '../session.tsx'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/field.tsx'
import { words } from '../words.ts'

export function TokenDoor({ domain }: { readonly domain: string }) {
  const said = words.doors.token
  const { api, refresh, say } = useDesk()
  const { features } = useCustomer()
  const queries = useQueryClient()
  const [, navigate] = useLocation()
  const form = useRef<HTMLFormElement>(null)
  const [token, setToken] = useState('')
  const [isMissing, setMissing] = useState(false)
  const [isBusy, setBusy] = useState(false)
  const [fault, setFault] = useState<Fault>()
  const wait = useWait()

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setMissing(token.trim() === '')
    if (token.trim() === '') return form.current?.querySelector('input')?.focus()
    setBusy(true)
    setFault(undefined)
    const answer = await api.connectByToken(token.trim())
    setBusy(false)
    if (!answer.ok) {
      setFault(answer.fault)
      wait.restart(answer.fault)
      return
    }
    setToken('')
    say('success', said.done)
    await refresh()
    if (answer.value.connection.status === 'review_pending') navigate(paths.confirm)
    queries.removeQueries({ queryKey: ['plan'] })
    await queries.invalidateQueries({ queryKey: ['records'] })
  }
  return (
    <section className="card door">
      <h2>{said.heading}</h2>
      <p>{said.text}</p>
      <p className="reach">{said.reach(domain)}</p>
      <ol className="steps">
        <li>
          <a
            className="text-link"
            href={tokenTemplate(features.cloudflareDashUrl, domain)}
            target="_blank"
            rel="noopener noreferrer"
          >
            {said.open}
            <span className="for-screen-readers"> {said.newTab}</span>
          </a>
          {said.filledIn}
        </li>
        {said.steps(domain).map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      <form ref={form} className="form" noValidate onSubmit={(event) => void submit(event)}>
        {fault !== undefined && <FaultText fault={fault} seconds={wait.seconds} />}
        <TextField
          label={said.label}
          name="token"
          type="password"
          isCode
          value={token}
          onChange={(value) => {
            setToken(value)
            setMissing(false)
          }}
          error={isMissing ? said.missing : undefined}
        />
        <div className="door-action">
          <Button type="submit" busy={isBusy} disabled={wait.seconds > 0}>
            {said.button}
          </Button>
        </div>
      </form>
    </section>
  )
}
