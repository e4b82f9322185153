/** Faults that somebody else causes: a hand in the dashboard between two of our calls, or a lasting change. */
import type { Credential } from '../auth/credentials.ts'
import type { Exchange } from '../exchange.ts'
import { endGrant, keepReadingOnly } from '../oauth/grants.ts'
import type { RandomStream } from '../random.ts'
import { createRecord, deleteRecord, patchRecord, type WriteContext } from '../records/write.ts'
import { Refusal } from '../wire.ts'
import { type Fault, oneOf, writes } from './fault.ts'
import { requestedChanges } from './requested.ts'

const ZONE_FORMS = ['deleted', 'moved', 'pending', 'paused', 'read-only']

export const HAND_FAULTS: readonly Fault[] = [
  {
    id: 'F15',
    title: 'somebody deletes a record that the request names, just before it',
    phases: ['before-commit'],
    applies: (exchange) =>
      requestedChanges(exchange).ids.some((id) => exchange.zone?.records.get(id) !== undefined),
    inject(exchange, { random }) {
      const ids = requestedChanges(exchange).ids.filter((id) => exchange.zone?.records.get(id) !== undefined)
      byHand(exchange, (context) => deleteRecord(context, oneOf(ids, random)))
      return exchange.carryOut()
    },
  },
  {
    id: 'F16',
    title: 'somebody creates a record that the request creates, just before it',
    phases: ['before-commit'],
    applies: (exchange) => requestedChanges(exchange).posts.length > 0,
    inject(exchange, { random }) {
      const post = oneOf(requestedChanges(exchange).posts, random)
      byHand(exchange, (context) => createRecord(context, post))
      return exchange.carryOut()
    },
  },
  {
    id: 'F29',
    title: 'somebody changes, adds or removes a record of the zone, just before a write',
    phases: ['before-commit'],
    forms: ['change', 'add', 'remove'],
    applies: writes,
    inject(exchange, { form, random }) {
      const kind = form ?? oneOf(['change', 'add', 'remove'], random)
      byHand(exchange, (context) => edit(context, kind, random))
      return exchange.carryOut()
    },
  },
  {
    id: 'F22',
    title: 'the credential is revoked from now on; form `grant`: all that its OAuth client was granted',
    phases: ['before-auth'],
    forms: ['token', 'grant'],
    lasting: true,
    applies: ({ credential }) => credential !== undefined,
    inject(exchange, { form, undoneBy }) {
      const credential = exchange.credential!
      const grant = form === 'grant' ? credential.grant : undefined
      const before = [credential, ...(grant?.credentials ?? [])].map((one) => ({ one, status: one.status }))
      const hadEnded = grant?.ended ?? false
      undoneBy(() => {
        for (const { one, status } of before) one.status = isPast(one, exchange) ? 'expired' : status
        if (grant) grant.ended = hadEnded
      })
      credential.status = 'revoked'
      if (grant) endGrant(grant)
      return exchange.carryOut()
    },
  },
  {
    id: 'F23',
    title: 'the credential may only read from now on',
    phases: ['before-auth'],
    lasting: true,
    applies: ({ credential }) => credential !== undefined,
    inject(exchange, { undoneBy }) {
      const credential = exchange.credential!
      const { permissions, grant } = credential
      const scopes = grant?.scopes
      undoneBy(() => {
        credential.permissions = permissions
        if (grant && scopes) grant.scopes = scopes
      })
      credential.permissions = permissions.map((each) => (each === 'dns:edit' ? 'dns:read' : each))
      if (grant) keepReadingOnly(grant)
      return exchange.carryOut()
    },
  },
  {
    id: 'F27',
    title: 'the zone is deleted, moved, pending, paused or secondary (form `read-only`) from now on',
    phases: ['before-commit'],
    forms: ZONE_FORMS,
    lasting: true,
    applies: ({ zone }) => zone !== undefined,
    inject(exchange, { form, random, undoneBy }) {
      undoneBy(changeZone(exchange, form ?? oneOf(ZONE_FORMS, random)))
      return exchange.carryOut()
    },
  },
  {
    id: 'F28',
    title: 'the zone falls back to the free plan: 200 operations in a batch instead of 3,500',
    phases: ['before-commit'],
    lasting: true,
    applies: ({ zone }) => zone !== undefined,
    inject(exchange, { operations, undoneBy }) {
      const zone = exchange.zone!
      const { plan, batchOperations } = zone
      undoneBy(() => Object.assign(zone, { plan, batchOperations }))
      Object.assign(zone, { plan: 'free', batchOperations: operations })
      return exchange.carryOut()
    },
  },
]

/** What Cloudflare refuses to the hand as well does not happen. */
function byHand({ cloudflare, zone, nowMs }: Exchange, work: (context: WriteContext) => void): void {
  if (zone === undefined) return
  try {
    zone.records.transaction({ at: nowMs, zone: zone.name, by: 'human' }, () =>
      work(cloudflare.writing(zone, nowMs)),
    )
  } catch (problem) {
    if (!(problem instanceof Refusal)) throw problem
  }
}

function edit(context: WriteContext, kind: string, random: RandomStream): void {
  const { records } = context.zone
  const candidates = records.all().filter(({ meta }) => meta.read_only !== true)
  if (kind === 'add' || candidates.length === 0) {
    const host = `by-hand-${records.version}`
    createRecord(context, { type: 'TXT', name: host, content: `added by hand ${random.hex(4)}` })
    return
  }
  const { id, ttl } = oneOf(candidates, random)
  if (kind === 'remove') deleteRecord(context, id)
  else patchRecord(context, id, { ttl: ttl === 3_600 ? 7_200 : 3_600 })
}

/** Gives back what undoes it. */
function changeZone({ cloudflare, zone }: Exchange, form: string): () => void {
  const { id, name, paused, status, type } = zone!
  switch (form) {
    case 'deleted':
      cloudflare.zones.delete(id)
      return () => {
        if (cloudflare.zoneNamed(name) === undefined) cloudflare.zones.set(id, zone!)
      }
    case 'paused':
      zone!.paused = true
      return () => Object.assign(zone!, { paused })
    case 'read-only':
      zone!.type = 'secondary'
      return () => Object.assign(zone!, { type })
    default:
      zone!.status = form === 'moved' ? 'moved' : 'pending'
      return () => Object.assign(zone!, { status })
  }
}

/** An access token may have come to its end meanwhile. */
function isPast({ expiresAt }: Credential, { cloudflare }: Exchange): boolean {
  return expiresAt !== undefined && expiresAt <= cloudflare.now()
}
