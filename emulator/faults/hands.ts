/** Faults that somebody else causes: a hand in the dashboard between two of our calls, or a lasting change. */
import type { Exchange } from '../exchange.ts'
import { endGrant, keepReadingOnly } from '../oauth/grants.ts'
import type { RandomStream } from '../random.ts'
import { createRecord, deleteRecord, patchRecord, type WriteContext } from '../records/write.ts'
import type { Zone } from '../state.ts'
import { Refusal } from '../wire.ts'
import { type Fault, oneOf, writes } from './fault.ts'
import { requestedChanges } from './requested.ts'

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
    inject(exchange, { form }) {
      const credential = exchange.credential!
      credential.status = 'revoked'
      if (form === 'grant' && credential.grant !== undefined) endGrant(credential.grant)
      return exchange.carryOut()
    },
  },
  {
    id: 'F23',
    title: 'the credential may only read from now on',
    phases: ['before-auth'],
    lasting: true,
    applies: ({ credential }) => credential !== undefined,
    inject(exchange) {
      const credential = exchange.credential!
      credential.permissions = credential.permissions.map((each) => (each === 'dns:edit' ? 'dns:read' : each))
      if (credential.grant !== undefined) keepReadingOnly(credential.grant)
      return exchange.carryOut()
    },
  },
  {
    id: 'F27',
    title: 'the zone is deleted, moved, pending or paused from now on',
    phases: ['before-commit'],
    forms: ['deleted', 'moved', 'pending', 'paused'],
    lasting: true,
    applies: ({ zone }) => zone !== undefined,
    inject(exchange, { form, random }) {
      changeZone(exchange, form ?? oneOf(['deleted', 'moved', 'pending', 'paused'], random))
      return exchange.carryOut()
    },
  },
  {
    id: 'F28',
    title: 'the zone falls back to the free plan: 200 operations in a batch instead of 3,500',
    phases: ['before-commit'],
    lasting: true,
    applies: ({ zone }) => zone !== undefined,
    inject(exchange) {
      exchange.zone!.plan = 'free'
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

function changeZone({ cloudflare, zone }: Exchange, form: string): void {
  if (form === 'deleted') cloudflare.zones.delete(zone!.id)
  else if (form === 'paused') (zone as Zone).paused = true
  else zone!.status = form === 'moved' ? 'moved' : 'pending'
}
