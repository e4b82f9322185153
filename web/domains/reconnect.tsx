import { useCustomer } from '../session.tsx'
import { Notice } from '../ui/notice.tsx'
import { words } from '../words.ts'
import { DoorCards } from './doors.tsx'

/** The grant is gone; the list can still be read. */
export function Reconnect() {
  const { customer } = useCustomer()
  return (
    <section className="stack stack-tight" aria-label={words.reconnect.heading}>
      <Notice kind="warning" heading={words.reconnect.heading}>
        <p>{words.reconnect.text}</p>
      </Notice>
      <DoorCards domain={customer.domain} />
    </section>
  )
}
