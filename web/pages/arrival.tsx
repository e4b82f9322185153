import { useState } from 'react'
import { Link, Redirect } from 'wouter'
import type { Fault } from '../api.ts'
import { FaultText } from '../fault.tsx'
import { paths } from '../paths.ts'
import { useCustomer, useDesk } from '../session.tsx'
import { useTitle } from '../title.ts'
import { Button } from '../ui/button.tsx'
import { words } from '../words.ts'

/** Somebody is signed in, and a link of the host platform brought somebody else: who is it to be? */
export default function ArrivalPage() {
  const { api, session, refresh } = useDesk()
  const { customer } = useCustomer()
  const [isBusy, setBusy] = useState(false)
  const [fault, setFault] = useState<Fault>()
  const arrival = session?.arrival
  useTitle(words.titles.arrival)

  if (arrival === undefined) return <Redirect replace to={paths.domains} />

  const goOn = async () => {
    setBusy(true)
    const answer = await api.goOnAsArrived()
    if (answer.ok) await refresh()
    else setFault(answer.fault)
    setBusy(false)
  }
  return (
    <div className="narrow">
      <h1>{words.arrival.heading}</h1>
      <p className="lead">{words.arrival.text(customer, arrival)}</p>
      <div className="card form">
        {fault !== undefined && <FaultText fault={fault} seconds={0} />}
        <p>{words.arrival.warning(arrival)}</p>
        <div className="form-actions">
          <Button look="primary" busy={isBusy} onClick={() => void goOn()}>
            {words.arrival.goOn}
          </Button>
        </div>
        <Link href={paths.domains} className="text-link">
          {words.arrival.stay}
        </Link>
      </div>
    </div>
  )
}
