import type { ApiChange, RecordFields } from '#faces/dashboard/api.ts'
import { ttlInWords } from '../ttl.ts'
import { words } from '../words.ts'

/** Rows that are taken together; one alone is a group of its own. */
export interface Group {
  readonly id: string
  readonly changes: readonly ApiChange[]
}

/** In the order of the plan; members stand where the first of them stood. */
export function groupsOf(changes: readonly ApiChange[]): Group[] {
  const groups = new Map<string, ApiChange[]>()
  for (const change of changes) {
    const id = change.group === undefined ? `row ${change.id}` : `group ${change.group}`
    groups.set(id, [...(groups.get(id) ?? []), change])
  }
  return [...groups].map(([id, members]) => ({ id, changes: members }))
}

/** What is there, and what is new; a group that has to do with what is there stays in one piece. */
export function sectionsOf(changes: readonly ApiChange[]): {
  readonly existing: readonly ApiChange[]
  readonly added: readonly ApiChange[]
} {
  const groups = groupsOf(changes).map((group) => group.changes)
  const isNew = (group: readonly ApiChange[]) => group.every(({ action }) => action === 'add')
  return {
    existing: groups.filter((group) => !isNew(group)).flat(),
    added: groups.filter(isNew).flat(),
  }
}

/** What is ticked in a plan that nobody touched. */
export function firstTicks(changes: readonly ApiChange[]): ReadonlySet<string> {
  return new Set(changes.filter(({ selected }) => selected).map(({ id }) => id))
}

/** The ticks after one was set or taken away: its whole group goes with it. Locked rows stay. */
export function ticked(
  changes: readonly ApiChange[],
  ticks: ReadonlySet<string>,
  change: ApiChange,
  isOn: boolean,
): ReadonlySet<string> {
  const moving = changes.filter(
    ({ id, group, locked }) =>
      !locked && (id === change.id || (group !== undefined && group === change.group)),
  )
  const next = new Set(ticks)
  for (const { id } of moving) {
    if (isOn) next.add(id)
    else next.delete(id)
  }
  return next
}

/** The ticks after all were set. */
export function withAll(changes: readonly ApiChange[], ticks: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...ticks, ...changes.filter(({ locked }) => !locked).map(({ id }) => id)])
}

/** The ticks for a new plan: what the reader chose stays chosen where the same row is still there. */
export function carriedOver(
  before: readonly ApiChange[],
  ticks: ReadonlySet<string>,
  after: readonly ApiChange[],
): ReadonlySet<string> {
  let next = firstTicks(after)
  for (const change of after) {
    const old = before.find(({ id, action }) => id === change.id && action === change.action)
    const wasTouched = old !== undefined && !old.locked && ticks.has(old.id) !== old.selected
    if (wasTouched) next = ticked(after, next, change, ticks.has(change.id))
  }
  return next
}

/** `10 mail.example.com` for MX, the content of all others. */
export function contentOf({ content, priority }: Pick<RecordFields, 'content' | 'priority'>): string {
  return priority === null ? content : `${priority} ${content}`
}

/** What changes beside the content: the proxy, the TTL, the comment. Empty: nothing. */
export function noteOf(was: Beside, is: Beside): string {
  const said = words.history.notes
  return [
    ...(was.proxied === is.proxied ? [] : [is.proxied ? said.proxied : said.notProxied]),
    ...(was.ttl === is.ttl || is.ttl === null ? [] : [said.ttl(ttlInWords(is.ttl))]),
    ...(was.comment === is.comment ? [] : [said.comment]),
  ].join(', ')
}

type Beside = Pick<RecordFields, 'proxied' | 'ttl' | 'comment'>

/** What is ticked, each as a sentence. `ours`: the store's addresses. */
export function summaryOf(
  changes: readonly ApiChange[],
  ticks: ReadonlySet<string>,
  ours: ReadonlySet<string>,
): { readonly id: string; readonly text: string; readonly isOurs: boolean }[] {
  const said = words.review.summary
  return changes
    .filter(({ id, action }) => action !== 'keep' && ticks.has(id))
    .map(({ id, type, name, current, proposed }) => ({
      id,
      text:
        proposed === undefined
          ? said.removed(type, name, current === undefined ? '' : contentOf(current))
          : said.to(type, name, contentOf(proposed)),
      isOurs: proposed !== undefined && ours.has(proposed.content),
    }))
}

/** What the boxes mean, and a promise about mail only where nothing of it changes. */
export function footnoteOf(changes: readonly ApiChange[]): readonly string[] {
  const acting = changes.filter(({ action }) => action !== 'keep')
  const said = words.review
  const replaces = acting.some(({ action }) => action === 'replace')
  const deletes = acting.some(({ action }) => action === 'delete')
  const touchesMail = acting.some(({ type }) => type === 'MX' || type === 'TXT')
  return [
    ...(deletes ? [said.marked] : replaces ? [said.markedReplace] : []),
    ...(touchesMail ? [] : [said.preserved]),
  ]
}
