import { type FormEvent, useRef, useState } from 'react'
import { Redirect, useSearch } from 'wouter'
import type { Fault } from '../api.ts'
import { FaultText, useWait } from '../fault.tsx'
import { pageAfterSignIn } from '../paths.ts'
import { useDesk } from '../session.tsx'
import { useTitle } from '../title.ts'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/field.tsx'
import { Notice } from '../ui/notice.tsx'
import { words } from '../words.ts'

export function LoginPage() {
  const { api, session, refresh } = useDesk()
  const search = useSearch()
  const form = useRef<HTMLFormElement>(null)
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [isSent, setSent] = useState(false)
  const [isBusy, setBusy] = useState(false)
  const [fault, setFault] = useState<Fault>()
  const wait = useWait()
  useTitle(words.titles.login)

  if (session?.customer) return <Redirect replace to={pageAfterSignIn(search)} />

  const missing = {
    email: email.trim() === '' ? words.login.missing.email : undefined,
    password: password === '' ? words.login.missing.password : undefined,
  }
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setSent(true)
    const first =
      missing.email !== undefined ? 'email' : missing.password !== undefined ? 'password' : undefined
    if (first !== undefined) {
      form.current?.querySelector<HTMLInputElement>(`[name=${first}]`)?.focus()
      return
    }
    setBusy(true)
    setFault(undefined)
    const answer = await api.signIn({ email: email.trim(), password })
    if (answer.ok) await refresh()
    else {
      setFault(answer.fault)
      wait.restart(answer.fault)
    }
    setBusy(false)
  }
  return (
    <div className="narrow">
      <h1>{words.login.heading}</h1>
      <p className="lead">{words.login.intro}</p>
      {session?.hasEnded === true && fault === undefined && (
        <Notice kind="info">
          <p>{words.login.ended}</p>
        </Notice>
      )}
      <form ref={form} className="card form" noValidate onSubmit={(event) => void submit(event)}>
        {fault !== undefined && <FaultText fault={fault} seconds={wait.seconds} />}
        <TextField
          label={words.login.email}
          name="email"
          type="email"
          autoComplete="username"
          value={email}
          onChange={setEmail}
          error={isSent ? missing.email : undefined}
        />
        <TextField
          label={words.login.password}
          name="password"
          type="password"
          autoComplete="current-password"
          value={password}
          onChange={setPassword}
          error={isSent ? missing.password : undefined}
        />
        <div className="form-actions">
          <Button look="primary" type="submit" busy={isBusy} disabled={wait.seconds > 0}>
            {words.login.submit}
          </Button>
        </div>
      </form>
    </div>
  )
}
