import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { Link, Redirect } from 'wouter'
import { FaultError, orThrow } from '../api.ts'
import { useNow } from '../dates.ts'
import { FaultPage } from '../fault.tsx'
import { paths } from '../paths.ts'
import { useCustomer, useDesk } from '../session.tsx'
import { useTitle } from '../title.ts'
import { ButtonLink } from '../ui/button.tsx'
import { Moment } from '../ui/moment.tsx'
import { Notice } from '../ui/notice.tsx'
import { Skeleton } from '../ui/waiting.tsx'
import { words } from '../words.ts'
import { NameSteps } from './name-steps.tsx'
import { isOver, lookAgainMs, type Overall, overallOf } from './steps.ts'

const said = words.live

/** How far the store is on its way to its visitors. Looks again by itself while it is seen, until the store is live. */
export default function LivePage() {
  const { api } = useDesk()
  const { customer } = useCustomer()
  const now = useNow()
  const { data, error, refetch } = useQuery({
    queryKey: ['verification'],
    queryFn: () => orThrow(api.verification()),
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: true,
    refetchInterval: ({ state }) =>
      state.data !== undefined && isOver(state.data)
        ? false
        : lookAgainMs(state.dataUpdateCount + state.errorUpdateCount),
  })
  useTitle(words.titles.live)

  if (error instanceof FaultError && ELSEWHERE.includes(error.fault.code)) {
    return <Redirect replace to={paths.domains} />
  }
  if (data === undefined) {
    if (error !== null) {
      return <FaultPage title={words.titles.live} error={error} onRetry={() => void refetch()} />
    }
    return (
      <>
        <Skeleton title={words.titles.live} label={said.looking} lines={6} />
        <Patience />
      </>
    )
  }
  const overall = overallOf(data)
  return (
    <div className="stack stack-tight">
      <h1>{words.titles.live}</h1>
      <div role="status">
        <Notice kind={KINDS[overall]} heading={said.overall[overall].heading(customer.domain)}>
          <p>{said.overall[overall].text}</p>
        </Notice>
      </div>
      {data.names.map((name) => (
        <NameSteps key={name.name} name={name} now={now} />
      ))}
      <div className="actions">
        <ButtonLink href={`https://${customer.domain}`} look={isOver(data) ? 'primary' : 'secondary'} newTab>
          {said.open(customer.domain)}
        </ButtonLink>
        <Link href={paths.domains} className="text-link">
          {said.records}
        </Link>
      </div>
      <p className="quiet">
        {error === null ? (
          <>
            {said.checked} <Moment at={data.checkedAt} now={now} />.
          </>
        ) : (
          said.notNow
        )}{' '}
        {!isOver(data) && said.again}
      </p>
    </div>
  )
}

const KINDS: Record<Overall, 'success' | 'info' | 'warning'> = {
  live: 'success',
  unseen: 'success',
  waiting: 'info',
  attention: 'warning',
}

/** The domains page says what to do about these. */
const ELSEWHERE: readonly string[] = ['NOT_CONNECTED', 'ZONE_NOT_FOUND']

/** A first look takes seconds where somebody does not answer. */
function Patience() {
  const [isLate, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 1_500)
    return () => clearTimeout(timer)
  }, [])
  return isLate ? <p className="quiet">{said.patience}</p> : null
}
