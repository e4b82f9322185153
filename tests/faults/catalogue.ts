import type { FaultRule } from '#emulator/emulator.ts'
import type { OutcomeClass } from '#providers/provider.ts'
import type { Store } from '#store/store.ts'

/**
 * Everything that is known to go wrong between us and Cloudflare, and what a caller of the webhook is told then.
 * Temporary trouble is 200 if it is over in time, else 503, or 429 where it is the call limit, always with Retry-After.
 * 400 is only for what will never work as sent; no row says 500, which is for our own mistakes.
 */
export interface Row {
  readonly id: string
  readonly title: string
  /** What we know of the request that met it. `read`: it meets lists alone; `ours`: it never reaches Cloudflare. */
  readonly outcome: OutcomeClass | 'read' | 'ours'
  readonly inject: Injection
  /** A new set; values of a set changed and added; a set deleted; a set asked for that somebody else made. */
  readonly create: Fate
  readonly change: Fate
  readonly remove: Fate
  readonly read: Fate
}

/** How the fault is brought about. */
export interface Injection {
  /** At the emulator. */
  readonly rules?: readonly FaultRule[]
  /** At the transport: so many requests find no connection. */
  readonly unconnected?: number
  /** At the store: these methods fail, so often. */
  readonly store?: { readonly methods: readonly (keyof Store)[]; readonly times: number }
  /** In Cloudflare's dashboard: what becomes of the zone. */
  readonly zone?: 'deleted' | 'moved' | 'pending' | 'paused'
  /** Zones that the credential does not see are answered with 404 and 7003, not with 403. */
  readonly invisible?: 404
  /** Time to take effect before anything is asked (ms). */
  readonly leadMs?: number
  /** The sets asked for, where they matter. */
  readonly sets?: 'sloppy'
}

/** What the caller is told, and what is true of the set afterwards. */
export interface Fate {
  readonly status: 200 | 400 | 429 | 503
  readonly code?: string
  readonly reason?: string
  /** At once, and for good; or, `as asked, later`, once it has been found out. `gone`: so is the zone. */
  readonly zone: 'as asked' | 'as before' | 'as asked, later' | 'gone'
  /** False: the fault has nothing to meet here. */
  readonly met?: false
  /** There is no use in waiting, so the answer comes within (ms); 25 s where it may. */
  readonly withinMs?: number
}

/** Rows of the catalogue that belong to customers' connections, which the webhook has not. */
export const CUSTOMERS_ONLY: Readonly<Record<string, string>> = {
  F24: 'the answer to a refresh of an OAuth token is lost: customers only, later',
  F25: 'two refreshes of one OAuth token at once: customers only, later',
  F26: 'the OAuth token endpoint fails: customers only, later',
}

const DONE: Fate = { status: 200, zone: 'as asked' }
/** Sent, and unknown what became of it: found out, and done, in the background. */
const CHECKED_LATER: Fate = { status: 503, code: 'SERVER_ERROR', zone: 'as asked, later' }
/** Cloudflare said yes and lost it; the next read finds out. */
const LOST_AND_RESTORED: Fate = { status: 200, zone: 'as asked, later' }
/** Not sent, and taken back. */
const NOT_DONE: Fate = { status: 503, code: 'SERVER_ERROR', zone: 'as before' }
const NOT_DONE_AT_ONCE: Fate = { ...NOT_DONE, withinMs: 1_000 }
const ASKED_TO_WAIT: Fate = { status: 429, code: 'RATE_LIMITED', zone: 'as before', withinMs: 1_000 }
/** Believed at the second time, five seconds later. */
const NO_CREDENTIAL: Fate = { ...NOT_DONE, reason: 'UPSTREAM_AUTH', withinMs: 10_000 }
const NO_ZONE: Fate = { ...NOT_DONE, reason: 'ZONE_UNAVAILABLE', withinMs: 10_000 }
const REFUSED: Fate = { status: 400, code: 'INVALID_RECORD', zone: 'as before' }
const FULL: Fate = { status: 400, code: 'QUOTA_EXCEEDED', zone: 'as before' }
const NOT_MET: Fate = { ...DONE, met: false }

const ALL_DONE = { create: DONE, change: DONE, remove: DONE, read: DONE }
const WRITES_DONE = { ...ALL_DONE, read: NOT_MET }
/** A change and a deletion need no list. */
const READS_DONE = { ...ALL_DONE, change: NOT_MET, remove: NOT_MET }

const ALWAYS = Number.POSITIVE_INFINITY
/** Longer than a mirror may grow old, and than two lists of the zones lie apart. */
const NOTICED_MS = 400_000

/** Lists and batches each meet it, once. */
function once(rule: FaultRule): Injection {
  return { rules: [onLists(rule), onBatches(rule)] }
}

function onBatch(rule: FaultRule): Injection {
  return { rules: [onBatches(rule)] }
}

function onList(rule: FaultRule): Injection {
  return { rules: [onLists(rule)] }
}

function onLists(rule: FaultRule): FaultRule {
  return { ...rule, route: 'list' }
}

function onBatches(rule: FaultRule): FaultRule {
  return { ...rule, route: 'batch' }
}

export const CATALOGUE: readonly Row[] = [
  {
    id: 'F1',
    title: '429, wait 3 s',
    outcome: 'not-executed',
    inject: once({ fault: 'F1', seconds: 3 }),
    ...ALL_DONE,
  },
  {
    id: 'F1',
    title: '429, wait 120 s',
    outcome: 'not-executed',
    inject: once({ fault: 'F1', seconds: 120 }),
    create: ASKED_TO_WAIT,
    change: ASKED_TO_WAIT,
    remove: ASKED_TO_WAIT,
    read: ASKED_TO_WAIT,
  },
  ...['json', 'html'].map((form) => ({
    id: 'F2',
    title: `429 without Retry-After, as ${form}: a minute is assumed`,
    outcome: 'not-executed' as const,
    inject: once({ fault: 'F2', form }),
    create: ASKED_TO_WAIT,
    change: ASKED_TO_WAIT,
    remove: ASKED_TO_WAIT,
    read: ASKED_TO_WAIT,
  })),
  {
    id: 'F3',
    title: '500, nothing done',
    outcome: 'ambiguous',
    inject: once({ fault: 'F3', phase: 'before-commit' }),
    ...ALL_DONE,
  },
  {
    id: 'F3',
    title: '500 to every change',
    outcome: 'ambiguous',
    inject: onBatch({ fault: 'F3', times: 20 }),
    create: CHECKED_LATER,
    change: CHECKED_LATER,
    remove: CHECKED_LATER,
    read: NOT_MET,
  },
  {
    id: 'F3',
    title: '500 to every list for two minutes',
    outcome: 'read',
    inject: onList({ fault: 'F3', times: 12 }),
    create: NOT_DONE,
    change: NOT_MET,
    remove: NOT_MET,
    read: NOT_DONE,
  },
  {
    id: 'F4',
    title: '504, all done',
    outcome: 'ambiguous',
    inject: onBatch({ fault: 'F4', status: 504 }),
    ...WRITES_DONE,
  },
  ...(['before-commit', 'after-commit'] as const).map((phase) => ({
    id: 'F5',
    title: `522 as HTML, ${phase}`,
    outcome: 'ambiguous' as const,
    inject: once({ fault: 'F5', status: 522, phase }),
    ...ALL_DONE,
  })),
  {
    id: 'F6',
    title: 'no connection, twice',
    outcome: 'not-executed',
    inject: { unconnected: 2 },
    ...ALL_DONE,
  },
  {
    id: 'F6',
    title: 'no connection for good',
    outcome: 'not-executed',
    inject: { unconnected: ALWAYS },
    create: NOT_DONE,
    change: NOT_DONE,
    remove: NOT_DONE,
    read: NOT_DONE,
  },
  {
    id: 'F6',
    title: 'reset before an answer',
    outcome: 'ambiguous',
    inject: once({ fault: 'F6' }),
    ...ALL_DONE,
  },
  {
    id: 'F7',
    title: 'no answer, nothing done',
    outcome: 'ambiguous',
    inject: onBatch({ fault: 'F7', phase: 'before-commit' }),
    ...WRITES_DONE,
  },
  { id: 'F7', title: 'no answer to a list', outcome: 'read', inject: onList({ fault: 'F7' }), ...READS_DONE },
  {
    id: 'F8',
    title: 'no answer, all done',
    outcome: 'ambiguous',
    inject: onBatch({ fault: 'F8' }),
    ...WRITES_DONE,
  },
  ...['hang', 'reset', 'error'].map((form) => ({
    id: 'F9',
    title: `takes effect 40 s later; ${form}`,
    outcome: 'ambiguous' as const,
    inject: onBatch({ fault: 'F9', seconds: 40, form }),
    ...WRITES_DONE,
  })),
  ...['headers', 'body-part'].map((form) => ({
    id: 'F10',
    title: `reset after the ${form}`,
    outcome: 'ambiguous' as const,
    inject: once({ fault: 'F10', form }),
    ...ALL_DONE,
  })),
  {
    id: 'F11',
    title: 'the answer drips',
    outcome: 'ambiguous',
    inject: onBatch({ fault: 'F11' }),
    ...WRITES_DONE,
  },
  { id: 'F11', title: 'the list drips', outcome: 'read', inject: onList({ fault: 'F11' }), ...READS_DONE },
  ...['cut', 'empty', 'no JSON', 'no UTF-8', 'other shape', 'endless', 'gzip bomb', 'deep'].map((form) => ({
    id: 'F12',
    title: `a body that is ${form}`,
    outcome: 'ambiguous' as const,
    inject: once({ fault: 'F12', form }),
    ...ALL_DONE,
  })),
  ...(['before-commit', 'after-commit'] as const).flatMap((phase) =>
    ['error', 'no error'].map((form) => ({
      id: 'F13',
      title: `200 that denies itself, ${phase}, ${form}`,
      outcome: 'ambiguous' as const,
      inject: once({ fault: 'F13', phase, form }),
      ...ALL_DONE,
    })),
  ),
  {
    id: 'F14',
    title: 'Cloudflare will not have the record',
    outcome: 'not-executed',
    inject: onBatch({ fault: 'F14', name: 'www.example.com', times: ALWAYS }),
    create: REFUSED,
    change: REFUSED,
    remove: REFUSED,
    read: NOT_MET,
  },
  {
    id: 'F15',
    title: 'somebody deletes the record just before',
    outcome: 'not-executed',
    inject: onBatch({ fault: 'F15' }),
    create: NOT_MET,
    change: DONE,
    remove: DONE,
    read: NOT_MET,
  },
  {
    id: 'F16',
    title: 'somebody creates the record just before',
    outcome: 'not-executed',
    inject: onBatch({ fault: 'F16' }),
    create: DONE,
    change: DONE,
    remove: NOT_MET,
    read: NOT_MET,
  },
  {
    id: 'F17',
    title: 'the zone is full',
    outcome: 'not-executed',
    inject: onBatch({ fault: 'F17', times: ALWAYS }),
    create: FULL,
    change: FULL,
    remove: NOT_MET,
    read: NOT_MET,
  },
  {
    id: 'F18',
    title: 'a list of ten minutes ago',
    outcome: 'read',
    inject: { ...onList({ fault: 'F18', seconds: 600 }), leadMs: 0 },
    ...READS_DONE,
  },
  {
    id: 'F18',
    title: 'a list of ten minutes ago, before anything is asked',
    outcome: 'read',
    inject: { ...onList({ fault: 'F18', seconds: 600 }), leadMs: NOTICED_MS },
    ...ALL_DONE,
  },
  ...['missing', 'twice', 'count'].map((form) => ({
    id: 'F19',
    title: `a list that drifts: ${form}`,
    outcome: 'read' as const,
    inject: { ...onList({ fault: 'F19', form }), leadMs: form === 'missing' ? NOTICED_MS : 0 },
    ...(form === 'missing' ? ALL_DONE : READS_DONE),
  })),
  { id: 'F20', title: 'an empty list', outcome: 'read', inject: onList({ fault: 'F20' }), ...READS_DONE },
  {
    id: 'F20',
    title: 'an empty list, before anything is asked',
    outcome: 'read',
    inject: { ...onList({ fault: 'F20' }), leadMs: NOTICED_MS },
    ...ALL_DONE,
  },
  {
    id: 'F21',
    title: 'the credential is refused, once',
    outcome: 'not-executed',
    inject: once({ fault: 'F21' }),
    ...ALL_DONE,
  },
  {
    id: 'F22',
    title: 'the credential is revoked',
    outcome: 'not-executed',
    inject: once({ fault: 'F22' }),
    create: NO_CREDENTIAL,
    change: NO_CREDENTIAL,
    remove: NO_CREDENTIAL,
    read: NO_CREDENTIAL,
  },
  {
    id: 'F23',
    title: 'the credential may only read',
    outcome: 'not-executed',
    inject: onBatch({ fault: 'F23' }),
    create: NO_CREDENTIAL,
    change: NO_CREDENTIAL,
    remove: NO_CREDENTIAL,
    read: NOT_MET,
  },
  {
    id: 'F27',
    title: 'the zone is deleted: 403, as for one that the credential may not see',
    outcome: 'not-executed',
    inject: { zone: 'deleted' },
    create: { ...NO_CREDENTIAL, zone: 'gone' },
    change: { ...NO_CREDENTIAL, zone: 'gone' },
    remove: { ...NO_CREDENTIAL, zone: 'gone' },
    read: { ...NO_CREDENTIAL, zone: 'gone' },
  },
  {
    id: 'F27',
    title: 'the zone is deleted: 404',
    outcome: 'not-executed',
    inject: { zone: 'deleted', invisible: 404 },
    create: { ...NO_ZONE, zone: 'gone' },
    change: { ...NO_ZONE, zone: 'gone' },
    remove: { ...NO_ZONE, zone: 'gone' },
    read: { ...NO_ZONE, zone: 'gone' },
  },
  {
    id: 'F27',
    title: 'the zone is deleted, and missing in the list of zones',
    outcome: 'not-executed',
    inject: { zone: 'deleted', leadMs: NOTICED_MS },
    create: { ...NO_ZONE, zone: 'gone' },
    change: { ...NO_ZONE, zone: 'gone' },
    remove: { ...NO_ZONE, zone: 'gone' },
    read: { ...NO_ZONE, zone: 'gone' },
  },
  {
    id: 'F27',
    title: 'the zone has moved, and the list of zones says so',
    outcome: 'not-executed',
    inject: { zone: 'moved', leadMs: NOTICED_MS },
    create: NO_ZONE,
    change: NO_ZONE,
    remove: NO_ZONE,
    read: NO_ZONE,
  },
  ...(['pending', 'paused'] as const).map((zone) => ({
    id: 'F27',
    title: `the zone is ${zone}, and takes changes`,
    outcome: 'executed' as const,
    inject: { zone, leadMs: NOTICED_MS },
    ...ALL_DONE,
  })),
  {
    id: 'F28',
    title: 'the zone falls back to the free plan',
    outcome: 'executed',
    inject: onBatch({ fault: 'F28' }),
    ...WRITES_DONE,
  },
  ...['add', 'change', 'remove'].map((form) => ({
    id: 'F29',
    title: `somebody else works in the zone: ${form}`,
    outcome: 'executed' as const,
    inject: onBatch({ fault: 'F29', form }),
    ...WRITES_DONE,
  })),
  {
    id: 'F30',
    title: 'Cloudflare writes values in its own form',
    outcome: 'executed',
    inject: { sets: 'sloppy' },
    ...ALL_DONE,
  },
  ...['error', 'reset', 'hang'].map((form) => ({
    id: 'F31',
    title: `everything is down for an hour: ${form}`,
    outcome: 'ambiguous' as const,
    inject: { rules: [{ fault: 'F31', seconds: 3_600, form }] },
    create: NOT_DONE,
    change: CHECKED_LATER,
    remove: CHECKED_LATER,
    read: NOT_DONE,
  })),
  {
    id: 'F32',
    title: 'accepted, and never seen',
    outcome: 'executed',
    inject: onBatch({ fault: 'F32' }),
    create: LOST_AND_RESTORED,
    change: LOST_AND_RESTORED,
    remove: NOT_MET,
    read: NOT_MET,
  },
  ...(['before-auth', 'after-commit'] as const).map((phase) => ({
    id: 'F33',
    title: `a kept connection is dead, ${phase}`,
    outcome: 'ambiguous' as const,
    inject: once({ fault: 'F33', phase }),
    ...ALL_DONE,
  })),
  {
    id: 'F34',
    title: 'a redirect elsewhere',
    outcome: 'ambiguous',
    inject: once({ fault: 'F34' }),
    ...ALL_DONE,
  },
  {
    id: 'F35',
    title: 'an answer held back',
    outcome: 'executed',
    inject: once({ fault: 'F35' }),
    ...ALL_DONE,
  },
  ...['first', 'second'].map((form) => ({
    id: 'F36',
    title: `carried out twice; the ${form} answer`,
    outcome: form === 'first' ? ('executed' as const) : ('not-executed' as const),
    inject: onBatch({ fault: 'F36', form }),
    ...WRITES_DONE,
  })),
  ...['ahead', 'behind', 'equal'].map((form) => ({
    id: 'F37',
    title: `Cloudflare's clock: ${form}`,
    outcome: 'executed' as const,
    inject: once({ fault: 'F37', form, seconds: 300 }),
    ...ALL_DONE,
  })),
  {
    id: 'F38',
    title: 'our database fails between the commit and its note',
    outcome: 'ours',
    inject: { store: { methods: ['settle'], times: 1 } },
    ...WRITES_DONE,
  },
  {
    id: 'F38',
    title: 'our database fails in every step of the engine, once',
    outcome: 'ours',
    inject: {
      store: {
        methods: [
          'holdLease',
          'zoneState',
          'waitingIntents',
          'recordsAt',
          'dispatch',
          'settle',
          'keepTrustedRead',
        ],
        times: 1,
      },
    },
    ...WRITES_DONE,
    read: NOT_DONE,
  },
  {
    id: 'F38',
    title: 'our database fails as an intent is written down',
    outcome: 'ours',
    inject: { store: { methods: ['addIntent'], times: 1 } },
    create: NOT_DONE_AT_ONCE,
    change: NOT_DONE_AT_ONCE,
    remove: NOT_DONE_AT_ONCE,
    read: NOT_MET,
  },
  {
    id: 'F38',
    title: 'our database is down',
    outcome: 'ours',
    inject: { store: { methods: ['claimNonce'], times: ALWAYS } },
    create: NOT_DONE_AT_ONCE,
    change: NOT_DONE_AT_ONCE,
    remove: NOT_DONE_AT_ONCE,
    read: NOT_DONE_AT_ONCE,
  },
]
