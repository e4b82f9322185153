import type { ZoneId } from '#dns/zone.ts'
import { ProviderError, type ProviderErrorKind } from '#providers/provider.ts'
import type { MirrorRecord } from '#store/observed.ts'
import type { Store } from '#store/store.ts'
import { DnsError } from '../errors.ts'
import { APART_MS, BREATH_MS, contradicts, PROTECTED_MS } from '../observed/snapshot-check.ts'
import { namesIn, unknownOutcomesIn } from '../operations/fence.ts'
import { type AnyRecord, sayTheSame } from '../operations/record-text.ts'
import type { Asked } from '../zones.ts'
import type { EditsContext } from './context.ts'
import type { Editor } from './edits.ts'
import { words } from './words.ts'

/** A complete list of a zone. */
export interface ZoneList {
  /** When we began to ask for it (ms). */
  readonly at: number
  readonly records: readonly AnyRecord[]
}

/** One that is to be believed. */
export interface TrustedList extends ZoneList {
  /** Nothing of the zone is in the cache yet. */
  readonly isFirst: boolean
}

const TRIES = 3
const PASSING: readonly ProviderErrorKind[] = [
  'unreachable',
  'timeout',
  'server-error',
  'unreadable',
  'incomplete-list',
]

/**
 * Reads the zone until a list is to be believed: it shows what definite answers told us within the last minute, and has
 * not lost half of what the cache holds, unless a second list five seconds later has lost the same.
 */
export async function readZone(
  { store, clock, zoneLock }: EditsContext,
  editor: Editor,
  zone: ZoneId,
  { deadline }: Asked,
): Promise<TrustedList> {
  const { records: cached } = await store.edits.cached(editor, zone)
  const first = clock.now()
  let tries = 0
  let shrunken: ZoneList | undefined
  for (;;) {
    const at = clock.now()
    const records = await listed()
    if (records !== undefined) {
      const { isOld } = await comparedWithTold(store, zone, { at, records })
      const hasShrunk = records.length < cached.length / 2
      const isConfirmed = shrunken && at - shrunken.at >= APART_MS && sayTheSame(shrunken.records, records)
      if (!isOld && (!hasShrunk || isConfirmed)) return { at, records, isFirst: cached.length === 0 }
      if (!isOld && !(shrunken && sayTheSame(shrunken.records, records))) shrunken = { at, records }
    }
    if (clock.now() + BREATH_MS >= deadline) {
      throw new DnsError('stale-view', words.oldList, { retryAfterSeconds: 10 })
    }
    await clock.sleep(BREATH_MS)
  }

  async function listed(): Promise<readonly AnyRecord[] | undefined> {
    try {
      const turn = { attempt: tries === 0 ? ('first' as const) : ('again' as const), since: first }
      const size = await store.sizeOf(zone)
      const { records, others } = await zoneLock.whole.hold(size, 'people', () =>
        editor.cloudflare.listRecords(zone, 'people', turn),
      )
      return [...records, ...others]
    } catch (error) {
      tries += 1
      const mayPass = error instanceof ProviderError && PASSING.includes(error.kind) && tries < TRIES
      if (!mayPass || clock.now() + BREATH_MS >= deadline) throw error
      return undefined
    }
  }
}

/**
 * What definite answers told anybody in the zone within the last minute, and whether a list says otherwise: it is older,
 * then.
 */
export async function comparedWithTold(
  store: Store,
  zone: ZoneId,
  { at, records }: ZoneList,
): Promise<{ readonly told: readonly MirrorRecord[]; readonly isOld: boolean }> {
  const told = await store.edits.confirmedSince(zone, at - PROTECTED_MS)
  const unknownNames = namesIn(await unknownOutcomesIn(store, zone, at))
  return { told, isOld: contradicts(records, told, unknownNames) }
}
