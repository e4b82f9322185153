import { writeFileSync } from 'node:fs'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { sharedCluster } from '../../../tests/support/postgres.ts'
import { run } from '../run.ts'
import { openPractice } from './testing.ts'

const practice = openPractice()

describe('the database', () => {
  test('that is behind is told', async () => {
    const { path } = practice
    await practice.migrate()
    const connection = new Database(path)
    connection.exec('delete from schema_migrations where version > 2')
    connection.close()
    expect((await practice.doctor()).wrong[0]).toMatch(
      /^! database: .*state\.db is \d steps behind; run zonewright migrate; serve does it too\.$/,
    )
  })

  test('in which two customers have one domain is told', async () => {
    await practice.migrate()
    const connection = new Database(practice.path)
    const add = connection.prepare(
      "insert into customers (id, email, domain, target_ipv4, target_ipv6, created_at) values (?, ?, ?, '[]', '[]', 0)",
    )
    for (const [id, domain] of ['example.com', 'example.net', 'example.com'].entries())
      add.run(`${id}`, `${id}@example.org`, domain)
    connection.close()
    expect((await practice.doctor()).wrong[0]).toMatch(
      /^! customers: example\.com is the domain of more than one customer/,
    )
  })

  test('that needs a newer program is told', async () => {
    await practice.migrate()
    const connection = new Database(practice.path)
    connection.exec("update meta set value = '999' where key = 'needed_version'")
    connection.close()
    const { code, wrong } = await practice.doctor()
    expect([code, wrong[0]]).toEqual([
      1,
      expect.stringMatching(/^✗ database: .*needs version 999 of the schema/),
    ])
  })

  test('that somebody holds locked is told', async () => {
    await practice.migrate()
    const connection = new Database(practice.path)
    connection.exec('begin immediate')
    const { code, wrong } = await practice.doctor()
    connection.close()
    expect(code).toBe(1)
    expect(wrong[0]).toMatch(/^✗ database: .*state\.db cannot be written to: SQLITE_BUSY; /)
  })

  test('that is none is told', async () => {
    const { path } = practice
    writeFileSync(
      path,
      'This is a text, and no database of any kind; it is long enough to be looked at.'.repeat(9),
    )
    expect((await practice.doctor()).wrong[0]).toMatch(
      /^✗ database: .*state\.db cannot be read \(SQLITE_NOTADB\); /,
    )
    const nowhere = await practice.doctor({ DATABASE_URL: `sqlite:${path}.folder/state.db` })
    expect(nowhere.wrong[0]).toMatch(/^✗ database: There is no folder .*\.folder; /)
  })

  test('of PostgreSQL is looked at in the same way, its clock too', async () => {
    const cluster = await sharedCluster()
    const { url, drop } = await cluster.freshDatabase()
    practice.atEnd(drop)
    const change = { DATABASE_URL: url }
    const empty = await practice.doctor(change)
    expect([empty.code, empty.wrong[0]]).toEqual([
      0,
      expect.stringMatching(/^! database: postgres:\/\/\S+ is \d+ steps behind; run zonewright migrate/),
    ])
    await run(['migrate'], {
      stdout: () => {},
      stderr: () => {},
      env: change,
      readFile: () => '',
      untilAskedToEnd: async () => {},
      whenAskedToReload: () => {},
    })
    const { lines } = await practice.doctor(change)
    expect(lines).toContainEqual(
      expect.stringMatching(/^✓ database: postgres:\/\/\S+ is up to date and can be/),
    )
    expect(lines).toContain('✓ database clock: is that of this machine.')
    const name = new URL(url).pathname.slice(1)
    await cluster.run(`alter database "${name}" set default_transaction_read_only = on`)
    expect((await practice.doctor(change)).wrong[0]).toMatch(
      /^✗ database: .*its transactions are read-only by default; /,
    )
  })

  test('of PostgreSQL that is away is told, without its password', async () => {
    const { lines, wrong } = await practice.doctor({
      DATABASE_URL: 'postgres://user:pass-word@127.0.0.1:1/zonewright',
    })
    expect(wrong[0]).toMatch(/^✗ database: postgres:\/\/127\.0\.0\.1:1\/zonewright: .*ECONNREFUSED/)
    expect(lines.join()).not.toContain('pass-word')
  })
})
