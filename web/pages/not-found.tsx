import { Link } from 'wouter'
import { paths } from '../paths.ts'
import { useTitle } from '../title.ts'
import { words } from '../words.ts'

export function NotFoundPage() {
  useTitle(words.titles.notFound)
  return (
    <div className="empty">
      <h1>{words.notFound.heading}</h1>
      <p>{words.notFound.text}</p>
      <Link href={paths.domains} className="text-link">
        {words.notFound.back}
      </Link>
    </div>
  )
}
