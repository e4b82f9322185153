import type { FaultRule } from '#emulator/emulator.ts'
import type { Random } from '#platform/ports.ts'
import { seededRandom } from '../support/world.ts'
import { type Answer, createWebhook, type Webhook } from './webhook.ts'

export interface StormReport {
  readonly seed: number
  /** The share of changes that were answered with 200. */
  readonly done: number
  readonly statuses: ReadonlyMap<number, number>
  readonly medianMs: number
  readonly slowestMs: number
  readonly lastedMs: number
  readonly calls: number
  /** How often each fault happened. */
  readonly hits: ReadonlyMap<string, number>
  /** Sets that are not as they were last acknowledged, and nothing that was asked for since explains it. */
  readonly wrong: readonly string[]
  readonly errors: readonly string[]
}

const CALLERS = 25
const CHANGES = 12
/** As often each: 5xx, before or after the commit; 429, wait up to five seconds; a reset; no answer. */
const FAMILIES: readonly (readonly FaultRule[])[] = [
  [{ fault: 'F3' }, { fault: 'F4' }, { fault: 'F5' }, { fault: 'F5', phase: 'after-commit' }],
  [1, 2, 3, 4, 5].map((seconds) => ({ fault: 'F1', seconds })),
  [{ fault: 'F6' }, { fault: 'F33', phase: 'after-commit' }, { fault: 'F10' }],
  [{ fault: 'F7' }, { fault: 'F8' }],
]
const SETTLED_MS = 700_000

/** Callers change sets of their own one after another, while every fifth request to Cloudflare goes wrong. */
export async function stormOf(seed: number, rate = 0.2): Promise<StormReport> {
  const random = seededRandom(seed)
  const weather = seededRandom(seed + 1_000_000)
  let isStormy = true
  const webhook = await createWebhook({
    seed,
    zones: [{ name: 'example.com', plan: 'pro' }],
    between: (way) => (request) => {
      if (isStormy && weather.fraction() < rate) webhook.emulator.faults.script([oneFault(weather)])
      return way(request)
    },
  })
  const callers = Array.from({ length: CALLERS }, (_, index) => callerOf(index, webhook, random))
  const startedAt = webhook.clock.now()
  const answers = (await webhook.answers(callers.map(({ work }) => work()))).flat()
  const lastedMs = webhook.clock.now() - startedAt
  const calls = webhook.calls()

  isStormy = false
  webhook.emulator.faults.clear()
  await webhook.clock.pass(SETTLED_MS)
  const wrong = callers.flatMap(({ wrongIn }) => wrongIn(valuesByName(webhook)))
  const { errors } = webhook
  const hits = countsOf(
    webhook.emulator.faults.hits().flatMap(({ fault, count }) => Array(count).fill(fault)),
  )
  await webhook.end()
  const times = answers.map(({ afterMs }) => afterMs).sort((a, b) => a - b)
  return {
    seed,
    done: answers.filter(({ status }) => status === 200).length / answers.length,
    statuses: countsOf(answers.map(({ status }) => status)),
    medianMs: times[times.length >> 1]!,
    slowestMs: times.at(-1)!,
    lastedMs,
    calls,
    hits: hits as ReadonlyMap<string, number>,
    wrong,
    errors,
  }
}

function oneFault(weather: Random): FaultRule {
  return oneOf(oneOf(FAMILIES, weather), weather)
}

function oneOf<Item>(items: readonly Item[], random: Random): Item {
  return items[Math.floor(random.fraction() * items.length)]!
}

/** One that has three names, and changes, adds and deletes their addresses; it never asks twice. */
function callerOf(index: number, webhook: Webhook, random: Random) {
  /** By name: what may be there now. The last acknowledged, and whatever was asked for since. */
  const possible = new Map<string, Set<string>>()

  async function work(): Promise<Answer[]> {
    const answers: Answer[] = []
    for (let change = 0; change < CHANGES; change += 1) answers.push(await oneChange())
    return answers
  }

  async function oneChange(): Promise<Answer> {
    const name = `n${index}-${Math.floor(random.fraction() * 3)}`
    const count = Math.floor(random.fraction() * 4)
    const values = Array.from(
      { length: count },
      (_, one) => `192.0.2.${1 + ((index + one * 7 + pick()) % 250)}`,
    )
    const wanted = [...new Set(values)].sort()
    const answer = await (wanted.length === 0
      ? webhook.remove('A', name)
      : webhook.upsert({ type: 'A', subdomain: name, values: wanted }))
    const before = answer.status === 200 ? [] : (possible.get(name) ?? [''])
    possible.set(name, new Set([...before, wanted.join(' ')]))
    return answer
  }

  const pick = () => Math.floor(random.fraction() * 250)

  function wrongIn(held: ReadonlyMap<string, string>): string[] {
    return [...possible].flatMap(([name, ok]) => {
      const now = held.get(`${name}.example.com`) ?? ''
      return ok.has(now)
        ? []
        : [`${name} holds "${now}" and not ${[...ok].map((one) => `"${one}"`).join(' or ')}`]
    })
  }

  return { work, wrongIn }
}

/** Doubled records show: every record's content is in it. */
function valuesByName({ emulator }: Webhook): ReadonlyMap<string, string> {
  const held = new Map<string, string[]>()
  for (const { name, content } of emulator.state.records('example.com')) {
    held.set(name, [...(held.get(name) ?? []), content])
  }
  return new Map([...held].map(([name, contents]) => [name, contents.sort().join(' ')]))
}

function countsOf<Item>(items: readonly Item[]): ReadonlyMap<Item, number> {
  const counts = new Map<Item, number>()
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1)
  return counts
}
