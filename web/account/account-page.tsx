import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import type { ApiAuditEntry } from '#faces/dashboard/api.ts'
import { type Fault, orThrow } from '../api.ts'
import { useNow } from '../dates.ts'
import { DisconnectButton } from '../domains/disconnect.tsx'
import { FaultPage, FaultText } from '../fault.tsx'
import { paths } from '../paths.ts'
import { useCustomer, useDesk } from '../session.tsx'
import { useTitle } from '../title.ts'
import { Button } from '../ui/button.tsx'
import { Moment } from '../ui/moment.tsx'
import { Older } from '../ui/older.tsx'
import { Skeleton } from '../ui/waiting.tsx'
import { words } from '../words.ts'

const said = words.account

/** Who is signed in, what happened to the account, and a way to end every session. */
export default function AccountPage() {
  const { api } = useDesk()
  const { customer } = useCustomer()
  const query = useInfiniteQuery({
    queryKey: ['audit'],
    queryFn: ({ pageParam }) => orThrow(api.audit(pageParam)),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    staleTime: 0,
  })
  const { data, error, refetch } = query
  useTitle(words.titles.account)
  if (data === undefined) {
    return error === null ? (
      <Skeleton title={said.heading} label={words.shell.loading} lines={6} />
    ) : (
      <FaultPage title={said.heading} error={error} onRetry={() => void refetch()} />
    )
  }
  return (
    <>
      <h1>{said.heading}</h1>
      <p className="lead">{said.lead(customer.email, customer.domain)}</p>
      <Connection />
      <SignOutEverywhere />
      <section className="block" aria-labelledby="happened">
        <h2 id="happened" className="section-heading">
          {said.happened}
        </h2>
        <p className="lead">{said.hint}</p>
        <Entries entries={data.pages.flatMap((page): readonly ApiAuditEntry[] => page.entries)} />
        <Older query={query} />
      </section>
    </>
  )
}

/** Where somebody looks who wants to disconnect. */
function Connection() {
  const { api } = useDesk()
  const { data } = useQuery({ queryKey: ['records'], queryFn: () => orThrow(api.records()) })
  const status = data?.connection.status
  return (
    <section className="card block" aria-labelledby="cloudflare">
      <h2 id="cloudflare">{said.cloudflare.heading}</h2>
      <p className="quiet">{said.cloudflare.text}</p>
      <div className="actions actions-of-a-button">
        {status === 'none' && <span>{said.cloudflare.notConnected}</span>}
        {status !== undefined && status !== 'none' && <DisconnectButton />}
        <Link href={paths.domains} className="text-link">
          {said.cloudflare.toDomain}
        </Link>
      </div>
    </section>
  )
}

function SignOutEverywhere() {
  const { api, refresh } = useDesk()
  const [isBusy, setBusy] = useState(false)
  const [fault, setFault] = useState<Fault>()
  const signOut = async () => {
    setBusy(true)
    setFault(undefined)
    const answer = await api.signOutEverywhere()
    setBusy(false)
    if (!answer.ok && answer.fault.status !== 401) return setFault(answer.fault)
    await refresh()
  }
  return (
    <section className="card block" aria-labelledby="everywhere">
      <h2 id="everywhere">{said.everywhere.heading}</h2>
      <p className="quiet">{said.everywhere.text}</p>
      {fault !== undefined && <FaultText fault={fault} seconds={0} />}
      <div className="actions">
        <Button busy={isBusy} onClick={() => void signOut()}>
          {said.everywhere.button}
        </Button>
      </div>
    </section>
  )
}

function Entries({ entries }: { readonly entries: readonly ApiAuditEntry[] }) {
  const now = useNow()
  return (
    <ol className="entries">
      {entries.map(({ id, event, at, address, browser, detail }) => (
        <li key={id} className={`entry ${event === 'sign-in-failed' ? 'entry-alarming' : ''}`}>
          <div className="entry-what">
            <h3>{said.events[event](detail)}</h3>
            <p className="quiet">
              {said.from(browser, address)}
              {' · '}
              <Moment at={at} now={now} />
            </p>
          </div>
        </li>
      ))}
    </ol>
  )
}
