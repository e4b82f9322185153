import { useRef, useState } from 'react'
import type { SessionCustomer } from '#faces/dashboard/api.ts'
import { useCustomer } from '../session.tsx'
import { Button, ButtonLink } from '../ui/button.tsx'
import { TextArea } from '../ui/field.tsx'
import { words } from '../words.ts'
import { linesToSet } from './lines-to-set.ts'

/** For whoever does not look after the domain: the records as a text to be sent to somebody who does. */
export function HandOff() {
  const { customer } = useCustomer()
  return linesToSet(customer).length === 0 ? null : <Letter customer={customer} />
}

function Letter({ customer }: { readonly customer: SessionCustomer }) {
  const said = words.handOff
  const box = useRef<HTMLDivElement>(null)
  const [copied, setCopied] = useState<boolean>()
  const { domain } = customer
  const text = [said.opening(domain), ...linesToSet(customer), said.closing]
  const letter = [text[0], '', ...text.slice(1, -1), '', text.at(-1)].join('\n')
  const copy = async () => {
    const isDone = await navigator.clipboard.writeText(letter).then(
      () => true,
      () => false,
    )
    setCopied(isDone)
    if (!isDone) box.current?.querySelector('textarea')?.select()
  }
  const query = `subject=${encodeURIComponent(said.subject(domain))}&body=${encodeURIComponent(letter)}`
  return (
    <details className="card hand-off">
      <summary>{said.question}</summary>
      <div className="form hand-off-body" ref={box}>
        <p>{said.text}</p>
        <TextArea label={said.label} name="letter" value={letter} isReadOnly rows={7} />
        <div className="connection-row">
          <Button onClick={() => void copy()}>{said.copy}</Button>
          <ButtonLink href={`mailto:?${query}`}>{said.mail}</ButtonLink>
          <p role="status">{copied === undefined ? '' : copied ? said.copied : said.notCopied}</p>
        </div>
      </div>
    </details>
  )
}
