import { ArrowRightIcon } from '@phosphor-icons/react/dist/csr/ArrowRight'
import { useId, useState } from 'react'
import type { ApiChange } from '#faces/dashboard/api.ts'
import { RecordName } from '../domains/record-list.tsx'
import { Button } from '../ui/button.tsx'
import { Tag } from '../ui/tag.tsx'
import { Tick } from '../ui/tick.tsx'
import { words } from '../words.ts'
import { contentOf, groupsOf, noteOf } from './rows.ts'

const said = words.review

interface Shared {
  readonly ticks: ReadonlySet<string>
  readonly zone: string
  readonly isBusy: boolean
  readonly onTick: (change: ApiChange, isOn: boolean) => void
}

/** The rows under one heading: those that act, then those that stay. */
export function ChangeList({
  heading,
  changes,
  ...shared
}: Shared & { readonly heading: string; readonly changes: readonly ApiChange[] }) {
  const id = useId()
  const [showsAll, setShowsAll] = useState(false)
  const [most, setMost] = useState(STEP)
  const acting = groupsOf(changes.filter(({ action }) => action !== 'keep'))
  const kept = changes.filter(({ action }) => action === 'keep')
  const shown = showsAll ? kept : kept.slice(0, MOST_KEPT)
  return (
    <section className="block" aria-labelledby={id}>
      <h2 id={id} className="section-heading">
        {heading}
      </h2>
      <ul className="changes">
        {acting.slice(0, most).map((group) =>
          group.changes.length === 1 ? (
            <ChangeRow key={group.id} change={group.changes[0]!} {...shared} />
          ) : (
            <li key={group.id} className="change-group">
              <p className="change-group-note">{said.together}</p>
              <ul>
                {group.changes.map((change) => (
                  <ChangeRow key={change.id} change={change} {...shared} />
                ))}
              </ul>
            </li>
          ),
        )}
        {shown.map((change) => (
          <ChangeRow key={change.id} change={change} {...shared} />
        ))}
      </ul>
      {most < acting.length && (
        <div className="changes-more">
          <Button look="quiet" onClick={() => setMost(most + STEP)}>
            {said.showMore(acting.length - most)}
          </Button>
        </div>
      )}
      {shown.length < kept.length && (
        <div className="changes-more">
          <Button look="quiet" onClick={() => setShowsAll(true)}>
            {said.showKept(kept.length)}
          </Button>
        </div>
      )}
    </section>
  )
}

/** A zone file may bring thousands, and each has a box of its own. */
const STEP = 100
const MOST_KEPT = 20

const TONES = { add: 'add', replace: 'change', delete: 'remove', keep: 'keep' } as const

function ChangeRow({ change, ticks, zone, isBusy, onTick }: Shared & { readonly change: ApiChange }) {
  const id = useId()
  const { action, type, name, current, proposed, locked, reason } = change
  const isOn = ticks.has(change.id)
  const note = proposed === undefined ? '' : noteOf(current ?? { ...proposed, proxied: false }, proposed)
  // Only what stands beside the content changes.
  const isSame = current && proposed && contentOf(current) === contentOf(proposed)
  return (
    <li className={`change change-${action} ${isOn ? '' : 'change-off'}`}>
      <Tick
        label={said.row(said.actions[action], type, name)}
        describedBy={id}
        checked={isOn}
        locked={locked || isBusy}
        onChange={(next) => onTick(change, next)}
      />
      <span className="change-type">
        <Tag>{type}</Tag>
      </span>
      <span className="change-name">
        <RecordName name={name} zone={zone} />
      </span>
      <span className="change-content">
        {current !== undefined && !isSame && (
          <span className={proposed === undefined ? '' : 'change-before'}>{contentOf(current)}</span>
        )}
        {current !== undefined && proposed !== undefined && !isSame && (
          <>
            <span className="for-screen-readers"> {said.becomes} </span>
            <ArrowRightIcon className="change-arrow" size={14} aria-hidden="true" />
          </>
        )}
        {proposed !== undefined && <span className="change-after">{contentOf(proposed)}</span>}
        {note !== '' && <span className="change-note"> {note}</span>}
      </span>
      <span className="change-action" title={said.explained[action]}>
        <Tag tone={isOn ? TONES[action] : 'keep'}>{said.actions[action]}</Tag>
      </span>
      <p id={id} className="change-reason">
        {reason}
      </p>
    </li>
  )
}
