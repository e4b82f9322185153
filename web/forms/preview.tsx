import type { ApiRecord } from '#faces/dashboard/api.ts'
import { purposeOf } from '../purpose.ts'
import { useCustomer } from '../session.tsx'
import { ttlInWords } from '../ttl.ts'
import { words } from '../words.ts'
import { type Draft, inputOf, type Judged, tidied } from './draft.ts'

const said = words.form

/** What will be saved, spelled out, and what that is for. Takes its room from the beginning, so that nothing moves. */
export function Preview({
  draft,
  saved,
  records,
}: {
  readonly draft: Draft
  readonly saved: Judged['saved']
  /** The rest of the zone. */
  readonly records: readonly ApiRecord[]
}) {
  const { customer } = useCustomer()
  const { content, priority } = tidied(draft)
  const { proxied = false, ttl = 1 } = inputOf(draft)
  const record = saved && {
    ...saved,
    ...(saved.type === 'MX' && { content: content.trim(), priority: Number(priority) }),
  }
  return (
    <div className="preview">
      <span className="field-label">{said.preview}</span>
      {saved === undefined ? (
        <p className="field-hint">{said.previewNone}</p>
      ) : (
        <>
          <code>
            {saved.name} {saved.type} {saved.content}
          </code>
          <p className="field-hint">
            {said.previewTtl(ttlInWords(ttl))} {proxied && said.previewProxied}
          </p>
        </>
      )}
      {record !== undefined && <p className="field-hint">{purposeOf(record, records, customer)}</p>}
    </div>
  )
}
