import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, Redirect, useParams } from 'wouter'
import type { ApiPlan } from '#faces/dashboard/api.ts'
import { FaultError, orThrow } from '../api.ts'
import { exactly } from '../dates.ts'
import { FaultPage } from '../fault.tsx'
import { paths } from '../paths.ts'
import { type Purpose, Review } from '../review/review.tsx'
import { useDesk } from '../session.tsx'
import { useTitle } from '../title.ts'
import { Notice } from '../ui/notice.tsx'
import { Skeleton } from '../ui/waiting.tsx'
import { words } from '../words.ts'

const said = words.undo

/** What taking a change back would do, to be read and confirmed as any other review. */
export default function UndoPage() {
  const { api } = useDesk()
  const { id = '' } = useParams<{ id: string }>()
  const queries = useQueryClient()
  const { data, error, refetch } = useQuery({
    queryKey: ['undo', id],
    queryFn: () => orThrow(api.undoPlan(id)),
    // As the review of a takeover: read afresh, and not while it is being read.
    staleTime: 0,
    gcTime: 0,
  })
  useTitle(words.titles.undo)

  if (error instanceof FaultError && ELSEWHERE.includes(error.fault.code)) {
    return <Redirect replace to={paths.domains} />
  }
  if (data === undefined) {
    if (error === null) return <Skeleton title={words.titles.undo} label={words.shell.loading} lines={6} />
    const isGone = error instanceof FaultError && error.fault.code === 'NOT_FOUND'
    return isGone ? (
      <Nothing heading={said.gone.heading} text={said.gone.text} />
    ) : (
      <FaultPage title={words.titles.undo} error={error} onRetry={() => void refetch()} />
    )
  }
  if (data.changes.every(({ action }) => action === 'keep')) {
    return <Nothing heading={said.nothing.heading} text={said.nothing.text} plan={data} />
  }
  const show = (plan: ApiPlan) => queries.setQueryData(['undo', id], plan)
  return <Review plan={data} purpose={purposeOf(data)} onPlan={show} />
}

/** The domains page says what to do about these. */
const ELSEWHERE: readonly string[] = ['NOT_CONNECTED', 'RECONNECT_REQUIRED']

function purposeOf({ origin }: ApiPlan): Purpose {
  const at = origin?.undoes?.at
  return {
    heading: words.titles.undo,
    lead: said.lead(at === undefined ? '' : exactly(Date.parse(at))),
    confirm: said.confirm,
    done: (count) => (count === 0 ? said.doneNothing : said.done(count)),
    next: () => paths.domains,
    back: paths.history,
  }
}

function Nothing({
  heading,
  text,
  plan,
}: {
  readonly heading: string
  readonly text: string
  readonly plan?: ApiPlan
}) {
  return (
    <>
      <div className="empty">
        <h1>{heading}</h1>
        <p>{text}</p>
        <Link href={paths.history} className="text-link">
          {said.back}
        </Link>
      </div>
      {plan !== undefined && plan.warnings.length > 0 && (
        <Notice kind="warning">
          {plan.warnings.map(({ code, message }) => (
            <p key={`${code} ${message}`}>{message}</p>
          ))}
        </Notice>
      )}
    </>
  )
}
