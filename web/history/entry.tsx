import { ArrowRightIcon } from '@phosphor-icons/react/dist/csr/ArrowRight'
import { useId, useState } from 'react'
import { Link } from 'wouter'
import type { ApiHistoryEntry } from '#faces/dashboard/api.ts'
import { undoPath } from '../paths.ts'
import { Button } from '../ui/button.tsx'
import { Moment } from '../ui/moment.tsx'
import { Tag } from '../ui/tag.tsx'
import { words } from '../words.ts'
import { type Line, linesOf } from './lines.ts'

const said = words.history

/** One change: what it was, who made it and when, what was there before and after. */
export function Entry({ entry, now }: { readonly entry: ApiHistoryEntry; readonly now: number }) {
  const id = useId()
  const [most, setMost] = useState(FIRST_SETS)
  const { actor, changes, summary, undoable } = entry
  const shown = changes.slice(0, most)
  const more = Math.min(MORE_SETS, changes.length - shown.length)
  return (
    <li className="entry">
      <div className="entry-head">
        <div className="entry-what">
          <h3 id={id}>{summary}</h3>
          <p className="quiet">
            {said.actors[actor.kind](actor.label)}
            {' · '}
            <Moment at={entry.at} now={now} />
          </p>
        </div>
        {undoable && (
          <Link
            href={undoPath(entry.id)}
            className="button button-secondary button-small"
            aria-describedby={id}
          >
            {said.undo}
          </Link>
        )}
      </div>
      <ul className="entry-sets">
        {shown.map((set) => (
          <li key={`${set.type} ${set.name}`} className="entry-set">
            <span className="entry-key">
              <Tag>{set.type}</Tag> <span className="record-name">{set.name}</span>
            </span>
            <ul className="entry-lines">
              {set.isLeftOut && <li className="quiet">{said.leftOut}</li>}
              {linesOf(set).map((line) => (
                <li key={`${line.before} ${line.after} ${line.note}`}>
                  <ChangedLine line={line} />
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
      {more > 0 && (
        <Button look="quiet" isSmall onClick={() => setMost(most + MORE_SETS)}>
          {said.showMore(more, changes.length)}
        </Button>
      )}
    </li>
  )
}

/** What others did at once may be thousands of sets. */
const FIRST_SETS = 5
const MORE_SETS = 100

function ChangedLine({ line: { before, after, note } }: { readonly line: Line }) {
  return (
    <span className="change-content">
      {before !== undefined && before !== after && (
        <>
          <span className="for-screen-readers">{said.before} </span>
          <del className="change-before">{before}</del>
        </>
      )}
      {before !== undefined && after !== undefined && before !== after && (
        <ArrowRightIcon className="change-arrow" size={14} aria-hidden="true" />
      )}
      {after !== undefined && (
        <>
          <span className="for-screen-readers"> {said.after} </span>
          <ins className="change-after">{after}</ins>
        </>
      )}
      {note !== '' && <span className="entry-note"> {note}</span>}
    </span>
  )
}
