import type { Flooded, FloodKind } from '../tests/floods/flood.ts'
import { start } from '../tests/support/processes.ts'
import { openConnection, percentile, sendAll, signedUpsert } from './load.ts'
import { processorTime, residentMemory } from './machine.ts'
import { atMost, type Row, reported } from './row.ts'
import { createSetting, sets } from './setting.ts'

const FLOOD = 5_000
const ROUNDS = 5
const GOOD = 200
const SECONDS = 4
const CONNECTIONS = 16
const SETS = 100

const KINDS: readonly { kind: FloodKind; what: string }[] = [
  { kind: 'unsigned', what: 'unsigned' },
  { kind: 'forged', what: 'wrongly signed' },
  { kind: 'connecting', what: 'unsigned, each on a connection of its own' },
]

/** What strangers do to the callers beside them: 5,000 requests a second that are refused. */
export async function floods(): Promise<Row[]> {
  const setting = await createSetting()
  const { webhook } = setting
  await sendAll(webhook.port, sets(SETS).map(signedUpsert))
  const rows: Row[] = []
  const calls = await setting.callsDuring(async () => {
    // Of the first requests of a process all are slow, good ones and others.
    for (const { kind } of KINDS) await withFlood(webhook.port, kind, () => goodTraffic(webhook.port))
    for (const { kind, what } of KINDS) rows.push(...(await rowsOf(webhook, kind, what)))
  })
  rows.push(
    atMost(0, calls, 'floods: calls to Cloudflare'),
    atMost(100, residentMemory(webhook.pid).most, 'floods: resident memory at most', ' MiB'),
  )
  await setting.end()
  return rows
}

async function rowsOf(
  webhook: { readonly pid: number; readonly port: number },
  kind: FloodKind,
  what: string,
): Promise<Row[]> {
  const quiet: Round[] = []
  const flooded: Round[] = []
  let refused = 0
  let seconds = 0
  // In turn, so that whatever else the machine does happens to both.
  for (let round = 0; round < ROUNDS; round += 1) {
    quiet.push(await measured(webhook, () => goodTraffic(webhook.port)))
    flooded.push(
      await measured(webhook, async () => {
        const { waits, told } = await withFlood(webhook.port, kind, () => goodTraffic(webhook.port))
        refused += told.sent
        seconds += told.seconds
        return waits
      }),
    )
  }
  const waits = (rounds: readonly Round[], share: number) =>
    percentile({ waits: rounds.flatMap((round) => round.waits).sort((a, b) => a - b) }, share)
  const microseconds = (rounds: readonly Round[]) =>
    rounds.reduce((sum, round) => sum + round.microseconds, 0)
  const slower = (share: number): Row => {
    const [before, during] = [waits(quiet, share), waits(flooded, share)]
    return {
      ...atMost(
        2,
        during / before,
        `floods: ${what}, ${FLOOD}/s: p${share * 100} of good upserts, times the quiet one`,
      ),
      beside: `${before.toFixed(2)} ms and ${during.toFixed(2)} ms`,
    }
  }
  const each = (microseconds(flooded) - microseconds(quiet)) / refused
  return [
    slower(0.5),
    slower(0.99),
    {
      ...reported(each, `the same: processor time for each that is refused`, ' µs'),
      beside: `${(refused / seconds).toFixed(0)}/s were sent`,
    },
  ]
}

async function withFlood(port: number, kind: FloodKind, work: () => Promise<readonly number[]>) {
  const stranger = start(
    { command: process.execPath, args: ['.zonewright/bench/flood-program.js'] },
    [String(port), kind, String(FLOOD)],
    {},
  )
  await stranger.says(/flooding/)
  const waits = await work()
  await stranger.end()
  const told = JSON.parse((await stranger.says(/^\{.*\}$/m))[0]) as Flooded
  if (told.statuses[401] !== told.sent) throw new Error(`not all were refused: ${JSON.stringify(told)}`)
  return { waits, told }
}

type Connection = Awaited<ReturnType<typeof openConnection>>

interface Round {
  readonly waits: readonly number[]
  /** Of processor time, in all. */
  readonly microseconds: number
}

/** The same number of good upserts each time; whatever else is done beside them costs what it takes more. */
async function measured(
  { pid }: { readonly pid: number },
  work: () => Promise<readonly number[]>,
): Promise<Round> {
  const before = processorTime(pid)
  const waits = await work()
  return { waits, microseconds: processorTime(pid) - before }
}

/** Unchanged upserts at an even pace; the milliseconds that each took, from its own sending. */
async function goodTraffic(port: number): Promise<number[]> {
  const requests = Array.from({ length: GOOD * SECONDS }, (_, number) =>
    signedUpsert(sets(SETS)[number % SETS]!),
  )
  const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => openConnection(port)))
  const free = [...connections]
  const wanting: ((connection: Connection) => void)[] = []
  const startedAt = performance.now()
  const waits = await Promise.all(
    requests.map(async (request, index) => {
      const early = startedAt + (index * 1000) / GOOD - performance.now()
      await new Promise((resolve) => setTimeout(resolve, early))
      const sentAt = performance.now()
      const connection = free.shift() ?? (await new Promise<Connection>((resolve) => wanting.push(resolve)))
      const status = await connection.send(request)
      if (status !== 200) throw new Error(`a good one was answered ${status}`)
      const next = wanting.shift()
      if (next === undefined) free.push(connection)
      else next(connection)
      return performance.now() - sentAt
    }),
  )
  for (const connection of connections) connection.close()
  return waits
}
