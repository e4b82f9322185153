import type { ListedZone, ZoneId } from '#dns/zone.ts'
import type { KnownZone } from '#store/observed.ts'
import { DnsError } from '../errors.ts'
import { mustBeWritable } from '../zone-access.ts'
import { type EditsContext, ID } from './context.ts'
import type { Editor } from './edits.ts'
import { words } from './words.ts'

/** The zones that a grant sees. */
export interface Grants {
  /** Asks Cloudflare, all pages. */
  list(editor: Editor): Promise<readonly ListedZone[]>
  /** As it was last listed. Asks nobody. Throws `zone-not-found`. */
  known(editor: Editor, zone: ZoneId): Promise<KnownZone>
  /** As it was listed not long ago; throws also for one that cannot be written to. */
  writable(editor: Editor, zone: ZoneId): Promise<KnownZone>
}

/** A zone changes its status rarely, and a write to one that has tells us. */
const LISTED_LATELY_MS = 300_000

export function createGrants({ store, clock }: EditsContext): Grants {
  async function list(editor: Editor): Promise<readonly ListedZone[]> {
    const at = clock.now()
    const listed = await editor.cloudflare.listZones('people')
    await store.rememberZones(credentialOf(editor), listed, at)
    return listed
  }

  async function find(editor: Editor, zone: ZoneId): Promise<KnownZone | undefined> {
    return (await store.zonesOf(credentialOf(editor))).find(({ id }) => id === zone)
  }

  async function known(editor: Editor, zone: ZoneId): Promise<KnownZone> {
    const found = ID.test(zone) ? await find(editor, zone) : undefined
    if (found === undefined) throw new DnsError('zone-not-found', words.noZone)
    return found
  }

  async function writable(editor: Editor, zone: ZoneId): Promise<KnownZone> {
    const remembered = ID.test(zone) ? await find(editor, zone) : undefined
    const isRecent = remembered !== undefined && clock.now() - remembered.seenAt < LISTED_LATELY_MS
    if (!isRecent && ID.test(zone)) await list(editor)
    const found = isRecent ? remembered : await known(editor, zone)
    mustBeWritable(found)
    return found
  }

  return { list, known, writable }
}

/** A grant outlives its tokens. */
function credentialOf({ connectionId }: Editor): string {
  return `connection:${connectionId}`
}
