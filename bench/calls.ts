import type { ClientRecord } from '../tests/support/operator-client.ts'
import { createGuide } from './guide.ts'
import { type Load, sendAll, signedDelete, signedUpsert } from './load.ts'
import { atMost, type Row } from './row.ts'
import { createSetting, type Setting, sets, TOKEN } from './setting.ts'

/** How many calls to Cloudflare what people do with record sets costs, beside the algorithm of the guide. */

/** What 1,000 sets at once may cost, and 20 of which each waits for the one before. */
const STEPS: readonly Step[] = [
  // To know the zone and its records, the first set alone, and the rest in batches of 200.
  { what: 'new sets', records: (count) => sets(count), atOnce: 8, inTurn: 22 },
  { what: 'unchanged sets', records: (count) => sets(count), atOnce: 0, inTurn: 0 },
  {
    what: 'one change among them',
    records: (count) => sets(count).with(0, sets(1, 1)[0]!),
    atOnce: 1,
    inTurn: 1,
  },
  { what: 'changed sets', records: (count) => sets(count, 1).with(0, sets(1)[0]!), atOnce: 8, inTurn: 20 },
  { what: 'deleted sets', records: (count) => sets(count), atOnce: 8, inTurn: 20, isDelete: true },
]

interface Step {
  readonly what: string
  readonly records: (count: number) => readonly ClientRecord[]
  readonly atOnce: number
  readonly inTurn: number
  readonly isDelete?: boolean
}

const MANY = 1_000
/** Each of them is a call and waits for it; the rest would be the same. */
const FEW = 20

export async function callsAtOnce(): Promise<Row[]> {
  const setting = await createSetting()
  const guides = await createSetting()
  const guide = createGuide(guides.emulator.apiUrl, TOKEN)
  const rows: Row[] = []
  for (const { what, records, atOnce, isDelete = false } of STEPS) {
    const calls = await setting.callsDuring(() => sent(setting, records(MANY), isDelete, MANY))
    const before = guide.calls
    await Promise.all(records(MANY).map((record) => (isDelete ? guide.delete(record) : guide.upsert(record))))
    rows.push({
      ...atMost(atOnce, calls, `calls: 1,000 at once, ${what}`),
      beside: `${guide.calls - before} (guide)`,
    })
  }
  guide.close()
  await setting.end()
  await guides.end()
  return rows
}

export async function callsOneAfterAnother(): Promise<Row[]> {
  const setting = await createSetting()
  const rows: Row[] = []
  for (const { what, records, inTurn, isDelete = false } of STEPS) {
    const calls = await setting.callsDuring(() => sent(setting, records(FEW), isDelete, 1))
    const title = `calls: ${FEW} one after another, ${what}`
    rows.push({ ...atMost(inTurn, calls, title), beside: `${FEW * 3} (guide)` })
  }
  await setting.end()
  return rows
}

/** As the operator's one worker sends its first sync, under Cloudflare's real limit. */
export async function callsOfFirstSync(): Promise<Row[]> {
  const count = 10_000
  const setting = await createSetting({ quota: 1_200, env: { ACK: 'accepted' } })
  const startedAt = performance.now()
  const calls = await setting.callsDuring(async () => {
    await sent(setting, sets(count), false, 1)
    while ((await setting.records()) < count) await new Promise((resolve) => setTimeout(resolve, 500))
  })
  const seconds = (performance.now() - startedAt) / 1000
  await setting.end()
  const title = 'calls: 10,000 new sets from one worker, ACK=accepted, 1,200 calls in 5 minutes'
  return [{ ...atMost(60, calls, title), beside: `30000 (guide); it took ${seconds.toFixed(0)} s` }]
}

/** Cloudflare takes 8,192 characters of TXT at one name; we leave that to Cloudflare to say. */
export async function callsOfOneRefused(): Promise<Row[]> {
  const setting = await createSetting()
  const bad: ClientRecord = {
    ...sets(1)[0]!,
    type: 'TXT',
    subdomain: 'too-much',
    values: Array.from({ length: 5 }, (_, number) => `${number}`.repeat(2_000)),
  }
  const records = sets(200).with(100, bad)
  let load: Load | undefined
  const calls = await setting.callsDuring(async () => {
    load = await exchanged(setting, records, false, records.length)
  })
  const done = load?.statuses[200] ?? 0
  await setting.end()
  const row = atMost(18, calls, 'calls: 200 new sets, one refused by Cloudflare')
  return [{ ...row, met: row.met === true && done === 199, beside: `${done} of them done` }]
}

async function sent(...args: Parameters<typeof exchanged>): Promise<void> {
  const { statuses, requests } = await exchanged(...args)
  if (statuses[200] !== requests) throw new Error(`not all were done: ${JSON.stringify(statuses)}`)
}

function exchanged(
  { webhook }: Setting,
  records: readonly ClientRecord[],
  isDelete: boolean,
  connections: number,
): Promise<Load> {
  return sendAll(webhook.port, records.map(isDelete ? signedDelete : signedUpsert), { connections })
}
