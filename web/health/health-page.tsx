import { useQuery } from '@tanstack/react-query'
import { useId } from 'react'
import { Link } from 'wouter'
import type { ApiFinding, RecordFields } from '#faces/dashboard/api.ts'
import { FaultError, orThrow } from '../api.ts'
import { useNow } from '../dates.ts'
import { FaultPage } from '../fault.tsx'
import { fixPath, paths } from '../paths.ts'
import { contentOf } from '../review/rows.ts'
import { useDesk } from '../session.tsx'
import { useTitle } from '../title.ts'
import { Moment } from '../ui/moment.tsx'
import { Tag } from '../ui/tag.tsx'
import { Skeleton } from '../ui/waiting.tsx'
import { words } from '../words.ts'

const said = words.health

/** What is the matter with the records, and what to do about it. */
export default function HealthPage() {
  const { api } = useDesk()
  const now = useNow()
  const { data, error, refetch } = useQuery({
    queryKey: ['health'],
    queryFn: () => orThrow(api.health()),
    staleTime: 0,
  })
  useTitle(words.titles.health)

  if (error instanceof FaultError && ELSEWHERE.includes(error.fault.code)) {
    return <Empty heading={said.notConnected.heading} text={said.notConnected.text} />
  }
  if (data === undefined) {
    return error === null ? (
      <Skeleton title={said.heading} label={words.shell.loading} lines={6} />
    ) : (
      <FaultPage title={said.heading} error={error} onRetry={() => void refetch()} />
    )
  }
  if (data.findings.length === 0) return <Empty heading={said.none.heading} text={said.none.text} />
  return (
    <>
      <h1>{said.heading}</h1>
      <p className="lead">
        {said.lead}{' '}
        {data.readAt !== null && (
          <>
            {said.readAt} <Moment at={data.readAt} now={now} />.
          </>
        )}
      </p>
      <ol className="findings entries">
        {data.findings.map((finding) => (
          <FindingItem key={finding.id} finding={finding} />
        ))}
      </ol>
      {data.more > 0 && <p className="quiet">{said.more(data.more)}</p>}
    </>
  )
}

/** There is no zone to look at. */
const ELSEWHERE: readonly string[] = ['NOT_CONNECTED', 'ZONE_NOT_FOUND']

const TONES = { broken: 'remove', risky: 'change', advice: 'keep' } as const

function FindingItem({
  finding: { id, severity, message, consequence, remedy, records, recordCount, isMendable },
}: {
  readonly finding: ApiFinding
}) {
  const heading = useId()
  return (
    <li className="entry" aria-labelledby={heading}>
      <div className="entry-what">
        <Tag tone={TONES[severity]}>{said.severities[severity]}</Tag>
        <h2 id={heading} className="finding-message">
          {message}
        </h2>
        <p>
          <span className="quiet">{said.consequence}</span> {consequence}
        </p>
        <p>
          <span className="quiet">{said.remedy}</span> {remedy}
        </p>
      </div>
      <details className="finding-records">
        <summary>{said.records(records.length, recordCount)}</summary>
        <ul>
          {records.map((record) => (
            <li key={textOf(record)}>{textOf(record)}</li>
          ))}
        </ul>
      </details>
      {isMendable && (
        <Link href={fixPath(id)} className="button button-secondary" aria-label={said.fixThis(message)}>
          {said.fix}
        </Link>
      )}
    </li>
  )
}

function textOf(record: RecordFields): string {
  return `${record.name} ${record.type} ${contentOf(record)}`
}

function Empty({ heading, text }: { readonly heading: string; readonly text: string }) {
  return (
    <div className="empty">
      <h1>{heading}</h1>
      <p>{text}</p>
      <Link href={paths.domains} className="text-link">
        {said.toRecords}
      </Link>
    </div>
  )
}
