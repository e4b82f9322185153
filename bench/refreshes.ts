import { setTimeout } from 'node:timers/promises'
import { sendAll, signedUpsert } from './load.ts'
import { atMost, type Row } from './row.ts'
import { createSetting, sets } from './setting.ts'

const SETS = 5_000
/** As often as there can be. */
const REFRESH_SECONDS = 5
const REFRESHES = 4
const ASK_EVERY_MS = 5

/** For how long nobody is answered while a zone of 5,000 sets is read again and compared. */
export async function refreshes(): Promise<Row[]> {
  const setting = await createSetting({ env: { MIRROR_REFRESH_SECONDS: String(REFRESH_SECONDS) } })
  const { webhook } = setting
  await sendAll(webhook.port, sets(SETS).map(signedUpsert), { connections: 200 })

  const url = `http://127.0.0.1:${webhook.metricsPort}/livez`
  const until = performance.now() + REFRESHES * REFRESH_SECONDS * 1_000
  let longest = 0
  while (performance.now() < until) {
    const askedAt = performance.now()
    await (await fetch(url, { headers: { connection: 'close' } })).text()
    longest = Math.max(longest, performance.now() - askedAt)
    await setTimeout(ASK_EVERY_MS)
  }
  await setting.end()
  return [atMost(300, longest, `a refresh of ${SETS} sets: the longest wait for /livez meanwhile`, ' ms')]
}
