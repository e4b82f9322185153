import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, Redirect } from 'wouter'
import type { ApiPlan } from '#faces/dashboard/api.ts'
import { FaultError, orThrow } from '../api.ts'
import { FaultPage } from '../fault.tsx'
import { paths } from '../paths.ts'
import { type Purpose, Review } from '../review/review.tsx'
import { useDesk } from '../session.tsx'
import { useTitle } from '../title.ts'
import { Button } from '../ui/button.tsx'
import { Notice } from '../ui/notice.tsx'
import { Skeleton } from '../ui/waiting.tsx'
import { words } from '../words.ts'

/** What would change, for the customer to read, choose from and confirm. */
export default function ConfirmPage() {
  const { api } = useDesk()
  const queries = useQueryClient()
  const { data, error, refetch, isFetching } = useQuery({
    queryKey: ['plan'],
    queryFn: () => orThrow(api.plan()),
    // Read afresh when the page is opened; a plan that changes while it is read would move under the reader.
    staleTime: 0,
    gcTime: 0,
  })
  useTitle(words.titles.confirm)

  if (error instanceof FaultError && ELSEWHERE.includes(error.fault.code)) {
    return <Redirect replace to={paths.domains} />
  }
  if (data === undefined) {
    return error === null ? (
      <Skeleton title={words.titles.confirm} label={words.shell.loading} lines={8} />
    ) : (
      <FaultPage title={words.titles.confirm} error={error} onRetry={() => void refetch()} />
    )
  }
  if (data.blocked !== undefined) {
    return <Blocked plan={data} isBusy={isFetching} onAgain={() => void refetch()} />
  }
  if (data.changes.every(({ action }) => action === 'keep')) return <NothingToDo domain={data.domain} />
  const show = (plan: ApiPlan) => queries.setQueryData(['plan'], plan)
  return <Review plan={data} purpose={purposeOf(data)} onPlan={show} />
}

function purposeOf({ domain, changes }: ApiPlan): Purpose {
  const said = words.review
  const isEmpty = changes.every(({ action }) => action === 'add')
  return {
    heading: said.heading,
    lead: isEmpty ? said.foundNone(domain) : said.found(domain),
    confirm: said.confirm,
    done: (count, isWhole) => {
      if (count === 0) return said.appliedNothing
      return isWhole ? `${said.applied(count)} ${said.points(domain)}` : said.applied(count)
    },
    next: (count) => (count === 0 ? paths.domains : paths.live),
    back: paths.domains,
  }
}

/** The domains page says what to do about these. */
const ELSEWHERE: readonly string[] = ['NOT_CONNECTED', 'RECONNECT_REQUIRED']

function Blocked({
  plan,
  isBusy,
  onAgain,
}: {
  readonly plan: ApiPlan
  readonly isBusy: boolean
  readonly onAgain: () => void
}) {
  return (
    <>
      <h1>{words.review.blocked}</h1>
      <Notice kind="warning">
        <p className="strong">{plan.blocked?.message}</p>
        <p>{plan.blocked?.remedy}</p>
      </Notice>
      <div className="actions">
        <Button look="primary" busy={isBusy} onClick={onAgain}>
          {words.review.checkAgain}
        </Button>
        <Link href={paths.domains} className="text-link">
          {words.notFound.back}
        </Link>
      </div>
    </>
  )
}

function NothingToDo({ domain }: { readonly domain: string }) {
  const said = words.review.nothingToDo
  return (
    <div className="empty">
      <h1>{said.heading}</h1>
      <p>{said.text(domain)}</p>
      <Link href={paths.domains} className="text-link">
        {said.button}
      </Link>
    </div>
  )
}
