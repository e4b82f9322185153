import { CheckCircleIcon } from '@phosphor-icons/react/dist/csr/CheckCircle'
import { CircleDashedIcon } from '@phosphor-icons/react/dist/csr/CircleDashed'
import { MinusCircleIcon } from '@phosphor-icons/react/dist/csr/MinusCircle'
import { WarningCircleIcon } from '@phosphor-icons/react/dist/csr/WarningCircle'
import { useId } from 'react'
import { Link } from 'wouter'
import type { ApiVerifiedName } from '#faces/dashboard/api.ts'
import { untilWhen } from '../dates.ts'
import { paths } from '../paths.ts'
import { words } from '../words.ts'
import { type Progress, type Step, stepsOf } from './steps.ts'

const said = words.live

/** One name on its way, step by step. */
export function NameSteps({ name, now }: { readonly name: ApiVerifiedName; readonly now: number }) {
  const id = useId()
  return (
    <section className="card way" aria-labelledby={id}>
      <h2 id={id} className="way-name">
        {name.name}
      </h2>
      <ol className="way-steps">
        {stepsOf(name).map((step) => (
          <li key={step.step} className={`way-step way-${step.progress}`}>
            <Mark progress={step.progress} />
            <div className="way-text">
              <p className="way-title">
                {said.steps[step.step]}
                <span className="for-screen-readers">: {said.progress[step.progress]}</span>
              </p>
              <Detail name={name} step={step} now={now} />
            </div>
          </li>
        ))}
      </ol>
    </section>
  )
}

function Detail({
  name,
  step: { step, progress, hint },
  now,
}: {
  readonly name: ApiVerifiedName
  readonly step: Step
  readonly now: number
}) {
  const what = step === 'reachable' && name.reachable === 'by_http' ? 'reachableByHttp' : step
  const fact = progress === 'done' ? said.done[what](name.name, name.atCloudflare) : undefined
  const until = name.readyAt === null ? Number.NaN : Date.parse(name.readyAt)
  return (
    <>
      {fact !== undefined && <p className="quiet">{fact}</p>}
      {progress === 'unknown' && <p className="quiet">{said.notChecked}</p>}
      {hint !== undefined && <p>{hint.message}</p>}
      {hint?.remedy !== undefined && <p className="strong">{hint.remedy}</p>}
      {hint?.code === 'remembered' && until > now && (
        <p>
          <time dateTime={name.readyAt ?? undefined}>{said.until(untilWhen(until, now))}</time>
        </p>
      )}
      {hint !== undefined && OF_RECORDS.includes(hint.code) && (
        <p>
          <Link href={paths.confirm} className="text-link">
            {words.reviewPending.button}
          </Link>
        </p>
      )}
    </>
  )
}

/** What a review mends. */
const OF_RECORDS: readonly string[] = ['not-pointed', 'partly-pointed']

function Mark({ progress }: { readonly progress: Progress }) {
  if (progress === 'now') return <span className="way-mark spinner" aria-hidden="true" />
  const Icon = ICONS[progress]
  return (
    <Icon
      className="way-mark"
      size={24}
      weight={progress === 'later' ? 'regular' : 'fill'}
      aria-hidden="true"
    />
  )
}

const ICONS = {
  done: CheckCircleIcon,
  failed: WarningCircleIcon,
  later: CircleDashedIcon,
  unknown: MinusCircleIcon,
} as const
