import { keyOf } from '#dns/record-set.ts'
import type { ZoneId } from '#dns/zone.ts'
import { whyLocked } from '#edit-rules/editing.ts'
import type { EditedSet } from '#store/edits.ts'
import type { KnownZone } from '#store/observed.ts'
import { namesIn, unknownOutcomesIn } from '../operations/fence.ts'
import { type AnyRecord, differingSets, rowText } from '../operations/record-text.ts'
import type { Asked } from '../zones.ts'
import type { EditsContext } from './context.ts'
import type { CachedZone, Editor } from './edits.ts'
import { readZone, type TrustedList, type ZoneList } from './reading.ts'

/** What a connection sees of its zones, kept here. */
export interface Cache {
  show(editor: Editor, zone: KnownZone): Promise<CachedZone>
  /** Reads the zone, and keeps what is there. */
  sync(editor: Editor, zone: KnownZone, asked: Asked): Promise<CachedZone>
  /** For a list that was read for something else: fills a cache in which nothing is yet, so that it is whole or empty. */
  fill(editor: Editor, zone: ZoneId, list: TrustedList): Promise<void>
  /** Keeps a list; what others changed since the last one goes into the history. */
  keep(editor: Editor, zone: ZoneId, list: ZoneList): Promise<void>
}

/** Who declared the sets of a zone that are kept as they were declared, by `keyOf`. */
export async function keptBy({ store }: EditsContext, zone: ZoneId): Promise<ReadonlyMap<string, string>> {
  return new Map((await store.managedSets(zone)).map(({ key, caller }) => [keyOf(key), caller]))
}

export function createCache(context: EditsContext): Cache {
  const { store, zoneLock } = context

  async function show(editor: Editor, zone: KnownZone): Promise<CachedZone> {
    const callers = await keptBy(context, zone.id)
    const { records, syncedAt } = await store.edits.cached(editor, zone.id)
    return {
      zone,
      syncedAt,
      records: records.map((record) => {
        const locked = whyLocked(record, callers.get(keyOf(record)))
        return locked === undefined ? { record } : { record, locked }
      }),
    }
  }

  async function sync(editor: Editor, zone: KnownZone, asked: Asked): Promise<CachedZone> {
    // An edit that is settled between a list and its keeping would be lost from the cache.
    const at = await zoneLock.runExclusive(zone.id, async () => {
      const list = await readZone(context, editor, zone.id, asked)
      await keep(editor, zone.id, list)
      return list.at
    })
    return { ...(await show(editor, zone)), syncedAt: at }
  }

  async function keep(editor: Editor, zone: ZoneId, { at, records }: ZoneList): Promise<void> {
    // What we may have changed there ourselves is nobody else's doing.
    const unknownNames = namesIn(await unknownOutcomesIn(store, zone, at))
    const certain = ({ name }: AnyRecord) => !unknownNames.has(name)
    const cached = await store.edits.cached(editor, zone)
    const before = cached.records.filter(certain)
    const after = records.filter(certain)
    const known = new Map(before.map((record) => [record.id, rowText(record)]))
    const listed = new Set(after.map(({ id }) => id))
    const outside = cached.syncedAt === null ? [] : await notByCallers(zone, cached.syncedAt, before, after)
    await store.edits.keepList(editor, zone, {
      at,
      seen: after.filter((record) => known.get(record.id) !== rowText(record)),
      gone: before.filter(({ id }) => !listed.has(id)).map(({ id }) => id),
      outside,
    })
  }

  /** What others than the callers of the webhook have changed, of whose changes there is a history already. */
  async function notByCallers(
    zone: ZoneId,
    since: number,
    before: readonly AnyRecord[],
    after: readonly AnyRecord[],
  ): Promise<readonly EditedSet[]> {
    const sets = differingSets(before, after)
    if (sets.length === 0) return sets
    const kept = await keptBy(context, zone)
    const changed = await store.edits.changedByCallers(zone, since - LATE_MS)
    const callers = new Set([...kept.keys(), ...changed.map(keyOf)])
    return sets.filter((set) => !callers.has(keyOf(set)))
  }

  async function fill(editor: Editor, zone: ZoneId, list: TrustedList): Promise<void> {
    if (list.isFirst) await keep(editor, zone, list)
  }

  return { show, sync, fill, keep }
}

/** A list may lag behind what callers were told (ms). */
const LATE_MS = 60_000
