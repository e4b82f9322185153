import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '#platform/ports.ts'
import { goJson, goTimestamp, type OperatorClient, operatorClient } from '../support/operator-client.ts'
import type { RunningWebhook } from '../support/processes.ts'
import { seededRandom } from '../support/world.ts'
import { createLedger, recordOf, type Wanted } from './ledger.ts'
import { createSetting, integrityOf, rowsIn, SECRET, type Setting } from './setting.ts'

export interface Killing {
  readonly ack: 'cloudflare' | 'accepted'
  readonly kills: number
  readonly seed: number
}

export interface Killed {
  readonly promises: number
  /** Everything that must not be, in words. */
  readonly faults: readonly string[]
}

const CALLERS = 12
/** A quarter of the requests go here, so that changes meet; a name whose change is in doubt keeps its callers waiting. */
const BUSY_NAMES = 40
const OTHER_NAMES = 2_000
/** How long a life may take to its first answer, where it is to have one. */
const FIRST_ANSWER_WITHIN_MS = 6_000
const QUIET_WITHIN_MS = 40_000

/**
 * A webhook under load from several callers, ended by `kill -9` at random moments and started again over the same
 * file; then left alone until nothing is under way any more, and held to all that it promised.
 */
export async function killAgainAndAgain({ ack, kills, seed }: Killing): Promise<Killed> {
  const setting = await createSetting()
  const random = seededRandom(seed)
  const ledger = createLedger()
  const faults: string[] = []
  const remembered: Answered[] = []
  const busy = new Set<string>()
  let version = 0

  /** One caller: one request after the other, until its webhook is dead. */
  async function call(client: OperatorClient, isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const set = nextSet()
      busy.add(set.subdomain)
      ledger.asked(set)
      const request = { nonce: random.hex(16), now: Date.now() }
      Object.assign(stamp, request)
      const reply = await ask(client, set).catch(() => undefined)
      busy.delete(set.subdomain)
      if (reply === undefined || reply.status === 503) continue
      if (reply.status !== 200) {
        faults.push(`${reply.status} ${reply.text}`)
        continue
      }
      ledger.promised(set)
      remembered.push({ ...request, set })
      if (ack === 'cloudflare') faults.push(...ledger.broken(setting.emulator.emulator))
    }
  }

  function nextSet(): Wanted {
    const isBusyName = random.fraction() < 0.25
    let number = isBusyName ? below(random, BUSY_NAMES) : BUSY_NAMES + below(random, OTHER_NAMES)
    while (busy.has(nameOf(number))) number += 1
    version += 1
    const type = number % 3 === 0 ? 'TXT' : 'A'
    return { type, subdomain: nameOf(number), version: random.fraction() < 0.15 ? null : version }
  }

  /** Every third life may end before it has answered anything; the others have begun to, however slow the machine. */
  async function live(webhook: RunningWebhook, number: number): Promise<void> {
    let isOver = false
    const clients = Array.from({ length: CALLERS }, () => clientOf(webhook))
    const before = ledger.promises
    const calling = clients.map((client) => call(client, () => isOver))
    const answerBy = Date.now() + (number % 3 === 0 ? 0 : FIRST_ANSWER_WITHIN_MS)
    while (ledger.promises === before && Date.now() < answerBy) await sleep(5)
    await sleep(10 + below(random, 290))
    isOver = true
    await webhook.end('SIGKILL')
    for (const client of clients) client.close()
    await Promise.all(calling)
  }

  try {
    for (let kill = 0; kill < kills; kill += 1) {
      const webhook = await setting.start({ ACK: ack })
      faults.push(...(await replaysTaken(webhook, remembered.splice(0))))
      await live(webhook, kill)
      const integrity = integrityOf(setting.database)
      if (integrity !== 'ok') faults.push(`after kill ${kill + 1}: ${integrity}`)
    }
    const webhook = await setting.start({ ACK: ack })
    faults.push(...(await replaysTaken(webhook, remembered.splice(0))))
    faults.push(...(await stuckIn(setting)))
    faults.push(...ledger.broken(setting.emulator.emulator))
    const code = await webhook.end()
    if (code !== 0) faults.push(`it ended with ${code}: ${webhook.printed().slice(-2_000)}`)
    return { promises: ledger.promises, faults }
  } finally {
    await setting.end()
  }
}

interface Answered {
  readonly nonce: string
  /** Milliseconds since 1970. */
  readonly now: number
  readonly set: Wanted
}

/** For the request that is signed next: it is signed before anybody else has a turn. */
const stamp = { nonce: '', now: 0 }

function clientOf({ port }: RunningWebhook): OperatorClient {
  const server = `http://127.0.0.1:${port}`
  return operatorClient({ server, secret: SECRET, nonce: () => stamp.nonce, now: () => stamp.now })
}

function ask(client: OperatorClient, set: Wanted) {
  const record = recordOf(set)
  return set.version === null
    ? client.delete(set.type, record.domain, record.subdomain)
    : client.send('POST', '/records', goJson({ record, operation: 'upsert' }))
}

/** The answered requests of the life before, octet for octet: none may be taken again. */
async function replaysTaken(webhook: RunningWebhook, answered: readonly Answered[]): Promise<string[]> {
  const client = clientOf(webhook)
  const faults: string[] = []
  for (const { set, nonce, now } of answered.slice(-25)) {
    Object.assign(stamp, { nonce, now })
    const { status, json } = await ask(client, set)
    if (status !== 401 || json?.error?.code !== 'NONCE_REUSED') {
      faults.push(`a replay from ${goTimestamp(now)} was answered ${status}`)
    }
  }
  client.close()
  return faults
}

/** Waits until nothing waits and nothing is in doubt; says what is left if that does not come. */
async function stuckIn({ database }: Setting): Promise<string[]> {
  const deadline = Date.now() + QUIET_WITHIN_MS
  for (;;) {
    const left = rowsIn(
      database,
      `select 'intent' as what, name || ' ' || type as words from intents
        union all select 'dispatch', state from dispatches where state <> 'fenced'`,
    )
    if (left.length === 0) return []
    if (Date.now() > deadline) return left.map(({ what, words }) => `stuck: ${what} ${words}`)
    await sleep(100)
  }
}

function nameOf(number: number): string {
  return `host-${number}`
}

function below(random: Random, limit: number): number {
  return Math.floor(random.fraction() * limit)
}
