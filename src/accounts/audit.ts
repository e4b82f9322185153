import type { Clock, Random } from '#platform/ports.ts'
import type { AccountStore, AuditRow } from '#store/accounts.ts'

/** What happens to an account, for its owner to see. Nothing that would let anybody in is ever in it. */
export interface AuditedEvent extends Whence {
  readonly event: AuditEvent
  /** Which door, or which entry of the history. */
  readonly detail?: string | undefined
}

/** Where a request came from. */
export interface Whence {
  readonly address: string
  /** In words: `Firefox on Linux`. */
  readonly browser: string
}

/**
 * - `sign-in-failed`: a wrong password; attempts at accounts that are not there are nobody's to see
 * - `connected`, `reconnected`: Cloudflare; `detail` is `oauth` or `token`
 * - `confirmed`: a review; `changed`: records; `detail` is the id of the change in the history
 */
export type AuditEvent =
  | 'signed-in'
  | 'signed-in-from-host'
  | 'sign-in-failed'
  | 'signed-out-everywhere'
  | 'connected'
  | 'reconnected'
  | 'disconnected'
  | 'confirmed'
  | 'changed'

export interface AuditEntry extends AuditedEvent {
  readonly id: string
  /** ms */
  readonly at: number
}

export interface AuditPage {
  readonly limit: number
  /** The last entry of the page before. */
  readonly after?: Pick<AuditEntry, 'at' | 'id'> | undefined
}

export interface Audit {
  note(customerId: string, happened: AuditedEvent): Promise<void>
  /** Newest first. */
  read(
    customerId: string,
    page: AuditPage,
  ): Promise<{ readonly entries: readonly AuditEntry[]; readonly hasMore: boolean }>
}

export function createAudit({
  store,
  clock,
  random,
}: {
  store: AccountStore
  clock: Pick<Clock, 'now'>
  random: Random
}): Audit {
  return {
    async note(customerId, { event, address, browser, detail = null }) {
      const entry = { id: random.hex(16), customerId, at: clock.now(), event, address, browser, detail }
      await store.noteAudit(entry, MOST_OF_ONE_EVENT)
    },
    async read(customerId, { limit, after }) {
      const rows = await store.auditOf(customerId, limit + 1, after)
      return { entries: rows.slice(0, limit).map(entryOf), hasMore: rows.length > limit }
    },
  }
}

/** Of each event: whoever guesses at a password for years pushes nothing else out. */
const MOST_OF_ONE_EVENT = 1_000

function entryOf({ id, at, event, address, browser, detail }: AuditRow): AuditEntry {
  return { id, at, event: event as AuditEvent, address, browser, ...(detail !== null && { detail }) }
}
