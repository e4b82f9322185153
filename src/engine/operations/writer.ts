import { operationCount } from '#dns/plan.ts'
import { keyOf, type SetKey } from '#dns/record-set.ts'
import { type Permit, type Provider, ProviderError } from '#providers/provider.ts'
import type { Lease } from '#store/coordination.ts'
import type { Intent } from '#store/declared.ts'
import type { ZoneState } from '#store/observed.ts'
import type { Dispatch } from '#store/operations.ts'
import type { ZoneContext } from '../context.ts'
import { growthOf } from '../declared/decide.ts'
import type { Notifier } from '../declared/notify-callers.ts'
import { type NameGroup, pickIntents } from '../declared/pick.ts'
import type { Reader } from '../observed/reader.ts'
import { type Backoff, createBackoff } from './backoff.ts'
import { cleared, nextToTry, type Suspects, suspectsIn } from './bisection.ts'
import { namesOfUnknownOutcome, taintedNames } from './fence.ts'
import { createPreparation, fillBatch, fullFrom, type Piece } from './prepare.ts'
import { providerErrorOf, refusalOf } from './provider-errors.ts'
import { logAsUnknown, type Sent, sendBatch } from './send.ts'
import { settlementOf } from './settlement.ts'

/** Brings what waits to Cloudflare, one batch at a time. */
export interface Writer {
  /** At most one batch. Returns how long there is nothing more to do (ms); a read or a poke may end that sooner. */
  write(lease: Lease, state: ZoneState, waiting: readonly Intent[]): Promise<number>
  /** Nobody knows what became of it: it is not sent again, but found out by reading. */
  markUnknown(lease: Lease, dispatch: Dispatch): Promise<void>
  /** Nothing is remembered here. */
  readonly isAtRest: boolean
}

const PATIENCE_MS = 20_000
/** Meanwhile Cloudflare may have asked everybody to wait (ms). */
const PERMIT_LASTS_MS = 1_000
/** Work that nobody waits for may gather for so long: a large first sync shares its calls. */
const LINGER_MS = 3_000
/** For how long a set is planned anew because Cloudflare says that our picture is old; no list lags behind for so long (ms). */
const OLD_PICTURE_MS = 60_000

type Of<Outcome> = Extract<Sent, { readonly outcome: Outcome }>

/** One credential's way to the zone, and how it fares. */
interface CredentialState {
  readonly cloudflare: Provider
  readonly backoff: Backoff
  permit: Permit | undefined
  permittedAt: number
  suspects: Suspects | undefined
}

/** One zone's changes on their way to Cloudflare. */
interface Writing extends ZoneContext {
  readonly reader: Reader
  readonly notifier: Notifier
  readonly prepare: ReturnType<typeof createPreparation>
  readonly credentialStates: Map<Provider, CredentialState>
  /** All that waits, oldest first. */
  inLine: readonly Intent[]
  /** When Cloudflare said that our picture of a set is old: at first, and last. */
  readonly outdated: Map<string, { readonly firstAt: number; readonly lastAt: number }>
}

export function createWriter(context: ZoneContext, reader: Reader, notifier: Notifier): Writer {
  const writing: Writing = {
    ...context,
    reader,
    notifier,
    prepare: createPreparation(context, reader, notifier),
    credentialStates: new Map(),
    inLine: [],
    outdated: new Map(),
  }
  return {
    write: (lease, state, waiting) => write(writing, lease, state, waiting),
    markUnknown: (lease, dispatch) => markUnknown(writing, lease, dispatch),
    get isAtRest() {
      const { credentialStates, outdated } = writing
      const isTrying = [...credentialStates.values()].some(
        ({ backoff, suspects }) => backoff.error ?? suspects,
      )
      return !isTrying && outdated.size === 0
    },
  }
}

async function write(
  writing: Writing,
  lease: Lease,
  state: ZoneState,
  waiting: readonly Intent[],
): Promise<number> {
  const now = writing.clock.now()
  writing.inLine = waiting
  const { groups, superseded } = pickIntents(waiting, now)
  if (superseded.length > 0) {
    const ended = superseded.map((intent) => ({ intent, outcome: 'superseded' as const }))
    await writing.store.endIntents(lease, ended, now)
  }

  const unknownNames = namesOfUnknownOutcome(state)
  const ready = groups.filter(({ name }) => !unknownNames.has(name))
  let idleMs = Number.POSITIVE_INFINITY
  // A batch goes by one credential; whose work is the oldest is asked first.
  for (const [credential, its] of Map.groupBy(ready, (group) => credentialOf(writing, group))) {
    idleMs = Math.min(idleMs, await writeBy(writing, credential, lease, state, its))
    if (idleMs <= 0) return idleMs
  }
  return idleMs
}

/** A name belongs to one caller; of what several asked there once, the newest says whose it is. */
function credentialOf(writing: Writing, { intents }: NameGroup): CredentialState {
  const cloudflare = writing.credentials.of(intents.at(-1)!.caller)
  const known = writing.credentialStates.get(cloudflare)
  if (known) return known
  const backoff = createBackoff(writing.random)
  const credential: CredentialState = {
    cloudflare,
    backoff,
    permit: undefined,
    permittedAt: 0,
    suspects: undefined,
  }
  writing.credentialStates.set(cloudflare, credential)
  return credential
}

async function writeBy(
  writing: Writing,
  credential: CredentialState,
  lease: Lease,
  state: ZoneState,
  ready: readonly NameGroup[],
): Promise<number> {
  const now = writing.clock.now()
  const { backoff } = credential
  const { batchLimit } = credential.cloudflare.capabilities
  if (now < backoff.until) {
    await failExpiring(writing, credential)
    return backoff.until - now
  }

  const trying = halfOfSuspects(credential, ready) ?? ready
  // Before anything is planned: of 200 that come one by one, each would plan all before it again.
  const lingerMs = credential.suspects ? 0 : msToLinger(writing, trying, batchLimit)
  if (lingerMs > 0) return lingerMs

  const { pieces, onProbation, progressed } = await writing.prepare(lease, state, trying, batchLimit)
  if (pieces.length === 0) {
    if (writing.reader.isWanted) await writing.reader.failExpiring()
    return progressed ? 0 : Number.POSITIVE_INFINITY
  }

  if (!(await hasPermit(writing, credential))) return 0
  // What was refused before is tried by itself: its neighbours shall not pay for it again.
  const [first] = pieces
  const sending = onProbation.has(first!)
    ? [first!]
    : fillBatch(
        pieces.filter((piece) => !onProbation.has(piece)),
        batchLimit,
      )
  await send(writing, credential, lease, state, sending)
  return 0
}

function halfOfSuspects(
  credential: CredentialState,
  ready: readonly NameGroup[],
): readonly NameGroup[] | undefined {
  if (credential.suspects === undefined) return undefined
  const half = nextToTry(ready, credential.suspects)
  if (half.length > 0) return half
  credential.suspects = undefined
  return undefined
}

function msToLinger(writing: Writing, groups: readonly NameGroup[], batchLimit: number): number {
  const intents = groups.flatMap(({ intents }) => intents)
  const isPatient = intents.every(({ waitsUntil, origin }) => waitsUntil === null && origin === 'caller')
  const records = intents.reduce((sum, { wanted }) => sum + (wanted?.values.length ?? 1), 0)
  if (!isPatient || records >= batchLimit) return 0
  return Math.min(...intents.map(({ at }) => at)) + LINGER_MS - writing.clock.now()
}

/** True if the call may be made at this very moment; false if time has passed, so that all is decided again. */
async function hasPermit(writing: Writing, credential: CredentialState): Promise<boolean> {
  const { cloudflare, backoff, permit, permittedAt } = credential
  const askedAt = writing.clock.now()
  if (permit && !permit.used && askedAt - permittedAt < PERMIT_LASTS_MS) return true
  try {
    credential.permit = await cloudflare.permit('machines', PATIENCE_MS, {
      attempt: backoff.attempt(askedAt),
      since: writing.inLine[0]!.at,
    })
    credential.permittedAt = writing.clock.now()
    return credential.permittedAt === askedAt
  } catch (error) {
    await scheduleRetry(writing, error, credential)
    return false
  }
}

async function send(
  writing: Writing,
  credential: CredentialState,
  lease: Lease,
  state: ZoneState,
  pieces: readonly Piece[],
): Promise<void> {
  const batch = {
    changes: pieces.flatMap(({ changes }) => changes),
    intents: pieces.flatMap(({ acting }) => acting),
    names: [...new Set(pieces.map(({ group }) => group.name))],
    at: writing.clock.now(),
  }
  const begins = () => {
    writing.events.batch({ zone: writing.zone.name, operations: operationCount(batch.changes) })
    return true
  }
  const { cloudflare } = credential
  const sent = await sendBatch(writing, { ...batch, cloudflare, permit: credential.permit!, lease, begins })
  if (sent.outcome === 'done') await wasDone(writing, credential, lease, state, sent)
  else if (sent.outcome === 'refused') await wasRefused(writing, credential, lease, sent)
  else if (sent.outcome === 'unknown') becameUnknown(writing, sent)
  else if (sent.outcome !== 'not-begun')
    await writing.store.requeue(lease, sent.dispatch, [], writing.clock.now())
  if (sent.outcome === 'passing') await scheduleRetry(writing, sent.error, credential)
}

async function wasDone(
  writing: Writing,
  credential: CredentialState,
  lease: Lease,
  state: ZoneState,
  { dispatch, done }: Of<'done'>,
): Promise<void> {
  const before = (await writing.store.recordsAt(writing.zone.id, dispatch.names)).filter(
    ({ goneAt }) => goneAt === null,
  )
  const settlement = settlementOf(
    dispatch,
    done,
    before.map(({ record }) => record),
    writing.clock.now(),
  )
  const tainted = taintedNames(state)
  const sets = settlement.sets.map((set) => ({ ...set, onceShown: tainted.has(set.intent.key.name) }))
  if (!(await writing.store.settle(lease, dispatch, { ...settlement, sets }))) return
  // Something left it, or was let in.
  if (state.fullUntil > settlement.at && growthOf(dispatch.changes) !== 0)
    await writing.store.markFull(writing.zone.id, 0)
  credential.backoff.succeeded()
  writing.notifier.relieved()
  if (credential.suspects) credential.suspects = cleared(credential.suspects, dispatch.intents)
  for (const set of sets) {
    writing.outdated.delete(keyOf(set.intent.key))
    writing.notifier.settled(set)
  }
}

/** Cloudflare refused the batch, so none of it was done: our picture is old, or one of its sets is bad. */
async function wasRefused(
  writing: Writing,
  credential: CredentialState,
  lease: Lease,
  { dispatch, error }: Of<'refused'>,
): Promise<void> {
  const now = writing.clock.now()
  if (
    error.kind === 'stale-view' &&
    dispatch.intents.every(({ key }) => isNewlyOutdated(writing, key, now))
  ) {
    await writing.store.markUnknown(lease, dispatch, now, now)
    return
  }
  if (dispatch.intents.length > 1) {
    credential.suspects = suspectsIn(dispatch.intents)
    await writing.store.requeue(lease, dispatch, [], now)
    return
  }
  credential.suspects = undefined
  if (error.kind === 'quota' && growthOf(dispatch.changes) > 0)
    await writing.store.markFull(writing.zone.id, fullFrom(now))
  const refusal = refusalOf(error)
  const refused = dispatch.intents.map((intent) => ({ intent, refusal }))
  if (!(await writing.store.requeue(lease, dispatch, refused, now))) return
  for (const intent of dispatch.intents) {
    writing.outdated.delete(keyOf(intent.key))
    writing.notifier.refused(intent, refusal)
  }
}

/** Whether Cloudflare began only a short while ago to say that our picture of this set is old. */
function isNewlyOutdated(writing: Writing, key: SetKey, now: number): boolean {
  const known = writing.outdated.get(keyOf(key))
  const isSameError = known !== undefined && now - known.lastAt < OLD_PICTURE_MS
  const firstAt = isSameError ? known.firstAt : now
  writing.outdated.set(keyOf(key), { firstAt, lastAt: now })
  return now - firstAt < OLD_PICTURE_MS
}

async function markUnknown(writing: Writing, lease: Lease, dispatch: Dispatch): Promise<void> {
  becameUnknown(writing, { dispatch, isNews: await logAsUnknown(writing, lease, dispatch) })
}

function becameUnknown(
  writing: Writing,
  { dispatch, error, isNews }: Pick<Of<'unknown'>, 'dispatch' | 'isNews'> & { error?: ProviderError },
): void {
  for (const credential of writing.credentialStates.values()) credential.suspects = undefined
  if (!isNews) return
  writing.reader.lookAgainAfterUnknown()
  if (error) writing.notifier.waiters.providerError = providerErrorOf(error)
  writing.events.unknownOutcome({ zone: writing.zone.name })
  writing.log.warn(
    {
      zone: writing.zone.name,
      names: dispatch.names.length,
      reason: error?.kind ?? 'interrupted',
      ...error?.details,
    },
    'a change has an unknown outcome; reading the zone to find out',
  )
}

/** Nothing was done, and it may work later. */
async function scheduleRetry(writing: Writing, error: unknown, credential: CredentialState): Promise<void> {
  if (!(error instanceof ProviderError)) throw error
  credential.backoff.failed(error, writing.clock.now())
  await failExpiring(writing, credential)
}

/** Those who cannot wait until it is tried again are told. */
async function failExpiring(writing: Writing, { cloudflare, backoff }: CredentialState): Promise<void> {
  const { error, until } = backoff
  if (error === undefined) return
  const others = writing.inLine.filter(({ caller }) => writing.credentials.of(caller) !== cloudflare)
  await writing.notifier.delayed(error, until, new Set(others.map(({ generation }) => generation)))
}
