import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, Redirect, useSearch } from 'wouter'
import type { ApiPlan } from '#faces/dashboard/api.ts'
import { FaultError, orThrow } from '../api.ts'
import { FaultPage } from '../fault.tsx'
import { paths } from '../paths.ts'
import { type Purpose, Review } from '../review/review.tsx'
import { useDesk } from '../session.tsx'
import { useTitle } from '../title.ts'
import { Skeleton } from '../ui/waiting.tsx'
import { words } from '../words.ts'

const said = words.fix

/** What would mend a finding, to be read and confirmed as any other review. */
export default function FixPage() {
  const { api } = useDesk()
  const queries = useQueryClient()
  const finding = new URLSearchParams(useSearch()).get('finding') ?? ''
  const { data, error, refetch } = useQuery({
    queryKey: ['mend', finding],
    queryFn: () => orThrow(api.fixPlan(finding)),
    // As the review of a takeover: read afresh, and not while it is being read.
    staleTime: 0,
    gcTime: 0,
  })
  useTitle(words.titles.fix)

  if (error instanceof FaultError && ELSEWHERE.includes(error.fault.code)) {
    return <Redirect replace to={paths.domains} />
  }
  if (data === undefined) {
    if (error === null) return <Skeleton title={words.titles.fix} label={words.shell.loading} lines={6} />
    const isGone = error instanceof FaultError && error.fault.code === 'CONFLICT'
    return isGone ? (
      <Nothing />
    ) : (
      <FaultPage title={words.titles.fix} error={error} onRetry={() => void refetch()} />
    )
  }
  if (data.changes.every(({ action }) => action === 'keep')) return <Nothing />
  const show = (plan: ApiPlan) => queries.setQueryData(['mend', finding], plan)
  return <Review plan={data} purpose={PURPOSE} onPlan={show} />
}

/** The domains page says what to do about these. */
const ELSEWHERE: readonly string[] = ['NOT_CONNECTED', 'RECONNECT_REQUIRED']

const PURPOSE: Purpose = {
  heading: words.titles.fix,
  lead: said.lead,
  confirm: said.confirm,
  done: said.done,
  next: () => paths.health,
  back: paths.health,
}

function Nothing() {
  return (
    <div className="empty">
      <h1>{said.nothing.heading}</h1>
      <p>{said.nothing.text}</p>
      <Link href={paths.health} className="text-link">
        {said.back}
      </Link>
    </div>
  )
}
