import { Link } from 'wouter'
import type { RecordsAnswer } from '#faces/dashboard/api.ts'
import { paths } from '../paths.ts'
import { useCustomer } from '../session.tsx'
import { primaryLink } from '../ui/button.tsx'
import { Notice } from '../ui/notice.tsx'
import { words } from '../words.ts'
import { leadingOf } from './leading.ts'

/** Why visitors do not reach the store, if the zone or its records say so; nothing otherwise. */
export function NotLive({ data }: { readonly data: RecordsAnswer }) {
  const said = words.notLive
  const { domain, targets } = useCustomer().customer
  const { zone, records } = data
  const steps = (
    <Link href={paths.live} className="text-link">
      {said.steps}
    </Link>
  )
  if (zone?.status === 'pending') {
    return (
      <Notice kind="warning" heading={said.pending.heading(zone.name)}>
        <p>{said.pending.text(zone.name, zone.nameServers)}</p>
        <p>{steps}</p>
      </Notice>
    )
  }
  const leading = leadingOf(domain, targets, records)
  if (leading === 'store') return null
  return (
    <Notice kind="warning" heading={said[leading](domain)}>
      <p>{said.remedy}</p>
      <p className="actions actions-tight">
        <Link href={paths.confirm} className={primaryLink}>
          {words.reviewPending.button}
        </Link>
        {steps}
      </p>
    </Notice>
  )
}
