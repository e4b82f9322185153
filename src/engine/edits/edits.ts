import type { Name } from '#dns/name.ts'
import type { ForeignRecord, NewRecord, RecordId, ZoneRecord } from '#dns/record.ts'
import type { ListedZone, ZoneId } from '#dns/zone.ts'
import type { DeletionSafeguard } from '#edit-rules/deletion-safeguards.ts'
import type { RecordEdit } from '#edit-rules/draft.ts'
import type { Shop } from '#onboarding/input.ts'
import type { Planner } from '#onboarding/planner.ts'
import type { OnboardingPlan } from '#onboarding/review.ts'
import type { PlanOrigin } from '#onboarding/wanted-set.ts'
import type { Clock, Log, Random } from '#platform/ports.ts'
import type { Provider } from '#providers/provider.ts'
import type { EditKind, EditPage, EditPageRead, Holder, ToldEdit } from '#store/edits.ts'
import type { KnownZone } from '#store/observed.ts'
import type { Store } from '#store/store.ts'
import { DnsError } from '../errors.ts'
import { saysTheSame } from '../operations/record-text.ts'
import type { ZoneLock } from '../zone-lock.ts'
import type { Asked } from '../zones.ts'
import { type ApplyEdit, createApplyEdit } from './apply-edit.ts'
import { type Cache, createCache, keptBy } from './cache.ts'
import { ID, type Observe } from './context.ts'
import { type Around, alteration, assertEditable, creation, removal, removals } from './decide.ts'
import { createGrants, type Grants } from './grants.ts'
import { readZone, type ZoneList } from './reading.ts'
import { createUnknownResolver } from './resolve-unknown.ts'
import { createReviews, type Reviews } from './reviews.ts'
import { inWords, words } from './words.ts'

export type { EditEntry, EditedSet, EditKind, EditPage, EditPageRead } from '#store/edits.ts'

/** Somebody who changes a zone by hand: a customer, through the grant of one connection. */
export interface Editor {
  readonly customerId: string
  readonly connectionId: string
  readonly cloudflare: Provider
  /** Names them in the history. */
  readonly label: string
}

/**
 * What a customer can ask of a zone. Edits are one-shot: nothing is kept as it was declared, and what others change is
 * shown, never reverted. Each is one atomic batch, decided on a list that began after the question, and written down
 * before it is sent. Every method throws `DnsError` for what it cannot do; what it says of a record, of a plan or of an
 * operation of somebody else is what it says of one that does not exist.
 */
export interface ZoneEdits {
  /** The zones of this grant to look for a name in: none, one, or several to pick from. Asks Cloudflare, all pages. */
  zonesFor(editor: Editor, name: Name, asked: Asked): Promise<readonly ListedZone[]>

  /** The cache, whole, of every type. Asks nobody. */
  records(editor: Editor, zone: ZoneId): Promise<CachedZone>
  /** Reads the zone and keeps what is there; what others changed since the last time goes into the history. */
  sync(editor: Editor, zone: ZoneId, asked: Asked): Promise<CachedZone>

  create(editor: Editor, zone: ZoneId, record: NewRecord, asked: Asked): Promise<Edited>
  /**
   * `out-of-date` if the record is not at Cloudflare as the cache shows it, or not as whoever asks has seen it, which
   * `isAsSeen` says; the cache is fresh afterwards. What `edit` does not name stays as it is. `applied` 0: it says so
   * already.
   */
  update(
    editor: Editor,
    zone: ZoneId,
    id: RecordId,
    edit: RecordEdit,
    asked: Asked,
    isAsSeen?: (record: ZoneRecord | ForeignRecord) => boolean,
  ): Promise<Edited>
  remove(editor: Editor, zone: ZoneId, id: RecordId, asked: Asked): Promise<Edited>
  /**
   * Several as one change: all of them go, or none. `conflict` with `details.brakes` where it deletes more than `acknowledged`
   * has heard of.
   */
  removeAll(
    editor: Editor,
    zone: ZoneId,
    ids: readonly RecordId[],
    acknowledged: readonly DeletionSafeguard[],
    asked: Asked,
  ): Promise<Edited>

  /** The review of pointing a store at its server: the same plan until it expires or the zone changes. */
  plan(editor: Editor, store: Shop, asked: Asked): Promise<StoredPlan>
  /** The review of putting sets of this zone as they are wanted; confirmed like any other. */
  planSets(editor: Editor, zone: ZoneId, origin: PlanOrigin, asked: Asked): Promise<StoredPlan>
  /** `plan-out-of-date`, with the new plan in `details.plan`, if the zone is no longer what the plan is about. */
  confirm(editor: Editor, store: Shop, choice: Choice, asked: Asked): Promise<Confirmed>

  operation(editor: Editor, id: string): Promise<EditOperation | undefined>

  /** What the customer changed, what others changed, and of callers what the page asks for; newest first. */
  history(editor: Pick<Editor, 'customerId'>, page: EditPage): Promise<EditPageRead>
  /** The review of taking back one change of the customer's own history; confirmed like any other. */
  planUndo(editor: Editor, zone: ZoneId, entry: string, asked: Asked): Promise<StoredPlan>
}

/** What the cache holds of a zone. */
export interface CachedZone {
  /** As this grant last listed it; names the domain that new records are relative to. */
  readonly zone: KnownZone
  readonly records: readonly CachedRecord[]
  /** ms; null: never, or nothing was there. */
  readonly syncedAt: number | null
}

export interface CachedRecord {
  readonly record: ZoneRecord | ForeignRecord
  /** Why it cannot be changed here, in a sentence for its owner; undefined: it can. */
  readonly locked?: string
}

/** `checking`: sent, and nobody knows yet what became of it; the operation will tell. */
export type Edited =
  | {
      readonly status: 'done'
      readonly id: string
      /** Records as Cloudflare holds them now: those that were created or changed. */
      readonly records: readonly ZoneRecord[]
      /** How many changes there were. */
      readonly applied: number
    }
  | { readonly status: 'checking'; readonly id: string }

/** `kind`: what the plan was for. */
export type Confirmed = Edited & { readonly kind: EditKind }

export interface Choice {
  readonly planId: string
  /** Ids of the ticked rows. */
  readonly selected: readonly string[]
}

export interface StoredPlan {
  readonly id: string
  readonly plan: OnboardingPlan
  /** ms */
  readonly expiresAt: number
}

export interface EditOperation {
  readonly id: string
  readonly kind: EditKind
  readonly status: 'checking' | 'done' | 'failed'
  readonly records: readonly ZoneRecord[]
  /** Why it failed, in words for the customer. */
  readonly error?: string
}

export interface ZoneEditsOptions {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Shared with the engine of this process, if there is one. */
  readonly zoneLock: ZoneLock
  /** Makes the reviews. */
  readonly planner: Planner
  /** The editor of a connection, for what is still to be found out; undefined: the connection is gone. */
  readonly editorOf: (holder: Holder) => Promise<Editor | undefined>
  /** What live DNS says of a store's domain; never rejects. Left out: nobody asks. */
  readonly observe?: Observe | undefined
}

export interface RunningEdits extends ZoneEdits {
  /** Begins to find out what became of edits of unknown outcome, also of those from before. */
  start(): void
  /** Finishes what is under way. What is not known yet is found out by whoever starts next. */
  stop(): Promise<void>
}

/** What an edit goes through. */
interface Editing extends ZoneEditsOptions {
  readonly grants: Grants
  readonly cache: Cache
  readonly applyEdit: ApplyEdit
  readonly reviews: Reviews
}

export function createZoneEdits(options: ZoneEditsOptions): RunningEdits {
  const { store, clock, planner } = options
  const grants = createGrants(options)
  const cache = createCache(options)
  const resolver = createUnknownResolver(options)
  const applyEdit = createApplyEdit(options, cache, resolver)
  const reviews = createReviews(options, grants, cache)
  const editing: Editing = { ...options, grants, cache, applyEdit, reviews }

  /** An edit itself goes on to its end; it looks to the deadline at each step. */
  function told<Question extends readonly unknown[], Answer>(
    ask: (editing: Editing, ...question: Question) => Promise<Answer>,
  ): (...question: Question) => Promise<Answer> {
    return answered((...question) => ask(editing, ...question))
  }

  return {
    zonesFor: answered(async (editor, name, asked) =>
      planner.zonesFor(name, await inTime(clock, asked, grants.list(editor))),
    ),
    records: told(records),
    sync: answered((editor, zone, asked) => inTime(clock, asked, sync(editing, editor, zone, asked))),
    create: told(create),
    update: told(update),
    remove: told(remove),
    removeAll: told(removeAll),
    plan: answered((editor, target, asked) => inTime(clock, asked, reviews.plan(editor, target, asked))),
    planSets: answered((editor, zone, origin, asked) =>
      inTime(clock, asked, planSets(editing, editor, zone, origin, asked)),
    ),
    confirm: told(confirm),
    operation: told(operation),
    history: answered((editor, page) => store.edits.editHistory(editor.customerId, page)),
    planUndo: answered((editor, zone, entry, asked) =>
      inTime(clock, asked, planUndo(editing, editor, zone, entry, asked)),
    ),
    start: resolver.start,
    async stop() {
      await applyEdit.idle()
      await resolver.stop()
    },
  }
}

async function records(editing: Editing, editor: Editor, zone: ZoneId): Promise<CachedZone> {
  return editing.cache.show(editor, await editing.grants.known(editor, zone))
}

async function sync(editing: Editing, editor: Editor, zone: ZoneId, asked: Asked): Promise<CachedZone> {
  await editing.grants.list(editor)
  return editing.cache.sync(editor, await editing.grants.known(editor, zone), asked)
}

async function create(
  editing: Editing,
  editor: Editor,
  zoneId: ZoneId,
  record: NewRecord,
  asked: Asked,
): Promise<Edited> {
  const zone = await inTime(editing.clock, asked, editing.grants.writable(editor, zoneId))
  const decide = async ({ records }: ZoneList) => creation(record, await around(editing, zone, records))
  return editing.applyEdit({ editor, zone, kind: 'create', asked, decide })
}

async function update(
  editing: Editing,
  editor: Editor,
  zoneId: ZoneId,
  id: RecordId,
  edit: RecordEdit,
  asked: Asked,
  isAsSeen: (record: ZoneRecord | ForeignRecord) => boolean = () => true,
): Promise<Edited> {
  const zone = await inTime(editing.clock, asked, editing.grants.writable(editor, zoneId))
  await mustBeShown(editing, editor, zone.id, id)
  let current: ZoneRecord | undefined
  const decide = async (list: ZoneList) => {
    const record = await asShown(editing, editor, zone.id, id, list)
    // The cache is this connection's, and another page of the same customer may have made it fresh.
    if (!isAsSeen(record))
      throw new DnsError('out-of-date', words.outOfDate, { details: { current: record } })
    const changes = alteration(record, edit, await around(editing, zone, list.records))
    current = record as ZoneRecord
    return changes
  }
  const edited = await editing.applyEdit({ editor, zone, kind: 'update', asked, decide })
  return edited.status === 'done' && edited.applied === 0 && current
    ? { ...edited, records: [current] }
    : edited
}

async function remove(
  editing: Editing,
  editor: Editor,
  zoneId: ZoneId,
  id: RecordId,
  asked: Asked,
): Promise<Edited> {
  const zone = await inTime(editing.clock, asked, editing.grants.writable(editor, zoneId))
  await mustBeShown(editing, editor, zone.id, id)
  const decide = async (list: ZoneList) => {
    const record = await asShown(editing, editor, zone.id, id, list)
    return removal(record, await around(editing, zone, list.records))
  }
  return editing.applyEdit({ editor, zone, kind: 'delete', asked, decide })
}

async function removeAll(
  editing: Editing,
  editor: Editor,
  zoneId: ZoneId,
  wanted: readonly RecordId[],
  acknowledged: readonly DeletionSafeguard[],
  asked: Asked,
): Promise<Edited> {
  const zone = await inTime(editing.clock, asked, editing.grants.writable(editor, zoneId))
  const ids = [...new Set(wanted)]
  for (const id of ids) await mustBeShown(editing, editor, zone.id, id)
  const decide = async (list: ZoneList) => {
    const records = await allAsShown(editing, editor, zone.id, ids, list)
    return removals(records, acknowledged, await around(editing, zone, list.records))
  }
  return editing.applyEdit({ editor, zone, kind: 'delete', asked, decide })
}

/** Only what this connection was shown is there for it. */
async function mustBeShown(
  editing: Editing,
  editor: Editor,
  zone: ZoneId,
  id: RecordId,
): Promise<ZoneRecord | ForeignRecord> {
  const shown = ID.test(id) ? await editing.store.edits.cachedRecord(editor, zone, id) : undefined
  if (shown === undefined) throw new DnsError('record-missing', words.noRecord)
  return shown
}

/** The record, if it is as it was shown; otherwise what is shown is brought up to date. */
async function asShown(
  editing: Editing,
  editor: Editor,
  zone: ZoneId,
  id: RecordId,
  list: ZoneList,
): Promise<ZoneRecord | ForeignRecord> {
  const shown = await mustBeShown(editing, editor, zone, id)
  const current = list.records.find((record) => record.id === id)
  if (current !== undefined && saysTheSame(current, shown)) return current
  await editing.cache.keep(editor, zone, list)
  const message = current === undefined ? words.goneAtCloudflare : words.outOfDate
  throw new DnsError('out-of-date', message, { details: { current: current ?? null } })
}

async function allAsShown(
  editing: Editing,
  editor: Editor,
  zone: ZoneId,
  ids: readonly RecordId[],
  list: ZoneList,
): Promise<readonly (ZoneRecord | ForeignRecord)[]> {
  const current = new Map(list.records.map((record) => [record.id, record]))
  const found: (ZoneRecord | ForeignRecord)[] = []
  for (const id of ids) {
    const [shown, record] = [await mustBeShown(editing, editor, zone, id), current.get(id)]
    if (record !== undefined && saysTheSame(record, shown)) found.push(record)
  }
  if (found.length === ids.length) return found
  await editing.cache.keep(editor, zone, list)
  const message = words.someOutOfDate(ids.length - found.length)
  throw new DnsError('out-of-date', message, { details: { current: null } })
}

async function planSets(
  editing: Editing,
  editor: Editor,
  zoneId: ZoneId,
  origin: PlanOrigin,
  asked: Asked,
): Promise<StoredPlan> {
  const zone = await inTime(editing.clock, asked, editing.grants.writable(editor, zoneId))
  const list = await readZone(editing, editor, zone.id, asked)
  await editing.cache.fill(editor, zone.id, list)
  return editing.reviews.planSetsOf(editor, zone, list.records, origin)
}

async function planUndo(
  editing: Editing,
  editor: Editor,
  zone: ZoneId,
  id: string,
  asked: Asked,
): Promise<StoredPlan> {
  const entry = ID.test(id) ? await editing.store.edits.editEntry(editor.customerId, zone, id) : undefined
  if (entry === undefined) throw new DnsError('record-missing', words.noEntry)
  const undoes = { entry: entry.id, at: entry.at, changed: entry.changes }
  return planSets(editing, editor, zone, { kind: 'undo', wanted: [], notes: [], undoes }, asked)
}

async function confirm(
  editing: Editing,
  editor: Editor,
  target: Shop,
  choice: Choice,
  asked: Asked,
): Promise<Confirmed> {
  const planned = ID.test(choice.planId) ? await editing.reviews.find(editor, choice.planId) : undefined
  const origin = planned?.plan.origin
  if (planned && origin) return confirmSets(editing, editor, planned, origin, choice, asked)
  const listed = planned?.plan.zone?.id
  // A new one also goes by what live DNS says now.
  if (planned === undefined || listed === undefined || !isFresh(editing, planned)) {
    const plan = await inTime(editing.clock, asked, editing.reviews.plan(editor, target, asked))
    if (plan.id === planned?.id) editing.reviews.changesOf(editor, plan, choice)
    throw outOfDate(editing, plan, planned)
  }
  const zones = editing.planner.zonesFor(
    target.name,
    await inTime(editing.clock, asked, editing.grants.list(editor)),
  )
  const zone = await editing.grants.known(editor, listed)
  const decide = async ({ records }: ZoneList) => {
    const seen = { zones, records, observed: planned.plan.observed }
    if (!editing.reviews.isStillGood(planned, target, seen)) {
      throw outOfDate(editing, await editing.reviews.planOf(editor, target, seen), planned)
    }
    const changes = editing.reviews.changesOf(editor, planned, choice)
    assertEditable(changes, await around(editing, zone, records))
    return changes
  }
  return { ...(await editing.applyEdit({ editor, zone, kind: 'confirm', asked, decide })), kind: 'confirm' }
}

async function confirmSets(
  editing: Editing,
  editor: Editor,
  planned: StoredPlan,
  origin: PlanOrigin,
  choice: Choice,
  asked: Asked,
): Promise<Confirmed> {
  const zone = await inTime(
    editing.clock,
    asked,
    editing.grants.writable(editor, planned.plan.zone?.id ?? ''),
  )
  const decide = async ({ records }: ZoneList) => {
    const isGood =
      isFresh(editing, planned) && (await editing.reviews.isStillGoodFor(editor, planned, zone, records))
    if (!isGood)
      throw outOfDate(editing, await editing.reviews.planSetsOf(editor, zone, records, origin), planned)
    const changes = editing.reviews.changesOf(editor, planned, choice)
    assertEditable(changes, await around(editing, zone, records))
    return changes
  }
  const { kind } = origin
  return { ...(await editing.applyEdit({ editor, zone, kind, asked, decide })), kind }
}

/** `instead` of the one that was to be confirmed, if that is known. */
function outOfDate(editing: Editing, instead: StoredPlan, planned?: StoredPlan): DnsError {
  const message = planned !== undefined && isFresh(editing, planned) ? words.planOutOfDate : words.planTooOld
  return new DnsError('plan-out-of-date', message, { details: { plan: instead } })
}

async function operation(editing: Editing, editor: Editor, id: string): Promise<EditOperation | undefined> {
  const edit = ID.test(id) ? await editing.store.edits.editOf(editor, id) : undefined
  return edit && operationOf(edit)
}

/** What an edit is judged by. */
async function around(editing: Editing, zone: ListedZone, records: ZoneList['records']): Promise<Around> {
  return { zone: zone.name, records, keptBy: await keptBy(editing, zone.id) }
}

function isFresh({ clock }: Editing, { expiresAt }: StoredPlan): boolean {
  return clock.now() < expiresAt
}

/** Whoever only reads is given up on at the deadline; what is read goes on, and harms nobody. */
async function inTime<Answer>(clock: Clock, { deadline }: Asked, reading: Promise<Answer>): Promise<Answer> {
  const answered = new AbortController()
  const late = clock.sleep(deadline - clock.now(), answered.signal).then(() => {
    throw new DnsError('deadline', words.noAnswer, { retryAfterSeconds: 5 })
  })
  return Promise.race([reading, late]).finally(() => answered.abort(null))
}

function operationOf({ id, kind, status, records, error }: ToldEdit): EditOperation {
  if (status === 'failed') return { id, kind, status, records: [], error: error ?? words.notCarriedOut }
  return { id, kind, status: status === 'done' ? 'done' : 'checking', records }
}

/** What goes wrong below is said in words for whoever asked. */
function answered<Question extends readonly unknown[], Answer>(
  ask: (...question: Question) => Promise<Answer>,
): (...question: Question) => Promise<Answer> {
  return (...question) =>
    ask(...question).catch((error: unknown) => {
      throw inWords(error)
    })
}
