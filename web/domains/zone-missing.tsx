import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useLocation } from 'wouter'
import { type Fault, orThrow } from '../api.ts'
import { FaultText } from '../fault.tsx'
import { cloudflare, paths } from '../paths.ts'
import { useCustomer, useDesk } from '../session.tsx'
import { Button, ButtonLink } from '../ui/button.tsx'
import { Notice } from '../ui/notice.tsx'
import { words } from '../words.ts'
import { DisconnectButton } from './disconnect.tsx'
import { DoorCards } from './doors.tsx'
import { HandOff } from './hand-off.tsx'

/** Connected, but nothing there is called by the domain. */
export function ZoneMissing({ domain }: { readonly domain: string }) {
  const said = words.zoneMissing
  const { api, messages, dismiss } = useDesk()
  const { features } = useCustomer()
  const queries = useQueryClient()
  const [, navigate] = useLocation()
  const [isBusy, setBusy] = useState(false)
  const [fault, setFault] = useState<Fault>()
  const { data: plan } = useQuery({ queryKey: ['plan'], queryFn: () => orThrow(api.plan()) })

  const message = plan?.blocked?.message ?? said.message(domain)
  const repeated = messages.find(({ text }) => text === message)
  useEffect(() => {
    // Told on the way here; this page says it for as long as it is true.
    if (repeated !== undefined) dismiss(repeated.id)
  }, [repeated, dismiss])

  const checkAgain = async () => {
    setBusy(true)
    setFault(undefined)
    const answer = await api.plan()
    setBusy(false)
    if (!answer.ok) return setFault(answer.fault)
    queries.setQueryData(['plan'], answer.value)
    if (answer.value.zone !== null) navigate(paths.confirm)
    await queries.invalidateQueries({ queryKey: ['records'] })
  }
  return (
    <div className="stack stack-tight">
      <h1>{said.heading}</h1>
      <Notice kind="warning">
        <p className="strong">{message}</p>
        {plan?.blocked !== undefined && <p>{plan.blocked.remedy}</p>}
      </Notice>
      <section className="card">
        <ol className="steps">
          {said.steps(domain).map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
        {fault !== undefined && <FaultText fault={fault} seconds={0} />}
        <div className="actions">
          <Button look="primary" busy={isBusy} onClick={() => void checkAgain()}>
            {said.again}
          </Button>
          <ButtonLink href={cloudflare.start(features.cloudflareDashUrl)} newTab>
            {said.open}
          </ButtonLink>
          <DisconnectButton />
        </div>
      </section>
      <h2 className="section-heading">{said.other}</h2>
      <DoorCards domain={domain} />
      <HandOff />
    </div>
  )
}
