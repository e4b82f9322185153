import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SECRET, ZONE } from '../crash/setting.ts'
import { operatorClient, type Reply } from '../support/operator-client.ts'
import { openService, type Service } from './service.ts'
import { createSetting, type Replica, type Setting } from './setting.ts'

const CALLERS = 12

/** What the next version might bring: a column in every table that is busy, an index, and a table. */
const TOMORROW = `
  begin;
  alter table intents add column of_tomorrow text not null default '';
  alter table zone_states add column of_tomorrow bigint not null default 0;
  alter table record_sets add column of_tomorrow text;
  alter table dns_records_cache add column of_tomorrow text;
  alter table nonces add column of_tomorrow text;
  create table of_tomorrow (id text primary key);
  create index of_tomorrow_by_intent on intents (of_tomorrow);
  insert into schema_migrations values (999, 'of tomorrow', 'tomorrow');
  commit`

let setting: Setting
let service: Service

beforeAll(async () => {
  setting = await createSetting()
  service = await openService()
}, 60_000)
afterAll(async () => {
  await service.close()
  await setting.end()
})

test('two replicas are replaced under load, over a schema that is brought up to date, and no request fails', async () => {
  const failures: string[] = []
  let answers = 0
  let isOver = false

  const start = async () => {
    const replica = await setting.start({ env: { SHUTDOWN_DELAY_SECONDS: '1' } })
    await service.add(replica.webhook)
    return replica
  }

  function note(what: string, { status, text }: Pick<Reply, 'status' | 'text'>): void {
    answers += 1
    if (status !== 200) failures.push(`${what}: ${status} ${text}`)
  }

  /** A set of its own, as the operator does it: declared, read, declared again, changed, and now and then taken away. */
  async function call(caller: number): Promise<void> {
    const client = operatorClient({ server: `http://127.0.0.1:${service.port}`, secret: SECRET })
    const set = { type: 'A', domain: ZONE, subdomain: `caller-${caller}`, ttl: 300 }
    const cutOff = (error: unknown) => ({ status: 0, text: String(error) })
    for (let round = 0; !isOver; round += 1) {
      const values = [`192.0.2.${(round % 250) + 1}`]
      note('change', await client.upsert({ ...set, values }).catch(cutOff))
      for (let again = 0; again < 5; again += 1) {
        note('unchanged', await client.upsert({ ...set, values }).catch(cutOff))
        note('get', await client.get('A', ZONE, set.subdomain).catch(cutOff))
        // Half of them pause for a while, with their connection open.
        if (caller % 2 === 0) await sleep(100)
      }
      if (round % 3 === 2) note('delete', await client.delete('A', ZONE, set.subdomain).catch(cutOff))
    }
    client.close()
  }

  /** As our own migrations do: whoever is chosen to give way in a deadlock begins again. */
  async function bringUpToDate(): Promise<void> {
    try {
      await setting.cluster.run(TOMORROW, new URL(setting.database.url).pathname.slice(1))
    } catch (error) {
      if ((error as { code?: string }).code !== '40P01') throw error
      await bringUpToDate()
    }
  }

  let replicas: Replica[] = [await start(), await start()]
  const calling = Array.from({ length: CALLERS }, (_, caller) => call(caller))
  await expect.poll(() => answers, { timeout: 10_000 }).toBeGreaterThan(CALLERS)
  await bringUpToDate()
  for (const old of [...replicas]) {
    const next = await start()
    replicas = [...replicas.filter((one) => one !== old), next]
    expect(await old.webhook.end('SIGTERM')).toBe(0)
    const before = answers
    await expect.poll(() => answers, { timeout: 10_000 }).toBeGreaterThan(before + CALLERS)
  }
  isOver = true
  await Promise.all(calling)
  expect(failures).toEqual([])
}, 90_000)
