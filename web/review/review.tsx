import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import { useLocation } from 'wouter'
import type { ApiChange, ApiPlan, ConfirmAnswer } from '#faces/dashboard/api.ts'
import { useEditing } from '../edit.ts'
import { FaultText } from '../fault.tsx'
import { useCustomer, useDesk } from '../session.tsx'
import { Button } from '../ui/button.tsx'
import { Notice } from '../ui/notice.tsx'
import { undoOf } from '../undo.ts'
import { createUnsent } from '../unsent.ts'
import { words } from '../words.ts'
import { ChangeList } from './change-list.tsx'
import { carriedOver, firstTicks, footnoteOf, sectionsOf, summaryOf, ticked, withAll } from './rows.ts'

const said = words.review

/** What a review is for, in words, and where it leads. */
export interface Purpose {
  readonly heading: string
  readonly lead: string
  /** On the button. */
  readonly confirm: string
  /** `isWhole`: all that was advised. */
  readonly done: (count: number, isWhole: boolean) => string
  /** Where one goes then, after so many changes. */
  readonly next: (count: number) => string
  /** Where one goes instead. */
  readonly back: string
}

/** A plan with its boxes. `onPlan`: another one came in its place. */
export function Review({
  plan,
  purpose,
  onPlan,
}: {
  readonly plan: ApiPlan
  readonly purpose: Purpose
  readonly onPlan: (plan: ApiPlan) => void
}) {
  const { api, say } = useDesk()
  const { customer } = useCustomer()
  const queries = useQueryClient()
  const [, navigate] = useLocation()
  const [ticks, setTicks] = useState(() => {
    const unsent = unsentTicks.of(customer.id)
    return unsent === undefined
      ? firstTicks(plan.changes)
      : carriedOver(unsent.changes, unsent.ticks, plan.changes)
  })
  useEffect(unsentTicks.forget, [])
  const editing = useEditing<ConfirmAnswer>((answer, checkedId) => {
    const count = answer?.applied ?? summary.length
    const isWhole = plan.changes.every(({ id, selected }) => !selected || ticks.has(id))
    const undo = count === 0 ? undefined : undoOf(answer?.historyId ?? checkedId)
    say('success', purpose.done(count, isWhole), undo)
    queries.removeQueries({ queryKey: ['records'] })
    queries.removeQueries({ queryKey: ['history'] })
    navigate(purpose.next(count))
  })
  const { phase, fault, seconds } = editing
  const isBusy = phase !== 'idle'

  const ours = useMemo(() => {
    const { ipv4, ipv6, host } = customer.targets
    return new Set([...ipv4, ...ipv6, ...(host === undefined ? [] : [host])])
  }, [customer])
  const summary = summaryOf(plan.changes, ticks, ours)
  const tick = (change: ApiChange, isOn: boolean) => setTicks(ticked(plan.changes, ticks, change, isOn))

  const confirm = async () => {
    const selected = plan.changes.filter(({ id, locked }) => !locked && ticks.has(id)).map(({ id }) => id)
    const sent = api.confirm({ planId: plan.id, selected })
    await editing.send(sent)
    const answer = await sent
    if (!answer.ok && answer.fault.status === 401) {
      unsentTicks.keep(customer.id, { changes: plan.changes, ticks })
    }
    const fresh = answer.ok ? undefined : answer.fault.details?.plan
    if (!answer.ok && answer.fault.code === 'PLAN_OUT_OF_DATE' && isPlan(fresh)) {
      setTicks(carriedOver(plan.changes, ticks, fresh.changes))
      say('warning', said.outdated)
      onPlan(fresh)
      window.scrollTo(0, 0)
    }
  }
  const { existing, added } = sectionsOf(plan.changes)
  const isMoreThanABatch = plan.warnings.some(({ code }) => code === 'more-than-a-batch')
  const left = plan.changes.filter(({ id, locked }) => !locked && !ticks.has(id))
  return (
    <>
      <h1>{purpose.heading}</h1>
      <p className="lead">{purpose.lead}</p>
      {plan.origin !== undefined && left.length >= MANY && !isMoreThanABatch && (
        <div className="changes-more">
          <Button disabled={isBusy} onClick={() => setTicks(withAll(plan.changes, ticks))}>
            {said.tickAll(left.length)}
          </Button>
        </div>
      )}
      {existing.length > 0 && (
        <ChangeList
          heading={said.existing}
          changes={existing}
          ticks={ticks}
          zone={plan.zone?.name ?? plan.domain}
          isBusy={isBusy}
          onTick={tick}
        />
      )}
      {added.length > 0 && (
        <ChangeList
          heading={said.added}
          changes={added}
          ticks={ticks}
          zone={plan.zone?.name ?? plan.domain}
          isBusy={isBusy}
          onTick={tick}
        />
      )}
      <section className="block" aria-labelledby="proposed">
        <h2 id="proposed" className="section-heading">
          {said.proposed}
        </h2>
        {summary.length === 0 ? (
          <p>{said.nothing}</p>
        ) : (
          <ul className="summary">
            {summary.map(({ id, text, isOurs }) => (
              <li key={id}>
                {text} {isOurs && <span className="ours">({said.yourServer})</span>}
              </li>
            ))}
          </ul>
        )}
      </section>
      <section className="block" aria-label={said.warnings}>
        <Notice kind="warning">
          <p>{footnoteOf(plan.changes).join(' ')}</p>
          {plan.warnings.map(({ code, message }) => (
            <p key={`${code} ${message}`}>{message}</p>
          ))}
        </Notice>
      </section>
      {fault !== undefined && fault.code !== 'PLAN_OUT_OF_DATE' && (
        <FaultText fault={fault} seconds={seconds} />
      )}
      {isBusy && (
        <Notice kind="info">
          <p role="status">{phase === 'checking' ? said.checking : said.applying}</p>
        </Notice>
      )}
      <div className="review-actions">
        <Button onClick={() => navigate(purpose.back)} disabled={phase === 'sending'}>
          {said.cancel}
        </Button>
        <Button look="primary" busy={isBusy} disabled={seconds > 0} onClick={() => void confirm()}>
          {purpose.confirm}
        </Button>
      </div>
    </>
  )
}

/** So many boxes nobody wants to tick one by one. */
const MANY = 3

/** What is ticked is a choice, and a row that was unticked is not to come back by itself. */
const unsentTicks = createUnsent<{
  readonly changes: readonly ApiChange[]
  readonly ticks: ReadonlySet<string>
}>()

/** What the server put into `details`, whose shape nobody else has looked at. */
function isPlan(value: unknown): value is ApiPlan {
  return typeof value === 'object' && value !== null && 'changes' in value && Array.isArray(value.changes)
}
