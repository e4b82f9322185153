import { ProviderError } from '#providers/provider.ts'
import type { SentEdit, ToldEdit } from '#store/edits.ts'
import { StoreError } from '#store/store.ts'
import {
  APART_MS,
  type Claim,
  FIRST_LOOK_MS,
  isVouchedFor,
  OLDEST_LIST_MS,
  older,
} from '../observed/snapshot-check.ts'
import { saidText, textOf } from '../operations/record-text.ts'
import { logAsUnknown } from '../operations/send.ts'
import type { EditsContext } from './context.ts'
import type { Editor } from './edits.ts'
import { settlementBy, verdictOf } from './outcome.ts'
import { comparedWithTold, type ZoneList } from './reading.ts'
import { words } from './words.ts'

/** Finds out by reading what became of edits of unknown outcome, also of those that another process has sent. */
export interface UnknownResolver {
  start(): void
  stop(): Promise<void>
  /** There is an edit to look after. */
  look(id: string, editor?: Editor): void
  /** How it ended; undefined: that is not known by `deadline` (ms). */
  endOf(id: string, editor: Editor, deadline: number): Promise<ToldEdit | undefined>
}

interface DatedList extends ZoneList {
  /**
   * When we were last told for certain what is at the names of the edit (ms). A list may be older than that, and show
   * as done what was so before: v1, v2 and v1 again look like v1.
   */
  readonly toldAt: number
}

/** A call, and what comes before and after it, takes far less; its process is dead (ms). */
const SENT_FOR_MS = 60_000
const SWEEP_EVERY_MS = 10_000
const LONGEST_PAUSE_MS = 60_000
/** Each holds a whole zone in memory. */
const AT_ONCE = 4
/** Whoever has not let us look for so long will hardly do so (ms). */
const LONGEST_MS = 86_400_000

export function createUnknownResolver(context: EditsContext): UnknownResolver {
  const { store, clock, log, zoneLock, editorOf } = context
  const editors = new Map<string, Editor>()
  const claims = new Map<string, Claim>()
  /** When an edit is looked at next (ms). */
  const due = new Map<string, number>()
  const failures = new Map<string, number>()
  const stopping = new AbortController()
  /** Who is looked for at this moment: a connection that hangs keeps nobody else waiting. */
  const looking = new Map<string, Promise<void>>()
  let nap = new AbortController()
  let life: Promise<void> = Promise.resolve()

  async function live(): Promise<void> {
    while (!stopping.signal.aborted) {
      const pauseMs = await sweep().catch((error: unknown) => {
        if (!(error instanceof StoreError))
          log.error({ err: error }, 'checking edits with an unknown outcome failed; retrying')
        return SWEEP_EVERY_MS
      })
      if (!stopping.signal.aborted) await clock.sleep(pauseMs, nap.signal)
      if (nap.signal.aborted) nap = new AbortController()
    }
  }

  /** Begins to look at what is due. Returns how long there is nothing more to do (ms). */
  async function sweep(): Promise<number> {
    const open = await store.edits.unsettledEdits()
    forgetAllBut(new Set(open.map(({ id }) => id)))
    const idle = [...byHolder(open)].filter(([holder]) => !looking.has(holder))
    const waiting = idle.filter(([, edits]) => edits.some((edit) => dueAt(edit) <= clock.now()))
    for (const [holder, edits] of waiting.slice(0, AT_ONCE - looking.size)) {
      const work = lookThrough(edits).finally(() => {
        looking.delete(holder)
        nap.abort()
      })
      looking.set(holder, work)
    }
    const next = idle.flatMap(([holder, edits]) => (looking.has(holder) ? [] : edits.map(dueAt)))
    // Whoever is due and waits for a place is called when there is one.
    const isFull = looking.size >= AT_ONCE
    return isFull
      ? SWEEP_EVERY_MS
      : Math.max(0, Math.min(SWEEP_EVERY_MS, ...next.map((at) => at - clock.now())))
  }

  function dueAt({ id, state, at, unknownSince }: SentEdit): number {
    return due.get(id) ?? (state === 'sent' ? at + SENT_FOR_MS : unknownSince! + FIRST_LOOK_MS)
  }

  /** One after another, for they have one connection. */
  async function lookThrough(edits: readonly SentEdit[]): Promise<void> {
    for (const edit of edits) {
      const now = clock.now()
      if (dueAt(edit) > now) continue
      const work = edit.state === 'sent' ? abandon(edit) : lookAt(edit)
      await work.catch((error: unknown) => failedToLook(edit, error))
      if (stopping.signal.aborted) return
    }
  }

  /** Whoever sent it is dead. */
  async function abandon(edit: SentEdit): Promise<void> {
    await logAsUnknown(context, undefined, edit)
  }

  /** One list; with the one before it, it may tell. */
  async function lookAt(edit: SentEdit): Promise<void> {
    const at = clock.now()
    const editor = editors.get(edit.id) ?? (await editorOf(edit.edit))
    if (editor === undefined || at - edit.unknownSince! > LONGEST_MS) {
      await store.edits.failEdit(edit, words.cannotLook, at)
      return
    }
    const list = await listed(edit, editor, at)
    if (list === undefined) return
    failures.delete(edit.id)

    const here = list.records.filter(({ name }) => edit.names.includes(name))
    const seen = { at, text: textOf(here, saidText) }
    const earlier = claims.get(edit.id)
    const claim = older(seen, earlier)
    claims.set(edit.id, claim)
    due.set(edit.id, at + pauseAfter(edit, at, claim === earlier))
    if (!isVouchedFor(seen, earlier) || at - list.toldAt < OLDEST_LIST_MS) return
    const verdict = verdictOf(edit, list.records)
    if (verdict === 'done') await store.edits.settleEdit(edit, settlementBy(list, edit))
    else if (claim.at >= edit.fenceUntil)
      await store.edits.failEdit(edit, reasonOf(edit, verdict), clock.now())
    // It may still arrive: the lists that count are those after it no longer can.
    else if (at >= edit.fenceUntil) claims.set(edit.id, seen)
  }

  /** Others go on being looked at. */
  function failedToLook(edit: SentEdit, error: unknown): void {
    if (!(error instanceof StoreError))
      log.warn({ edit: edit.id, err: error }, 'checking an edit with an unknown outcome failed; retrying')
    due.set(edit.id, clock.now() + LONGEST_PAUSE_MS)
  }

  async function listed(edit: SentEdit, editor: Editor, at: number): Promise<DatedList | undefined> {
    try {
      const turn = { attempt: failures.has(edit.id) ? ('again' as const) : ('first' as const) }
      const size = await store.sizeOf(edit.edit.zone)
      const { records, others } = await zoneLock.whole.hold(size, 'people', () =>
        editor.cloudflare.listRecords(edit.edit.zone, 'people', turn),
      )
      const list = { at, records: [...records, ...others] }
      const { told, isOld } = await comparedWithTold(store, edit.edit.zone, list)
      const toldHere = told.filter(({ record }) => edit.names.includes(record.name))
      const toldAt = Math.max(0, ...toldHere.map(({ confirmedAt }) => confirmedAt))
      if (!isOld) return { ...list, toldAt }
      due.set(edit.id, at + APART_MS)
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error
      const count = (failures.get(edit.id) ?? 0) + 1
      failures.set(edit.id, count)
      const pauseMs = error.retryAfterMs ?? Math.min(LONGEST_PAUSE_MS, 1_000 * 2 ** count)
      due.set(edit.id, clock.now() + pauseMs)
    }
    return undefined
  }

  function forgetAllBut(ids: ReadonlySet<string>): void {
    for (const known of [editors, claims, due, failures]) {
      for (const id of known.keys()) if (!ids.has(id)) known.delete(id)
    }
  }

  async function endOf(id: string, editor: Editor, deadline: number): Promise<ToldEdit | undefined> {
    look(id, editor)
    while (clock.now() + FIRST_LOOK_MS < deadline) {
      await clock.sleep(FIRST_LOOK_MS)
      const edit = await store.edits.editOf(editor, id)
      if (edit?.status === 'done' || edit?.status === 'failed') return edit
    }
    return undefined
  }

  function look(id: string, editor?: Editor): void {
    if (editor) editors.set(id, editor)
    nap.abort()
  }

  return {
    start() {
      life = live()
    },
    async stop() {
      stopping.abort()
      nap.abort()
      await life
      await Promise.all(looking.values())
    },
    look,
    endOf,
  }
}

/** By connection and zone. */
function byHolder(edits: readonly SentEdit[]): ReadonlyMap<string, readonly SentEdit[]> {
  const held = new Map<string, SentEdit[]>()
  for (const edit of edits) {
    const holder = `${edit.edit.connectionId} ${edit.edit.zone}`
    held.set(holder, [...(held.get(holder) ?? []), edit])
  }
  return held
}

function reasonOf({ edit: { error } }: SentEdit, verdict: 'not-done' | 'mixed'): string {
  if (verdict === 'mixed') return words.changedMeanwhile
  return error ?? words.notCarriedOut
}

/** What goes on saying the same is asked less often, but at once when it can no longer change (ms). */
function pauseAfter({ unknownSince, fenceUntil }: SentEdit, at: number, isAlike: boolean): number {
  if (!isAlike) return APART_MS
  const pauseMs = Math.min(LONGEST_PAUSE_MS / 2, Math.max(APART_MS, Math.round((at - unknownSince!) / 2)))
  return at < fenceUntil ? Math.min(pauseMs, fenceUntil - at) : APART_MS
}
