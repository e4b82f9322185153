import { ArrowRightIcon } from '@phosphor-icons/react/dist/csr/ArrowRight'
import { useId, useState } from 'react'
import { Link } from 'wouter'
import type { ApiHistoryEntry } from '#dashboard/api.ts'
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
  const [showsAll, setShowsAll] = useState(false)
  const { actor, changes, summary, undoable } = entry
  const shown = showsAll ? changes : changes.slice(0, MOST_SETS)
  return (
    <li className="entry">
      <div className="entry-head">
        <div className="entry-what moment-place">
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
              {linesOf(set).map((line) => (
                <li key={`${line.before} ${line.after} ${line.note}`}>
                  <ChangedLine line={line} />
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
      {shown.length < changes.length && (
        <Button look="quiet" isSmall onClick={() => setShowsAll(true)}>
          {said.showAll(changes.length)}
        </Button>
      )}
    </li>
  )
}

const MOST_SETS = 5

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
