import { useQuery } from '@tanstack/react-query'
import { orThrow } from '../api.ts'
import { Doors } from '../domains/doors.tsx'
import { NotLive } from '../domains/not-live.tsx'
import { Reconnect } from '../domains/reconnect.tsx'
import { Records } from '../domains/records.tsx'
import { ReviewPending } from '../domains/review-pending.tsx'
import { ZoneMissing } from '../domains/zone-missing.tsx'
import { FaultPage } from '../fault.tsx'
import { useCustomer, useDesk } from '../session.tsx'
import { useTitle } from '../title.ts'
import { Skeleton } from '../ui/waiting.tsx'
import { words } from '../words.ts'

/** Whatever a customer can do about the domain, by the state of its connection. */
export default function DomainsPage() {
  const { api } = useDesk()
  const { customer } = useCustomer()
  const { data, error, refetch } = useQuery({ queryKey: ['records'], queryFn: () => orThrow(api.records()) })
  useTitle(words.titles.domains)

  if (data === undefined) {
    return error === null ? (
      <Skeleton title={words.records.heading} label={words.shell.loading} lines={8} />
    ) : (
      <FaultPage title={words.records.heading} error={error} onRetry={() => void refetch()} />
    )
  }
  const { connection, zone, records } = data
  switch (connection.status) {
    case 'none':
      return <Doors domain={customer.domain} />
    case 'zone_missing':
      return <ZoneMissing domain={customer.domain} />
    case 'review_pending':
      return (
        <div className="stack">
          <ReviewPending domain={customer.domain} />
          {zone !== null && records.length > 0 && <Records data={data} />}
        </div>
      )
    case 'reconnect_required':
      return (
        <div className="stack">
          <Reconnect />
          <Records data={data} isReadOnly />
        </div>
      )
    case 'connected':
      return (
        <div className="stack stack-tight">
          <NotLive data={data} />
          <Records data={data} />
        </div>
      )
  }
}
