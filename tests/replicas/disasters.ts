import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '#platform/ports.ts'
import { createLedger, recordOf, type Wanted } from '../crash/ledger.ts'
import { goJson, type OperatorClient } from '../support/operator-client.ts'
import { seededRandom } from '../support/world.ts'
import { createSetting, type Replica, type Setting } from './setting.ts'

/** What happens to replicas, and to the database that they share. */
export const DISASTERS = ['replica', 'backend', 'postmaster', 'network', 'replacement'] as const
export type Disaster = (typeof DISASTERS)[number]

export interface Campaign {
  readonly replicas: number
  readonly disasters: readonly Disaster[]
  readonly seed: number
}

export interface Report {
  readonly promises: number
  readonly answers: Readonly<Record<string, number>>
  /** Everything that must not be, in words. */
  readonly faults: readonly string[]
  /** From each disaster until a change was carried out after it (ms). */
  readonly recoveries: readonly { disaster: Disaster; ms: number }[]
}

const CALLERS = 8
const NAMES = 120
const QUIET_WITHIN_MS = 60_000
const RECOVERED_WITHIN_MS = 30_000

/**
 * Replicas under load from several callers, each of which asks now one and now another, and one disaster after the
 * other; then left alone until nothing is under way any more, and held to all that they promised.
 */
export async function suffer(options: Campaign): Promise<Report> {
  const setting = await createSetting()
  const random = seededRandom(options.seed)
  const ledger = createLedger()
  const faults: string[] = []
  const answers: Record<string, number> = {}
  const recoveries: { disaster: Disaster; ms: number }[] = []
  const answered: { set: Wanted; nonce: string; now: number }[] = []
  const busy = new Set<string>()
  const replicas: Replica[] = []
  let version = 0
  let lastPromiseSince = 0
  let isOver = false
  let restarting: Promise<void> = Promise.resolve()
  const startedAt = Date.now()

  async function call(): Promise<void> {
    while (!isOver) {
      const set = nextSet()
      busy.add(set.subdomain)
      ledger.asked(set)
      const stamp = { nonce: random.hex(16), now: Date.now() }
      const client = oneOf(replicas).client(stamp)
      const askedAt = performance.now()
      const reply = await ask(client, set).catch(() => undefined)
      client.close()
      busy.delete(set.subdomain)
      count(reply === undefined ? 'cut off' : String(reply.status))
      if (reply === undefined) await sleep(50)
      else if (reply.status === 200) {
        ledger.promised(set)
        // What is absent already is answered by anybody; a new version has to be carried out.
        if (set.version !== null) lastPromiseSince = Math.max(lastPromiseSince, askedAt)
        answered.push({ set, ...stamp })
        faults.push(...ledger.broken(setting.emulator.emulator))
      } else if (reply.status === 503 || reply.status === 429) await sleep(100)
      else faults.push(`${reply.status} ${reply.text}`)
    }
  }

  function nextSet(): Wanted {
    let number = below(NAMES)
    while (busy.has(`host-${number}`)) number = (number + 1) % NAMES
    version += 1
    const type = number % 3 === 0 ? 'TXT' : 'A'
    return { type, subdomain: `host-${number}`, version: random.fraction() < 0.15 ? null : version }
  }

  /** As an orchestrator does it: again, if the database was not there. */
  async function startAnother(): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      const started = await setting.start().catch((error: unknown) => {
        if (tries === 10) throw error
      })
      if (started) {
        replicas.push(started)
        return
      }
      await sleep(500)
    }
  }

  const happen: Record<Disaster, () => Promise<void>> = {
    async replica() {
      await restarting
      const [victim] = replicas.splice(below(replicas.length), 1)
      await victim!.webhook.end('SIGKILL')
      restarting = sleep(1_000).then(startAnother)
    },
    async backend() {
      const rows = await setting.cluster.run<{ pid: number }>(
        "select pid from pg_stat_activity where application_name = 'zonewright' order by random() limit 1",
      )
      for (const { pid } of rows) process.kill(pid, 'SIGKILL')
    },
    async postmaster() {
      await setting.cluster.kill()
      await sleep(300 + below(1_500))
      await setting.cluster.start()
    },
    async network() {
      const { way } = oneOf(replicas)
      way.cut()
      await sleep(500 + below(6_000))
      way.mend()
    },
    async replacement() {
      await restarting
      await startAnother()
      const old = replicas.shift()!
      const code = await old.webhook.end('SIGTERM')
      if (code !== 0) faults.push(`it ended with ${code}: ${old.webhook.printed().slice(-1_000)}`)
    },
  }

  /** A change that was asked for after the disaster has been promised. */
  async function recovered(disaster: Disaster): Promise<void> {
    const since = performance.now()
    while (lastPromiseSince < since) {
      if (performance.now() - since > RECOVERED_WITHIN_MS) {
        faults.push(`${disaster}: nothing was carried out for ${RECOVERED_WITHIN_MS} ms`)
        return
      }
      await sleep(20)
    }
    recoveries.push({ disaster, ms: Math.round(performance.now() - since) })
  }

  try {
    for (let index = 0; index < options.replicas; index += 1) {
      replicas.push(await setting.start({ skewMs: [120_000, -120_000, 0][index % 3]! }))
    }
    const calling = Array.from({ length: CALLERS }, call)
    for (const disaster of options.disasters) {
      await sleep(200 + below(800))
      await happen[disaster]()
      await recovered(disaster)
    }
    await restarting
    await sleep(1_500)
    isOver = true
    await Promise.all(calling)
    faults.push(...(await replaysTaken(replicas, answered.slice(-200))))
    faults.push(...(await stuckIn(setting)))
    faults.push(...ledger.broken(setting.emulator.emulator))
    const calls = setting.emulator.emulator.state.calls().length
    const most = 60 + (3 * (Date.now() - startedAt)) / 1000
    if (calls > most) faults.push(`${calls} calls, where the budget has ${Math.floor(most)}`)
    return { promises: ledger.promises, answers, faults, recoveries }
  } finally {
    isOver = true
    await setting.end()
  }

  function count(what: string): void {
    answers[what] = (answers[what] ?? 0) + 1
  }
  function oneOf<T>(items: readonly T[]): T {
    return items[below(items.length)]!
  }
  function below(limit: number): number {
    return Math.floor(random.fraction() * limit)
  }
}

/** So many disasters in any order, each of `kinds` as often as the others. */
export function shuffled(count: number, random: Random, kinds: readonly Disaster[] = DISASTERS): Disaster[] {
  return Array.from({ length: count }, (_, index) => ({
    disaster: kinds[index % kinds.length]!,
    at: random.fraction(),
  }))
    .sort((a, b) => a.at - b.at)
    .map(({ disaster }) => disaster)
}

function ask(client: OperatorClient, set: Wanted) {
  const record = recordOf(set)
  return set.version === null
    ? client.delete(set.type, record.domain, record.subdomain)
    : client.send('POST', '/records', goJson({ record, operation: 'upsert' }))
}

/** Answered requests, octet for octet: no replica may take one again. */
async function replaysTaken(
  replicas: readonly Replica[],
  answered: readonly { set: Wanted; nonce: string; now: number }[],
): Promise<string[]> {
  const faults: string[] = []
  for (const [index, { set, nonce, now }] of answered.entries()) {
    const client = replicas[index % replicas.length]!.client({ nonce, now })
    const { status, json } = await ask(client, set)
    client.close()
    if (status !== 401 || json?.error?.code !== 'NONCE_REUSED') faults.push(`a replay was answered ${status}`)
  }
  return faults
}

/** Waits until nothing waits and nothing is in doubt; says what is left if that does not come. */
async function stuckIn({ cluster, database }: Setting): Promise<string[]> {
  const name = new URL(database.url).pathname.slice(1)
  const deadline = Date.now() + QUIET_WITHIN_MS
  for (;;) {
    const left = await cluster.run<{ words: string }>(
      `select 'intent ' || name || ' ' || type as words from intents
        union all select 'dispatch ' || state from dispatches where state <> 'fenced'`,
      name,
    )
    if (left.length === 0) return []
    if (Date.now() > deadline) return left.map(({ words }) => `stuck: ${words}`)
    await sleep(200)
  }
}
