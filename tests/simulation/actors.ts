import type { RecordSet, SetKey } from '#dns/record-set.ts'
import type { Emulator } from '#emulator/emulator.ts'
import type { Random } from '#platform/ports.ts'
import type { VirtualClock } from '../support/virtual-clock.ts'
import type { LastingTrouble } from './lasting.ts'
import { between, chance, oneOf, type Scenario } from './scenario.ts'
import { keyTextOf, type NamePlan, newSet } from './sets.ts'

/** One request and what came of it, for the checks. */
export interface Asking {
  readonly keyText: string
  readonly key: SetKey
  /** null: a delete. */
  readonly wanted: RecordSet | null
  readonly owner: string
  readonly arrivedAt: number
  readonly deadline: number
  answeredAt: number
  /** `done` with the engine's outcome; `failed` with its code; `lost`: no answer came. */
  result: 'waiting' | 'done' | 'failed' | 'lost'
  outcome: string
  /** The replica stood still meanwhile: nobody can answer in time then. */
  stoodStill: boolean
}

export type Ask = (owner: string, key: SetKey, wanted: RecordSet | null) => Promise<Asking>

/** Codes that the webhook answers with 400: the operator stops its loop at once. */
export const FINAL_CODES = new Set([
  'refused',
  'conflict',
  'not-ours',
  'quota-exceeded',
  'zone-not-found',
  'zone-read-only',
])

/** Codes that say that somebody else is there: whoever hears them gives up. */
export const NOT_OURS_CODES = new Set(['not-ours', 'conflict'])

/** Somebody who declares sets, and brings them to the server one after the other. */
export interface Owner {
  readonly id: string
  /** By key: what it wants; null: that there be none. */
  readonly desired: ReadonlyMap<string, RecordSet | null>
  /** By key: what it has not got yet. */
  readonly waitsFor: readonly string[]
  /** Changes its mind about something. */
  change(): void
  /** Asks for all of it again. */
  askAgain(): void
  work(): Promise<void>
}

const OPERATOR_SLEEPS_MS = [5_000, 10_000, 20_000, 40_000]
const HASTY_SLEEPS_MS = [500, 1_000, 2_000]
/** Until somebody changes their mind, which is heard at once. */
const IDLE_MS = 30_000

export function createOwner(options: {
  id: string
  plans: readonly NamePlan[]
  hasty: boolean
  isStrict: boolean
  /** Share of changes that delete. */
  deletes: number
  ask: Ask
  clock: VirtualClock
  random: Random
  counter: { next: number }
  isOver: () => boolean
}): Owner {
  const { id, plans, hasty, isStrict, deletes, ask, clock, random, counter, isOver } = options
  const sleeps = hasty ? HASTY_SLEEPS_MS : OPERATOR_SLEEPS_MS
  const desired = new Map<string, RecordSet | null>()
  const keys = new Map<string, SetKey>()
  let queue: string[] = []
  let nap = new AbortController()
  const notBefore = new Map<string, number>()

  function declare(key: SetKey, wanted: RecordSet | null): void {
    const text = keyTextOf(key)
    keys.set(text, key)
    desired.set(text, wanted)
    if (!queue.includes(text)) queue.push(text)
    nap.abort(null)
  }

  function change(): void {
    const plan = oneOf(plans, random)
    if (plan.takeTurns) {
      const [first, second] = plan.keys
      const here = desired.get(keyTextOf(first!)) ? first! : second!
      const next = chance(random, 0.5) ? here : here === first ? second! : first!
      if (next !== here && desired.get(keyTextOf(here))) declare(here, null)
      declare(next, newSet(next, random, counter))
      return
    }
    const key = oneOf(plan.keys, random)
    const isThere = Boolean(desired.get(keyTextOf(key)))
    declare(key, isThere && chance(random, deletes) ? null : newSet(key, random, counter))
  }

  /** A set waits until the one whose place it takes has gone. */
  function isBlocked(text: string): boolean {
    const key = keys.get(text)!
    const others = plans.find(({ keys }) => keys.includes(key))
    if (!others?.takeTurns || desired.get(text) === null) return false
    return others.keys.some((other) => other !== key && queue.includes(keyTextOf(other)))
  }

  async function work(): Promise<void> {
    while (!isOver()) {
      const now = clock.now()
      const text = queue.find((one) => (notBefore.get(one) ?? 0) <= now && !isBlocked(one))
      if (text === undefined) {
        nap = new AbortController()
        await clock.sleep(queue.length > 0 ? 1_000 : IDLE_MS, nap.signal)
        continue
      }
      await reconcile(text)
    }
  }

  async function reconcile(text: string): Promise<void> {
    const wanted = desired.get(text) ?? null
    const tries = wanted === null ? 1 : sleeps.length + 1
    for (let attempt = 0; attempt < tries; attempt += 1) {
      const { result, outcome } = await ask(id, keys.get(text)!, wanted)
      if (result === 'done') {
        if ((desired.get(text) ?? null) === wanted) queue = queue.filter((one) => one !== text)
        return
      }
      if (isStrict && NOT_OURS_CODES.has(outcome)) {
        queue = queue.filter((one) => one !== text)
        desired.delete(text)
        return
      }
      const isLast = attempt === tries - 1
      if (isLast || FINAL_CODES.has(outcome)) break
      await clock.sleep(sleeps[attempt]!)
    }
    notBefore.set(text, clock.now() + (hasty ? 1_000 : 5_000))
    queue = [...queue.filter((one) => one !== text), text]
  }

  return {
    id,
    desired,
    get waitsFor() {
      return queue
    },
    change,
    askAgain() {
      queue = [...desired.keys()]
      nap.abort(null)
    },
    work,
  }
}

/** Somebody who takes back what they ask for before it is answered, about a set that others have made. */
export async function hurry(options: {
  key: SetKey
  ask: Ask
  clock: VirtualClock
  random: Random
  counter: { next: number }
  isOver: () => boolean
}): Promise<void> {
  const { key, ask, clock, random, counter, isOver } = options
  while (!isOver()) {
    const asked = ask('hurried', key, newSet(key, random, counter))
    await clock.sleep(between(0, 100, random))
    await Promise.all([asked, ask('hurried', key, null)])
    await clock.sleep(between(1_000, 20_000, random))
  }
}

/** Somebody in Cloudflare's dashboard, who knows nothing of us. */
export function editByHand(
  emulator: Emulator,
  zone: string,
  random: Random,
  counter: { next: number },
): void {
  if (!emulator.state.zones().some(({ name }) => name === zone)) return
  const records = emulator.state.records(zone)
  const ours = records.filter(({ name }) => name.startsWith('n'))
  const others = records.filter(({ name }) => !/^[mn]/.test(name))
  counter.next += 1
  const address = `10.9.${(counter.next >> 8) & 255}.${counter.next & 255}`
  try {
    switch (oneOf(['add', 'edit other', 'remove other', 'edit ours', 'remove ours', 'add to ours'], random)) {
      case 'add':
        emulator.state.addRecord(zone, {
          type: 'A',
          name: `by-hand-${counter.next}`,
          content: address,
          ttl: 300,
        })
        break
      case 'edit other':
        if (others.length > 0)
          emulator.state.editRecord(zone, oneOf(others, random).id, { ttl: oneOf([120, 600], random) })
        break
      case 'remove other':
        if (others.length > 3) emulator.state.removeRecord(zone, oneOf(others, random).id)
        break
      case 'edit ours':
        if (ours.length > 0) emulator.state.editRecord(zone, oneOf(ours, random).id, { ttl: 7_200 })
        break
      case 'remove ours':
        if (ours.length > 0) emulator.state.removeRecord(zone, oneOf(ours, random).id)
        break
      default: {
        // Of a type that may stand beside everything here: what must not is refused to us, and rightly.
        const beside = ours.filter(({ type }) => type === 'TXT')
        if (beside.length > 0)
          emulator.state.addRecord(zone, {
            type: 'TXT',
            name: oneOf(beside, random).name,
            content: `"by hand ${counter.next}"`,
            ttl: 300,
          })
      }
    }
  } catch {
    // Cloudflare refuses to the hand as well.
  }
}

/** Whoever changes their mind, and whoever edits by hand, at random moments until all changes are made. */
export async function unrest(options: {
  scenario: Scenario
  owners: readonly Owner[]
  emulator: Emulator
  clock: VirtualClock
  random: Random
  counter: { next: number }
  lasting: LastingTrouble
}): Promise<void> {
  const { scenario, owners, emulator, clock, random, counter, lasting } = options
  let handsLeft = scenario.humanEdits
  for (let made = 0; made < scenario.changes; made += 1) {
    await clock.sleep(Math.ceil(-Math.log(1 - random.fraction()) * scenario.changeEveryMs))
    lasting.begin(made)
    oneOf(owners, random).change()
    if (chance(random, 0.05)) oneOf(owners, random).askAgain()
    if (handsLeft > 0 && chance(random, 0.15)) {
      handsLeft -= 1
      editByHand(emulator, oneOf(scenario.zones, random), random, counter)
    }
    if (scenario.outages > 0 && made === Math.floor(scenario.changes / 2)) {
      emulator.faults.script([{ fault: 'F31', seconds: between(20, 240, random) }])
    }
  }
}
