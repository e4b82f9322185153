import { createHash } from 'node:crypto'
import type { Change } from '#dns/plan.ts'
import type { ListedZone, ZoneId } from '#dns/zone.ts'
import type { Observed, OnboardingInput, OnboardingZone, Shop } from '#onboarding/input.ts'
import type { OnboardingPlan } from '#onboarding/review.ts'
import type { PlanOrigin } from '#onboarding/wanted-set.ts'
import { ProviderError } from '#providers/provider.ts'
import { DnsError } from '../errors.ts'
import { type AnyRecord, rowText } from '../operations/record-text.ts'
import type { Asked } from '../zones.ts'
import { type Cache, keptBy } from './cache.ts'
import type { EditsContext } from './context.ts'
import type { Choice, Editor, StoredPlan } from './edits.ts'
import type { Grants } from './grants.ts'
import { readZone } from './reading.ts'
import { words } from './words.ts'

/** Reviews, and what was chosen in them. */
export interface Reviews {
  /** The same plan until it expires or the zone changes. */
  plan(editor: Editor, store: Shop, asked: Asked): Promise<StoredPlan>
  /** Also one that has expired, for as long as it is kept: it says what a new one is to be for. */
  find(editor: Editor, id: string): Promise<StoredPlan | undefined>
  /** The plan of these zones as they are now, kept records included. */
  planOf(editor: Editor, store: Shop, seen: Seen): Promise<StoredPlan>
  /** Whether a plan asks the same question of these zones: a bystander that changed makes no difference (decisions/011). */
  isStillGood(planned: StoredPlan, store: Shop, seen: Seen): boolean
  /** The same plan for as long as the zone and what is wanted stay the same. */
  planSetsOf(
    editor: Editor,
    zone: ListedZone,
    records: readonly AnyRecord[],
    origin: PlanOrigin,
  ): Promise<StoredPlan>
  /** As `isStillGood`, for a plan of sets. */
  isStillGoodFor(
    editor: Editor,
    planned: StoredPlan,
    zone: ListedZone,
    records: readonly AnyRecord[],
  ): Promise<boolean>
  /** What the choice comes to. Throws `invalid`, `zone-blocked`. */
  changesOf(editor: Editor, plan: StoredPlan, choice: Choice): readonly Change[]
}

/** What a plan is made from. */
export interface Seen {
  /** Of all that the grant sees, those for the store's name. */
  readonly zones: readonly ListedZone[]
  readonly records: readonly AnyRecord[]
  /** In live DNS. A confirmation goes by what its plan was made with. */
  readonly observed: Observed | undefined
}

const PLAN_LASTS_MS = 1_800_000
/** No zone may hold less than 200 records (Cloudflare docs, "DNS record quota", 2026); a review adds a few. */
const MAY_BE_FULL = 150

export function createReviews(context: EditsContext, grants: Grants, cache: Cache): Reviews {
  const { store: kept, clock, random, planner } = context

  async function plan(editor: Editor, store: Shop, asked: Asked): Promise<StoredPlan> {
    const zones = planner.zonesFor(store.name, await grants.list(editor))
    const [zone] = zones
    const list = zone && (await readZone(context, editor, zone.id, asked))
    if (zone && list) await cache.fill(editor, zone.id, list)
    const records = list?.records ?? []
    const seen = await context.observe?.({ store, zone: zone ?? null, records })
    const recordQuota = zone && records.length >= MAY_BE_FULL ? await quotaOf(editor, zone.id) : undefined
    const observed = recordQuota === undefined ? seen : { ...seen, recordQuota }
    return planOf(editor, store, { zones, records, observed })
  }

  /** undefined: Cloudflare does not say; a review does without, and a zone that is full says so at the change. */
  function quotaOf(editor: Editor, zone: ZoneId): Promise<number | undefined> {
    const turn = { attempt: 'first' as const, since: clock.now() }
    return editor.cloudflare.recordQuota(zone, 'people', turn).catch((error: unknown) => {
      if (error instanceof ProviderError) return undefined
      throw error
    })
  }

  async function planOf(editor: Editor, store: Shop, seen: Seen): Promise<StoredPlan> {
    const input = inputOf(store, seen)
    const { zone, observed } = input
    return keptOrMade(editor, zone?.id ?? null, fingerprintOf(input), () => ({
      ...planner.planOnboarding(input),
      ...(observed && { observed }),
    }))
  }

  async function planSetsOf(
    editor: Editor,
    zone: ListedZone,
    records: readonly AnyRecord[],
    origin: PlanOrigin,
  ): Promise<StoredPlan> {
    const callers = await keptBy(context, zone.id)
    const facts = [origin, factsOf(zone), recordLines(records), [...callers].sort()]
    const { batchLimit } = editor.cloudflare.capabilities
    return keptOrMade(editor, zone.id, hashOf(facts), () =>
      planner.planFor(zone, { records, keptBy: callers, batchLimit, hash: idOf }, origin),
    )
  }

  async function isStillGoodFor(
    editor: Editor,
    { plan }: StoredPlan,
    zone: ListedZone,
    records: readonly AnyRecord[],
  ): Promise<boolean> {
    const { batchLimit } = editor.cloudflare.capabilities
    const around = { records, keptBy: await keptBy(context, zone.id), batchLimit, hash: idOf }
    if (plan.origin === undefined) return false
    return planner.planText(planner.planFor(zone, around, plan.origin)) === planner.planText(plan)
  }

  async function keptOrMade(
    editor: Editor,
    zone: ZoneId | null,
    fingerprint: string,
    make: () => OnboardingPlan,
  ): Promise<StoredPlan> {
    const now = clock.now()
    const known = await kept.edits.planMadeFrom(editor, fingerprint, now)
    if (known) return { id: known.id, plan: JSON.parse(known.plan), expiresAt: known.expiresAt }
    const made = { id: random.hex(16), plan: make(), expiresAt: now + PLAN_LASTS_MS }
    await kept.edits.keepPlan({
      ...made,
      plan: JSON.stringify(made.plan),
      customerId: editor.customerId,
      connectionId: editor.connectionId,
      zone,
      fingerprint,
      createdAt: now,
    })
    return made
  }

  function isStillGood({ plan }: StoredPlan, store: Shop, seen: Seen): boolean {
    return planner.planText(planner.planOnboarding(inputOf(store, seen))) === planner.planText(plan)
  }

  async function find(editor: Editor, id: string): Promise<StoredPlan | undefined> {
    const known = await kept.edits.planOf(editor, id, 0)
    return known && { id, plan: JSON.parse(known.plan), expiresAt: known.expiresAt }
  }

  function changesOf({ cloudflare }: Editor, { plan }: StoredPlan, { selected }: Choice): readonly Change[] {
    if (plan.blocked) {
      throw new DnsError('zone-blocked', plan.blocked.message, { details: { blocked: plan.blocked } })
    }
    const choice = planner.chosen(plan, selected)
    if (!choice.ok) {
      const message = choice.problems.map((problem) => problem.message).join(' ')
      throw new DnsError('invalid', message, { details: { choice: choice.problems } })
    }
    const others = choice.deletedOthers.map((record): Change => ({ kind: 'delete', record }))
    const changes = [...others, ...choice.changes]
    const { batchLimit } = cloudflare.capabilities
    if (changes.length > batchLimit) throw new DnsError('invalid', words.tooMuch(batchLimit))
    return changes
  }

  return { plan, find, planOf, isStillGood, planSetsOf, isStillGoodFor, changesOf }
}

function inputOf(store: Shop, { zones, records, observed }: Seen): OnboardingInput {
  const [first = null, ...otherZones] = zones
  const quota = observed?.recordQuota
  const zone = first && quota !== undefined ? { ...first, recordQuota: quota } : first
  return { store, zone, otherZones, records, ...(observed && { observed }) }
}

/** Everything that a plan shows, in one order. */
function fingerprintOf({ store, zone, otherZones = [], records, observed }: OnboardingInput): string {
  const facts = [zone, ...otherZones].map((each) => each && factsOf(each))
  const { name, ipv4, ipv6, host, servesWww } = store
  const live = observed === undefined ? [] : [observedLines(observed)]
  return hashOf([name, ipv4, ipv6, host ?? null, servesWww, facts, recordLines(records), ...live])
}

function factsOf({ id, name, status, type, paused, plan, nameServers }: OnboardingZone): readonly unknown[] {
  return [id, name, status, type, paused, plan, nameServers]
}

function recordLines(records: readonly AnyRecord[]): readonly string[] {
  return records.map(rowText).sort()
}

/** Servers answer in any order. */
function observedLines({
  nameServers = [],
  dnssec,
  answers = [],
  caa = [],
  recordQuota,
}: Observed): readonly unknown[] {
  return [
    [...nameServers].sort(),
    dnssec ?? null,
    answers.map(({ name, addresses }) => [name, [...addresses].sort()]),
    caa.map(({ name, values }) => [name, [...values].sort()]),
    recordQuota ?? null,
  ]
}

function hashOf(facts: readonly unknown[]): string {
  return digestOf(JSON.stringify(facts))
}

/** Of a row; no longer than an id of a record. */
function idOf(text: string): string {
  return digestOf(text).slice(0, 32)
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
