import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import type { ApiHistoryEntry } from '#faces/dashboard/api.ts'
import { orThrow } from '../api.ts'
import { useNow } from '../dates.ts'
import { FaultPage } from '../fault.tsx'
import { paths } from '../paths.ts'
import { useDesk } from '../session.tsx'
import { useTitle } from '../title.ts'
import { Older } from '../ui/older.tsx'
import { Skeleton } from '../ui/waiting.tsx'
import { words } from '../words.ts'
import { daysOf } from './days.ts'
import { Entry } from './entry.tsx'

const said = words.history

/** What was changed, by whom, day by day, and the way back. */
export default function HistoryPage() {
  const { api } = useDesk()
  const now = useNow()
  const query = useInfiniteQuery({
    queryKey: ['history'],
    queryFn: ({ pageParam }) => orThrow(api.history(pageParam)),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    staleTime: 0,
  })
  const { data, error, refetch } = query
  useTitle(words.titles.history)

  if (data === undefined) {
    return error === null ? (
      <Skeleton title={said.heading} label={words.shell.loading} lines={8} />
    ) : (
      <FaultPage title={said.heading} error={error} onRetry={() => void refetch()} />
    )
  }
  const entries = data.pages.flatMap((page): readonly ApiHistoryEntry[] => page.entries)
  if (entries.length === 0) return <NothingYet />
  return (
    <>
      <h1>{said.heading}</h1>
      <p className="lead">{said.lead}</p>
      {daysOf(entries, now).map(({ day, entries: ofDay }) => (
        <section key={day} className="block" aria-label={day}>
          <h2 className="section-heading">{day}</h2>
          <ol className="entries">
            {ofDay.map((entry) => (
              <Entry key={entry.id} entry={entry} now={now} />
            ))}
          </ol>
        </section>
      ))}
      <Older query={query} />
    </>
  )
}

function NothingYet() {
  return (
    <div className="empty">
      <h1>{said.none.heading}</h1>
      <p>{said.none.text}</p>
      <Link href={paths.domains} className="text-link">
        {said.none.link}
      </Link>
    </div>
  )
}
