import { chmodSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import { operatorClient, type Reply } from '../support/operator-client.ts'
import type { Program } from '../support/processes.ts'
import { type SmallDisk, smallDisk } from './full-disk.ts'
import { createLedger, recordOf } from './ledger.ts'
import { createSetting, integrityOf, SECRET, type Setting } from './setting.ts'

let setting: Setting
let disk: SmallDisk | undefined

afterEach(async () => {
  await setting.end()
  disk?.remove()
  disk = undefined
})

test.each(['cloudflare', 'accepted'] as const)(
  'a full disk is 503 to whoever asks, takes back no promise, and heals when there is space again (ACK=%s)',
  async (ack) => {
    disk = smallDisk()
    setting = await createSetting(disk.folder)
    const { emulator } = setting.emulator
    const webhook = await setting.start({ ACK: ack })
    const client = operatorClient({ server: `http://127.0.0.1:${webhook.port}`, secret: SECRET })
    const ledger = createLedger()
    let version = 0

    async function upsert(): Promise<Reply> {
      version += 1
      const set = { type: 'A', subdomain: `host-${version % 7}`, version } as const
      ledger.asked(set)
      const reply = await client.upsert(recordOf(set))
      if (reply.status === 200) ledger.promised(set)
      return reply
    }

    for (let number = 0; number < 5; number += 1) expect((await upsert()).status).toBe(200)
    disk.fill(webhook.pid, setting.database)
    const replies: Reply[] = []
    while (replies.filter(({ status }) => status === 503).length < 5) replies.push(await upsert())
    for (const { status, json } of replies) {
      expect([200, 503]).toContain(status)
      if (status === 503) expect(json?.error?.code).toBe('SERVER_ERROR')
    }
    if (ack === 'cloudflare') expect(ledger.broken(emulator)).toEqual([])

    disk.heal(webhook.pid)
    await expect.poll(async () => (await upsert()).status, { timeout: 20_000 }).toBe(200)
    for (let number = 0; number < 7; number += 1) expect((await upsert()).status).toBe(200)
    await expect.poll(() => ledger.broken(emulator), { timeout: 20_000 }).toEqual([])
    client.close()
    expect(await webhook.end()).toBe(0)
    expect(integrityOf(setting.database)).toBe('ok')
  },
  90_000,
)

test('a database that may only be read is said so, with what to do, instead of serving', async () => {
  setting = await createSetting()
  await (await setting.start()).end()
  chmodSync(setting.database, 0o444)
  chmodSync(setting.folder, 0o555)
  await expect(setting.start({}, asNobody)).rejects.toThrow(/SQLITE_READONLY.* must be writable/)
  chmodSync(setting.folder, 0o755)
})

/** To root every file is writable. */
function asNobody({ command, args }: Program): Program {
  if (process.getuid?.() !== 0) return { command, args }
  return { command: 'setpriv', args: ['--reuid=65534', '--regid=65534', '--clear-groups', command, ...args] }
}
