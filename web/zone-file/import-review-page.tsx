import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, Redirect } from 'wouter'
import type { ApiPlan } from '#faces/dashboard/api.ts'
import { paths } from '../paths.ts'
import { type Purpose, Review } from '../review/review.tsx'
import { useTitle } from '../title.ts'
import { Notice } from '../ui/notice.tsx'
import { words } from '../words.ts'
import { unsentFile } from './unsent.ts'

const said = words.zoneFile.review

/** What a zone file would change, to be read and confirmed as any other review. It begins with the file. */
export default function ImportReviewPage() {
  const queries = useQueryClient()
  const { data: plan } = useQuery<ApiPlan>({ queryKey: ['import'], enabled: false })
  useTitle(words.titles.importReview)

  // Loaded anew, or another review has come in its place because this one is too old.
  if (plan?.origin?.kind !== 'import') return <Redirect replace to={paths.zoneFile} />
  if (plan.changes.every(({ action }) => action === 'keep')) return <Nothing plan={plan} />
  const show = (next: ApiPlan) => queries.setQueryData(['import'], next)
  return <Review plan={plan} purpose={purposeOf(plan)} onPlan={show} />
}

function purposeOf({ warnings }: ApiPlan): Purpose {
  const isMoreToCome = warnings.some(({ code }) => code === 'more-than-a-batch')
  return {
    heading: words.titles.importReview,
    lead: said.lead,
    confirm: said.confirm,
    done(count, isWhole) {
      if (isWhole && !isMoreToCome) unsentFile.forget()
      return isMoreToCome ? `${said.done(count)} ${said.moreToCome}` : said.done(count)
    },
    next: () => (isMoreToCome ? paths.zoneFile : paths.domains),
    back: paths.zoneFile,
  }
}

function Nothing({ plan }: { readonly plan: ApiPlan }) {
  return (
    <>
      <div className="empty">
        <h1>{said.nothing.heading}</h1>
        <p>{said.nothing.text}</p>
        <Link href={paths.zoneFile} className="text-link">
          {said.back}
        </Link>
      </div>
      {plan.warnings.length > 0 && (
        <Notice kind="warning">
          {plan.warnings.map(({ code, message }) => (
            <p key={`${code} ${message}`}>{message}</p>
          ))}
        </Notice>
      )}
    </>
  )
}
