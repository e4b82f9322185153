import type { ApiRecord } from '#faces/dashboard/api.ts'
import type { Fault } from '../api.ts'
import { words } from '../words.ts'

/** What Cloudflare holds in place of what the window shows, where that is why it was refused; the list is behind it. */
export function CurrentRecord({ fault }: { readonly fault: Fault }) {
  const current = currentOf(fault)
  if (current === undefined) return null
  return (
    <div className="preview">
      <span className="field-label">{words.form.current}</span>
      <code>
        {current.name} {current.type} {current.priority !== null && `${current.priority} `}
        {current.content}
      </code>
    </div>
  )
}

/** `details` is the server's, and nobody else has looked at its shape. */
export function currentOf({ details }: Fault): ApiRecord | undefined {
  return isRecord(details?.current) ? details.current : undefined
}

function isRecord(value: unknown): value is ApiRecord {
  return typeof value === 'object' && value !== null && 'content' in value && 'name' in value
}
