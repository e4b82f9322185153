import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { TLSSocket } from 'node:tls'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sharedStoreContract } from '../../../tests/contracts/shared-store.ts'
import { storeContract } from '../../../tests/contracts/store.ts'
import { mustGoOn, ROWS_KEPT, SCHEMA_7 } from '../../../tests/contracts/upgrade.ts'
import { openWay } from '../../../tests/replicas/proxy.ts'
import { type Database, freshStore, sharedCluster } from '../../../tests/support/postgres.ts'
import { keyIn, NOON, newIntent, record, ZONE, zoneFacts } from '../../../tests/support/samples.ts'
import { seededRandom } from '../../../tests/support/world.ts'
import { migrations } from '../migrations.ts'
import { StoreError } from '../store.ts'
import { openPostgresStore, type SharedStore } from './open.ts'

const loopback = (file: 'cert' | 'key') =>
  readFileSync(new URL(`../../../tests/support/loopback-${file}.pem`, import.meta.url))

/** Transactions that wait for a lock. */
const WAITING =
  "select 1 from pg_stat_activity where application_name = 'zonewright' and wait_event_type = 'Lock'"

/** Transactions of ours in which nothing happens. */
const LOCKED =
  "select 1 from pg_stat_activity where application_name = 'zonewright' and state = 'idle in transaction'"

describe('the shared store', () => {
  storeContract(() => freshStore({ leaseTime: 'given' }))
})

describe('replicas that share it', () => {
  let database: Database
  const open = () => openPostgresStore({ url: database.url, random: seededRandom(1), leaseTime: 'given' })
  beforeEach(async () => {
    database = await (await sharedCluster()).freshSchema()
  })
  afterEach(() => database.drop())
  sharedStoreContract(open)
})

describe('replicas', () => {
  const stores: SharedStore[] = []
  let database: Database

  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close()
    await database.drop()
  })

  async function empty(): Promise<void> {
    database = await (await sharedCluster()).freshSchema()
  }

  async function replicas(count: number): Promise<SharedStore[]> {
    await empty()
    stores.push(...(await Promise.all(Array.from({ length: count }, opened))))
    return stores
  }
  const opened = () => openPostgresStore({ url: database.url, random: seededRandom(1) })

  async function sql(text: string, parameters: readonly unknown[] = []): Promise<readonly object[]> {
    const client = new pg.Client(database.url)
    await client.connect()
    const { rows } = await client.query(text, [...parameters])
    await client.end()
    return rows
  }

  test('replicas that start at once over an empty database create it once', async () => {
    const six = await replicas(6)
    expect(await sql('select version from schema_migrations order by version')).toEqual(
      migrations.map(({ version }) => ({ version })),
    )
    for (const store of six) await expect(store.ping()).resolves.toBeUndefined()
  })

  test('replicas of the previous version run and start beside the next schema', async () => {
    const [before] = await replicas(1)
    await sql("insert into schema_migrations values (999, 'of tomorrow', 'tomorrow')")
    await sql("alter table intents add column of_tomorrow text not null default ''")
    await sql('create table of_tomorrow (id text primary key)')
    const one = await before!.addIntent(newIntent('www A 192.0.2.1'))
    const after = await opened()
    stores.push(after)
    expect(await after.waitingIntents(ZONE)).toEqual([one])
  })

  test('a replica keeps every row of an older database with work under way, and continues the work', async () => {
    await empty()
    await sql(SCHEMA_7.join('\n'))
    stores.push(...(await Promise.all([opened(), opened()])))
    const kept = new Map<string, number>()
    for (const table of ROWS_KEPT.keys()) {
      const [row] = await sql(`select count(*)::int as count from ${table}`)
      kept.set(table, (row as { count: number }).count)
    }
    expect(kept).toEqual(ROWS_KEPT)
    await mustGoOn(stores[0]!)
  })

  test('a replica refuses a database that needs a newer version', async () => {
    await replicas(1)
    await sql("update meta set value = '999' where key = 'needed_version'")
    await expect(opened()).rejects.toThrow(StoreError)
    await expect(opened()).rejects.toThrow(/needs version 999 of the schema, and this one knows \d+/)
  })

  test('a replica holds a lease by the clock of the database, whatever its own says', async () => {
    const [one, two] = await replicas(2)
    const [fast, slow] = [Date.now() + 3_600_000, Date.now() - 3_600_000]
    const lease = (await one!.holdLease(ZONE, 'one', slow, slow + 25_000))!
    expect(await two!.holdLease(ZONE, 'two', fast, fast + 25_000)).toBeUndefined()
    const intent = await one!.addIntent(newIntent('www A 192.0.2.1'))
    const batch = { changes: [], intents: [intent], names: [], at: slow }
    expect(await one!.dispatch(lease, batch, 30_000)).toBeUndefined()
    expect(await one!.dispatch({ ...lease }, batch, 11_000)).toBeDefined()

    await two!.holdLease('0d'.repeat(16), 'two', fast, fast + 1)
    const taken = () => one!.holdLease('0d'.repeat(16), 'one', slow, slow + 1)
    await expect.poll(taken).toBeDefined()
  })

  test('a replica repeats a transaction that had to give way', async () => {
    const [one] = await replicas(1)
    const listed = ['0a', '0b'].map((digits) => zoneFacts('example.com', { id: digits.repeat(16) }))
    const [first, last] = listed.map(({ id }) => id)
    await one!.rememberZones('credential', listed, NOON)

    // Somebody holds the last row and wants the first; we hold the first and want the last.
    const crossing = new pg.Client(database.url)
    await crossing.connect()
    const take = (id: string | undefined) =>
      crossing.query('update zones set seen_at = seen_at where zone_id = $1', [id])
    await crossing.query("begin; set local deadlock_timeout = '1h'")
    await take(last)
    const remembering = one!.rememberZones('credential', listed, NOON + 1)
    await expect.poll(async () => (await sql(WAITING)).length).toBe(1)
    await take(first)
    await crossing.query('commit')
    await crossing.end()
    expect((await remembering).map(({ seenAt }) => seenAt)).toEqual([NOON + 1, NOON + 1])
  })

  test('a replica goes on over new connections when the server ends them', async () => {
    const [one] = await replicas(1)
    await Promise.all(Array.from({ length: 20 }, () => one!.setState(ZONE, keyIn('www A'))))
    const mayBeKept = (error: unknown) =>
      expect((error as Error).message).toMatch(/a commit may have come through/)
    const end = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'zonewright'"
    for (let round = 0; round < 5; round += 1) {
      await Promise.all([
        sql(end),
        one!.rememberZones('credential', [], NOON).catch(mayBeKept),
        one!.changeBudget('credential', () => ({ budget: {}, answer: true })).catch(mayBeKept),
        one!.setState(ZONE, keyIn('www A')),
      ])
    }
    await expect(one!.ping()).resolves.toBeUndefined()
  })

  test('a replica stores words of Cloudflare with a character that PostgreSQL refuses', async () => {
    const [one] = await replicas(1)
    const lease = (await one!.holdLease(ZONE, 'one', NOON, NOON + 25_000))!
    const seen = [record('r1 www A 192.0.2.1', { comment: 'a\0b' })]
    await one!.keepTrustedRead(lease, { at: NOON, seen, gone: [], resolved: [], settled: [], drifted: [] })
    expect(await one!.recordsOf(ZONE)).toMatchObject([{ record: { comment: 'a\ufffdb' } }])
  })

  test('a replica cut off in a transaction blocks nobody for longer than five seconds', async () => {
    const [one] = await replicas(1)
    const { port } = await sharedCluster()
    const way = await openWay(port)
    const url = database.url.replace(`:${port}/`, `:${way.port}/`)
    const frozen = await openPostgresStore({ url, random: seededRandom(2) })
    const calls = (calls: number) => ({ budget: { calls }, answer: calls })
    await one!.changeBudget('credential', () => calls(1))

    // The row is locked, and nothing more will come.
    const cut = frozen.changeBudget('credential', () => {
      way.cut()
      return calls(100)
    })
    const failed = expect(cut).rejects.toThrow(StoreError)
    await expect.poll(async () => (await sql(LOCKED)).length).toBe(1)
    const startedAt = performance.now()
    const next = (budget: { calls: number } | undefined) => calls(budget!.calls + 1)
    expect(await one!.changeBudget('credential', next)).toBe(2)
    expect(performance.now() - startedAt).toBeLessThan(7_000)
    way.mend()
    await failed
    expect(await one!.changeBudget('credential', next)).toBe(3)
    await frozen.close()
    await way.close()
  })

  test('a server that may lose commits is detected', async () => {
    const [one] = await replicas(1)
    expect(await one!.forgetsCommits()).toBe(true)
  })

  test('a replica without a server says so, without the password', async () => {
    await empty()
    const opening = openPostgresStore({
      url: 'postgres://user:hidden-password@127.0.0.1:9/zonewright',
      random: seededRandom(1),
    })
    await expect(opening).rejects.toThrow(StoreError)
    await expect(opening).rejects.toThrow(/^The database did not answer \(ECONNREFUSED\)/)
    await expect(opening).rejects.not.toThrow(/hidden-password/)
  })

  test('a replica that is refused by the server says what of the URL is wrong', async () => {
    await empty()
    const opening = (change: Partial<URL>) => {
      const url = Object.assign(new URL(database.url), change).href
      return openPostgresStore({ url, random: seededRandom(1) })
    }
    await expect(opening({ pathname: '/nowhere' })).rejects.toThrow(
      /\(3D000\)\. It has no database of the name/,
    )
    await expect(opening({ username: 'nobody' })).rejects.toThrow(/\(28\w+\)\. It does not let in the user/)
  })

  test('a server certificate that is not trusted is reported with where to name its authority', async () => {
    await empty()
    const server = createServer((socket) => {
      // To an SSLRequest; what follows is TLS (PostgreSQL 15 documentation, 55.2.10 "SSL Session Encryption").
      socket.once('data', () => {
        socket.write('S')
        new TLSSocket(socket, { isServer: true, cert: loopback('cert'), key: loopback('key') }).on(
          'error',
          () => {},
        )
      })
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const url = `postgres://user@localhost:${port}/zonewright?sslmode=verify-full`
    const opening = openPostgresStore({ url, random: seededRandom(1) })
    await expect(opening).rejects.toThrow(
      /\(DEPTH_ZERO_SELF_SIGNED_CERT\)\. .* in sslrootcert of DATABASE_URL\./,
    )
    server.close()
  })
})
