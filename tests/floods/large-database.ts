import { createHash } from 'node:crypto'
import Database from 'better-sqlite3'
import { systemRandom } from '#platform/system.ts'
import { openSqliteStore } from '#store/sqlite/open.ts'

/** Zones at the emulator, each with so many sets of one address, and a database that has kept them for days. */
export interface LargeDatabase {
  readonly zones: number
  readonly sets: number
}

interface StateZone {
  readonly id: string
  readonly name: string
  readonly accountId: string
  readonly records: readonly { id: string; name: string; content: string; comment: string | null }[]
}

/** By hand at Cloudflare: a seed file would have all the zones printed. */
export async function fillEmulator(controlUrl: string, { zones, sets }: LargeDatabase): Promise<void> {
  for (let zone = 0; zone < zones; zone += 1) {
    const name = `z${zone}.example.com`
    const records = Array.from({ length: sets }, (_, set) => ({
      type: 'A',
      name: `n${set}.${name}`,
      content: `192.0.2.${(set % 250) + 1}`,
      ttl: 300,
      comment: 'zonewright:default',
    }))
    const body = JSON.stringify({ add: { name, recordQuota: 100_000, records } })
    const { ok } = await fetch(`${controlUrl}/zones`, { method: 'POST', body })
    if (!ok) throw new Error(`the emulator did not take ${name}`)
  }
}

/** All that the emulator holds is managed, and was read so long ago that it is due. */
export async function fillDatabase(path: string, controlUrl: string, token: string): Promise<void> {
  const { zones } = (await (await fetch(`${controlUrl}/state`)).json()) as { zones: StateZone[] }
  // With all its tables.
  await (await openSqliteStore({ path, random: systemRandom, now: Date.now })).close()
  const credential = createHash('sha256').update(token).digest('hex').slice(0, 8)
  const readAt = Date.now() - LONG_AGO_MS
  const database = new Database(path)
  const insert = (table: string, row: Record<string, string | number | null>) => {
    const columns = Object.keys(row)
    const into = `insert into ${table} (${columns}) values (${columns.map(() => '?')})`
    database.prepare(into).run(...Object.values(row))
  }
  database.transaction(() => {
    let generation = 0
    for (const { id: zone_id, name: zone, accountId: account_id, records } of zones) {
      const facts = { status: 'active', type: 'full', paused: 0, plan: 'free', name_servers: '[]' }
      const seen = { permissions: '["#dns_records:edit"]', seen_at: readAt, missing_since: null }
      insert('zones', { credential, zone_id, name: zone, account_id, ...facts, ...seen })
      const lease = { lease_owner: null, lease_until: 0, lease_epoch: 1 }
      insert('zone_states', { zone_id, ...lease, read_at: readAt, full_until: 0 })
      for (const { id, name, content, comment } of records) {
        generation += 1
        const wanted = JSON.stringify({ name, type: 'A', ttl: 300, values: [content] })
        const managed = {
          caller: 'default',
          generation,
          settled: 1,
          proxied: 0,
          since: readAt,
          refusal: null,
        }
        insert('record_sets', { zone_id, name, type: 'A', wanted, ...managed })
        const record = { cloudflare_record_id: id, record_type: 'A', name, content, proxied: 0, ttl: 300 }
        const kept = { comment, read_only: 0, confirmed_at: 0, synced_at: readAt }
        insert('dns_records_cache', {
          id: `callers/${zone_id}/${id}`,
          holder: 'callers',
          zone_id,
          ...record,
          ...kept,
        })
      }
    }
    database.prepare("update sequences set value = ? where name = 'generation'").run(generation)
  })()
  database.close()
}

const LONG_AGO_MS = 30 * 3_600_000
