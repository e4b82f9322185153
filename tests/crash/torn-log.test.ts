import { cpSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseName } from '#dns/name.ts'
import { openSqliteStore } from '#store/sqlite/open.ts'
import { operatorClient } from '../support/operator-client.ts'
import { SEED } from '../support/seed.ts'
import { seededRandom } from '../support/world.ts'
import { createSetting, integrityOf, SECRET, type Setting, ZONE } from './setting.ts'

/** As a machine that lost its power leaves it: the database as it was, and only the beginning of its log. */

const CUTS = 50
const WAL_HEADER = 32
const FRAME_HEADER = 24

interface Answered {
  readonly subdomain: string
  readonly nonce: string
  /** Octets that the log had when the answer was here. */
  readonly logged: number
}

let setting: Setting
let log: Buffer
let answered: readonly Answered[]

beforeAll(async () => {
  setting = await createSetting()
  const webhook = await setting.start({ ACK: 'accepted' })
  let nonce = ''
  const server = `http://127.0.0.1:${webhook.port}`
  const client = operatorClient({ server, secret: SECRET, nonce: () => nonce })
  const answers: Answered[] = []
  for (let number = 0; number < 40; number += 1) {
    nonce = `nonce-number-${number}`
    const subdomain = `host-${number}`
    const reply = await client.upsert({ type: 'A', domain: ZONE, subdomain, values: ['192.0.2.1'] })
    expect(reply.status).toBe(200)
    answers.push({ subdomain, nonce, logged: statSync(`${setting.database}-wal`).size })
  }
  client.close()
  await webhook.end('SIGKILL')
  log = readFileSync(`${setting.database}-wal`)
  answered = answers
}, 60_000)
afterAll(() => setting.end())

test(`a log cut at ${CUTS} places opens, is sound, and has all that was answered before the cut`, async () => {
  // The page size is in the header; a log that began anew would no longer tell when what was written.
  const frame = FRAME_HEADER + log.readUInt32BE(8)
  expect(log.length).toBeLessThan(1_000 * frame)
  const random = seededRandom(SEED)
  const edges = Math.floor((log.length - WAL_HEADER) / frame)
  for (let number = 0; number < CUTS; number += 1) {
    const anywhere = Math.floor(random.fraction() * log.length)
    const atEdge = WAL_HEADER + frame * Math.floor(random.fraction() * (edges + 1))
    await expectKept(number % 2 === 0 ? atEdge : anywhere, number)
  }
}, 60_000)

async function expectKept(length: number, number: number): Promise<void> {
  const folder = join(setting.folder, `cut-${number}`)
  mkdirSync(folder)
  const path = join(folder, 'state.db')
  cpSync(setting.database, path)
  writeFileSync(`${path}-wal`, log.subarray(0, length))
  expect(integrityOf(path), `cut at ${length}`).toBe('ok')

  const now = Date.now()
  const random = seededRandom(number)
  const store = await openSqliteStore({ path, exclusive: true, random, now: () => now, bootId: undefined })
  const [zone] = await store.knownZones()
  for (const { subdomain, nonce } of answered.filter(({ logged }) => logged <= length)) {
    const name = parseName(`${subdomain}.${ZONE}`)
    if (!name.ok || zone === undefined) throw new Error(`the log of ${length} octets has not even a zone`)
    const { managed, pending } = await store.setState(zone.id, { name: name.value, type: 'A' })
    expect((pending ?? managed)?.wanted?.values, `${subdomain}, cut at ${length}`).toEqual(['192.0.2.1'])
    expect(await store.claimNonce('default', nonce, now + 1), `${nonce}, cut at ${length}`).toBe(false)
  }
  await store.close()
}
