import type { Connection, Customer, Customers } from '#connections/customers.ts'
import type { Editor, StoredPlan, ZoneEdits } from '#engine/edits/edits.ts'
import type { Asked } from '#engine/zones.ts'
import { isAnythingProposed } from '#onboarding/review.ts'
import type { ConnectionStatus } from './api.ts'
import {
  NOT_CONNECTED,
  RECONNECT_REQUIRED,
  REVIEW_PENDING,
  RefusedRequest,
  zoneNotFound,
} from './on-error.ts'

/** How far a customer has come with Cloudflare, and what follows from it. */
export interface ConnectionStatuses {
  of(customer: Customer): Promise<CurrentConnection>
  /** With a zone to change records in. Throws `RefusedRequest` saying which step is missing. */
  connected(customer: Customer): Promise<WithZone>
  /** With a zone of which the records are kept here, also if the grant is gone. */
  kept(customer: Customer): Promise<WithZone>
  /** With a zone to read, reviewed or not; not with a grant that is gone. */
  readable(customer: Customer): Promise<WithZone>
  /**
   * The review. Keeps the zone that it is about, and needs nobody to confirm what would change nothing.
   * Throws `RefusedRequest` without a connection.
   */
  review(customer: Customer, asked: Asked): Promise<{ status: ConnectionStatus; stored: StoredPlan }>
  /** The review was confirmed by this connection; another that has come since is still to be reviewed. */
  reviewed(connection: Connection): Promise<void>
}

export interface CurrentConnection {
  readonly status: ConnectionStatus
  readonly grant: Grant | undefined
}

export interface Grant {
  readonly connection: Connection
  readonly editor: Editor
}

export interface WithZone extends Grant {
  readonly zone: string
}

export function createConnectionStatuses({
  customers,
  edits,
}: {
  customers: Customers
  edits: ZoneEdits
}): ConnectionStatuses {
  async function of(customer: Customer): Promise<CurrentConnection> {
    const connection = await customers.connectionOf(customer.id)
    if (connection === undefined) return { status: 'none', grant: undefined }
    return { status: statusOf(connection), grant: { connection, editor: editorOf(customer, connection) } }
  }

  function editorOf(customer: Customer, connection: Connection): Editor {
    return {
      customerId: customer.id,
      connectionId: connection.id,
      cloudflare: customers.cloudflareOf(connection),
      label: customer.email,
    }
  }

  /** With a grant that is good, as far as we know. */
  async function granted(customer: Customer): Promise<Grant & { status: ConnectionStatus }> {
    const { status, grant } = await of(customer)
    if (grant === undefined) throw new RefusedRequest(NOT_CONNECTED)
    if (status === 'reconnect_required') throw new RefusedRequest(RECONNECT_REQUIRED)
    return { status, ...grant }
  }

  async function readable(customer: Customer): Promise<WithZone & { status: ConnectionStatus }> {
    return withZone(customer, await granted(customer))
  }

  function withZone<G extends Grant>(customer: Customer, grant: G): G & WithZone {
    const zone = grant.connection.zoneId
    if (zone === null) throw new RefusedRequest(zoneNotFound(customer.domain))
    return { ...grant, zone }
  }

  /** So that the records are there to be shown as soon as there is a zone, and what is edited stands among the others. */
  async function fillCache(
    connection: Connection,
    editor: Editor,
    zone: string,
    asked: Asked,
  ): Promise<void> {
    if ((await edits.records(editor, zone)).syncedAt !== null) return
    const { syncedAt } = await edits.sync(editor, zone, asked)
    if (syncedAt !== null) await customers.markSynced(connection, syncedAt)
  }

  return {
    of,
    async kept(customer) {
      const { grant } = await of(customer)
      if (grant === undefined) throw new RefusedRequest(NOT_CONNECTED)
      return withZone(customer, grant)
    },
    readable,
    async connected(customer) {
      const grant = await readable(customer)
      if (grant.status === 'review_pending') throw new RefusedRequest(REVIEW_PENDING)
      return grant
    },
    async review(customer, asked) {
      const { connection, editor } = await granted(customer)
      const store = { name: customer.domain, ...customer.targets }
      const stored = await edits.plan(editor, store, asked)
      const { zone, blocked } = stored.plan
      const found = zone?.id ?? null
      const chosen = connection.zoneId === found ? connection : await customers.chooseZone(connection, found)
      if (found !== null) await fillCache(chosen, editor, found, asked)
      const isDone = blocked === undefined && !isAnythingProposed(stored.plan)
      const isNew = chosen.reviewedAt === null
      const current = isNew && isDone ? await customers.markReviewed(chosen) : chosen
      return { status: statusOf(current), stored }
    },
    async reviewed({ id, customerId }) {
      const newest = await customers.connectionOf(customerId)
      if (newest?.id === id && newest.reviewedAt === null) await customers.markReviewed(newest)
    },
  }
}

function statusOf({ status, zoneId, reviewedAt }: Connection): ConnectionStatus {
  if (status === 'reconnect_required') return 'reconnect_required'
  if (zoneId === null) return 'zone_missing'
  return reviewedAt === null ? 'review_pending' : 'connected'
}
