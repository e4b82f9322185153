import { Link } from 'wouter'
import { paths } from '../paths.ts'
import { primaryLink } from '../ui/button.tsx'
import { words } from '../words.ts'
import { DisconnectButton } from './disconnect.tsx'

/** Connected, and the review is still to be read. */
export function ReviewPending({ domain }: { readonly domain: string }) {
  return (
    <section className="card">
      <h1 className="card-heading">{words.reviewPending.heading}</h1>
      <p>{words.reviewPending.text(domain)}</p>
      <div className="actions">
        <Link href={paths.confirm} className={primaryLink}>
          {words.reviewPending.button}
        </Link>
        <DisconnectButton />
      </div>
    </section>
  )
}
