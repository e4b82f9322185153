import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import Database from 'better-sqlite3'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { storeContract } from '../../../tests/contracts/store.ts'
import { mustGoOn, ROWS_KEPT, SCHEMA_7 } from '../../../tests/contracts/upgrade.ts'
import { bundled, startProgram } from '../../../tests/support/child-program.ts'
import { keyIn, NOON, newIntent, post, record, ZONE } from '../../../tests/support/samples.ts'
import { seededRandom } from '../../../tests/support/world.ts'
import type { Lease } from '../coordination.ts'
import { type Store, StoreError } from '../store.ts'
import { sqliteBuild } from '../transaction.ts'
import { markSettled } from '../transactions/sets.ts'
import { openSqliteStore, type SqliteOptions } from './open.ts'

const random = seededRandom(1)

describe('the embedded store', () => {
  storeContract(() => openSqliteStore({ path: ':memory:', random, now: () => NOON, bootId: undefined }))
})

describe('others have their turn', () => {
  const records = Array.from({ length: 1_500 }, (_, number) =>
    record(`r${number} host-${number} A 192.0.2.1`),
  )
  let store: Store
  let lease: Lease
  beforeEach(async () => {
    store = await openSqliteStore({ path: ':memory:', random, now: () => NOON, bootId: undefined })
    lease = (await store.holdLease(ZONE, 'me', NOON, NOON + 25_000))!
  })
  afterEach(() => store.close())

  const othersHadTheirTurnIn = async (work: () => Promise<unknown>) => {
    let hadIt = false
    setImmediate(() => {
      hadIt = true
    })
    await work()
    return hadIt
  }
  const nothingElse = { gone: [], resolved: [], settled: [], drifted: [] }

  test('other work runs while a large zone is read or stored', async () => {
    const kept = () => store.keepTrustedRead(lease, { at: NOON, seen: records, ...nothingElse })
    expect(await othersHadTheirTurnIn(kept)).toBe(true)
    expect(await othersHadTheirTurnIn(() => store.recordsOf(ZONE))).toBe(true)
  })

  test('other work runs while much is written', async () => {
    const all = async () => {
      for (const { name } of records)
        await store.addCorrection(newIntent(`${name.split('.')[0]} A 192.0.2.1`), undefined)
    }
    expect(await othersHadTheirTurnIn(all)).toBe(true)
  })
})

describe('a file', () => {
  let folder: string
  let path: string
  beforeEach(() => {
    folder = mkdtempSync(`${tmpdir()}/zonewright-`)
    path = `${folder}/zonewright.db`
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const open = (options: Partial<SqliteOptions> = {}) =>
    openSqliteStore({ path, random, now: () => NOON, bootId: 'boot-1', ...options })
  const serve = (options: Partial<SqliteOptions> = {}) => open({ exclusive: true, ...options })

  test('a file holds after a close what was written before', async () => {
    const before = await serve()
    const lease = (await before.holdLease(ZONE, 'me', NOON, NOON + 25_000))!
    const done = await before.addIntent(newIntent('www A 192.0.2.1'))
    const waiting = await before.addIntent(newIntent('ftp A 192.0.2.1'))
    const created = record('r1 www A 192.0.2.1')
    const batch = { changes: [post(created)], intents: [done], names: [created.name], at: NOON }
    const dispatch = (await before.dispatch(lease, batch, 0))!
    const sets = [{ intent: done, before: [], after: [created] }]
    await before.settle(lease, dispatch, { at: NOON, deleted: [], patched: [], created: [created], sets })
    await before.claimNonce('default', 'n', NOON + 600_000)
    const known = await everythingIn(before)
    await before.close()

    const after = await serve()
    expect(await everythingIn(after)).toEqual(known)
    expect(await after.claimNonce('default', 'n', NOON)).toBe(false)
    const next = await after.addIntent(newIntent('www A 192.0.2.2'))
    expect(next.generation).toBeGreaterThan(waiting.generation)
    await after.close()
  })

  test('each of many drifted sets is found by its key', async () => {
    const store = await open()
    const names = Array.from({ length: 20 }, (_, number) => keyIn(`host-${number} A`))
    const { value: query } = markSettled(sqliteBuild, ZONE, names, false).next([])
    const raw = new Database(path)
    const steps = raw.prepare(`explain query plan ${query!.sql}`).all(...query!.parameters)
    expect(steps[0]).toMatchObject({ detail: expect.stringContaining('zone_id=? AND name=? AND type=?') })
    raw.close()
    await store.close()
  })

  test('a file is migrated at its start, once', async () => {
    const first = await open()
    const second = await open()
    await first.addIntent(newIntent('www A 192.0.2.1'))
    expect(await second.waitingIntents(ZONE)).toHaveLength(1)
    await first.close()
    await second.close()
    const third = await open()
    expect(await third.waitingIntents(ZONE)).toHaveLength(1)
    await third.close()
  })

  test('a file of a killed older program keeps every row, and its work continues', async () => {
    const older = new Database(path)
    for (const statement of SCHEMA_7) older.exec(statement)
    older.close()
    const store = await serve()
    await mustGoOn(store)
    await store.close()
    const file = new Database(path)
    const count = (table: string) => file.prepare(`select count(*) from ${table}`).pluck().get()
    const kept = new Map([...ROWS_KEPT.keys()].map((table) => [table, count(table)]))
    file.close()
    expect(kept).toEqual(ROWS_KEPT)
  })

  test('a file that needs a newer program is refused', async () => {
    await (await open()).close()
    const newer = new Database(path)
    newer.exec("update meta set value = '999' where key = 'needed_version'")
    newer.close()
    await expect(serve()).rejects.toThrow(/needs version 999 of the schema, and this one knows \d+/)
  })

  test('a file serves one process, beside other commands', async () => {
    const first = await serve()
    const second = serve()
    await expect(second).rejects.toThrow(StoreError)
    await expect(second).rejects.toThrow(/zonewright\.db is in use by another zonewright process/)
    const command = await open()
    await expect(command.zonesInUse()).resolves.toEqual([])
    await command.close()
    await first.close()
    await (await serve()).close()
  })

  test('a locked file is waited for, while everything else goes on', async () => {
    const store = await serve()
    const foreign = new Database(path)
    foreign.exec('begin immediate')
    const done: string[] = []
    const work = [
      store.addIntent(newIntent('www A 192.0.2.1')).then(() => done.push('intent')),
      store.claimNonce('default', 'n', NOON + 1).then(() => done.push('nonce')),
    ]
    const startedAt = performance.now()
    await new Promise((resolve) => setImmediate(resolve))
    expect(performance.now() - startedAt).toBeLessThan(500)
    expect(await store.waitingIntents(ZONE)).toEqual([])
    expect(done).toEqual([])
    foreign.exec('rollback')
    await Promise.all(work)
    expect(await store.waitingIntents(ZONE)).toHaveLength(1)

    foreign.exec('begin immediate')
    await expect(store.addIntent(newIntent('ftp A 192.0.2.1'))).rejects.toThrow(
      /Another program holds its file/,
    )
    foreign.close()
    await store.close()
  })

  test('a file under another name is recognised as the same', async () => {
    const first = await serve()
    symlinkSync(path, `${folder}/link.db`)
    await expect(serve({ path: `${folder}/link.db` })).rejects.toThrow(/in use by another zonewright process/)
    await first.close()
    const second = await serve({ path: `${folder}/link.db` })
    await expect(serve()).rejects.toThrow(/in use by another zonewright process/)
    await second.close()
  })

  test('a missing file is reported, and not created, where it must exist', async () => {
    await expect(open({ mustExist: true })).rejects.toThrow(
      `There is no database at ${path}; is that path right?`,
    )
    expect(readdirSync(folder)).toEqual([])
  })

  test('a file starts with every zone free, whoever held it', async () => {
    const before = await serve()
    const { epoch } = (await before.holdLease(ZONE, 'me', NOON, NOON + 25_000))!
    await before.close()

    const command = await open()
    expect(await command.holdLease(ZONE, 'command', NOON, NOON + 25_000)).toBeUndefined()
    const after = await serve()
    expect(await after.holdLease(ZONE, 'another', NOON, NOON + 25_000)).toMatchObject({ epoch: epoch + 1 })
    await after.close()
    await command.close()
  })

  test('a file that cannot be opened is named with the reason', async () => {
    const nowhere = `${folder}/missing/zonewright.db`
    const aFolder = `${folder}/folder`
    mkdirSync(aFolder)
    for (const opening of [open({ path: nowhere }), serve({ path: nowhere }), serve({ path: aFolder })]) {
      await expect(opening).rejects.toThrow(StoreError)
    }
    await expect(serve({ path: nowhere })).rejects.toThrow(
      /missing\/zonewright\.db.*directory does not exist/,
    )
    writeFileSync(path, 'This is no database, but a text that is long enough to be looked at. '.repeat(20))
    await expect(serve()).rejects.toThrow(/SQLITE_NOTADB/)
    rmSync(path)
    await (await serve()).close()
  })

  test('a file that cannot be written to is reported, and loses nothing', async () => {
    const before = await serve()
    const intent = await before.addIntent(newIntent('www A 192.0.2.1'))
    await before.close()

    // SQLite does not write to a file of a format that is newer than itself (byte 18), whoever we are.
    const bytes = readFileSync(path)
    writeFileSync(path, bytes.with(18, 3))
    await expect(serve()).rejects.toThrow(StoreError)
    await expect(serve()).rejects.toThrow(/SQLITE_READONLY/)

    writeFileSync(path, bytes)
    const after = await serve()
    expect(await after.waitingIntents(ZONE)).toEqual([intent])
    await after.close()
  })

  describe('and the machine', () => {
    /** What is there when the power goes: the files as they are, and nobody to close them. */
    const crash = async (store: Store) => {
      const files = ['zonewright.db', 'zonewright.db-wal']
      const left = files.map((file) => [`${folder}/${file}`, readFileSync(`${folder}/${file}`)] as const)
      await store.close()
      for (const [file, bytes] of left) writeFileSync(file, bytes)
    }

    test('after a clean end no replay is possible', async () => {
      await (await serve()).close()
      const after = await serve({ bootId: 'boot-2' })
      expect(after.replaysPossibleUntil).toBe(0)
      await after.close()
    })

    test('after a kill of the process alone no nonce is lost', async () => {
      await crash(await serve())
      const after = await serve({ bootId: 'boot-1' })
      expect(after.replaysPossibleUntil).toBe(0)
      await after.close()
    })

    test('after a crash of the machine stamps of five minutes are in doubt, also for those who start again', async () => {
      await crash(await serve())
      const second = await serve({ bootId: 'boot-2', now: () => NOON + 10_000 })
      expect(second.replaysPossibleUntil).toBe(NOON + 310_000)
      await crash(second)
      const third = await serve({ bootId: 'boot-2', now: () => NOON + 20_000 })
      expect(third.replaysPossibleUntil).toBe(NOON + 310_000)
      await third.close()
      const fourth = await serve({ bootId: 'boot-2', now: () => NOON + 30_000 })
      expect(fourth.replaysPossibleUntil).toBe(NOON + 310_000)
      await fourth.close()
    })

    test('a command that comes and goes neither sets the mark nor takes it away', async () => {
      const serving = await serve()
      await (await open({ bootId: undefined })).close()
      await (await open()).close()
      await crash(serving)
      await (await open({ bootId: 'boot-2' })).close()
      const after = await serve({ bootId: 'boot-2' })
      expect(after.replaysPossibleUntil).toBe(NOON + 300_000)
      await after.close()

      await crash(await open({ bootId: 'boot-2' }))
      const last = await serve({ bootId: 'boot-3', now: () => NOON + 1 })
      expect(last.replaysPossibleUntil).toBe(NOON + 300_000)
      await last.close()
    })

    test('where the machine does not say when it started, nothing is in doubt', async () => {
      await crash(await serve({ bootId: undefined }))
      const after = await serve({ bootId: undefined })
      expect(after.replaysPossibleUntil).toBe(0)
      await after.close()
    })
  })

  describe('of another process', () => {
    let program: string
    beforeAll(async () => {
      program = await bundled(new URL('../../../tests/support/store-program.ts', import.meta.url))
      return () => rmSync(program)
    })

    /** Every line is a nonce and an intent that were answered. */
    async function expectKept(answered: readonly string[]): Promise<void> {
      const store = await serve()
      const generations = new Set((await store.waitingIntents(ZONE)).map(({ generation }) => generation))
      expect(answered.length).toBeGreaterThan(0)
      for (const line of answered) {
        const [nonce, generation] = line.split(' ')
        expect(await store.claimNonce('default', nonce!, NOON)).toBe(false)
        expect(generations).toContain(Number(generation))
      }
      await store.close()
    }

    test('a file of another process is refused while that lives, and opened once it is killed', async () => {
      const holder = startProgram(program, ['hold', path])
      expect(await holder.line()).toBe('open')
      await expect(serve()).rejects.toThrow(/in use by another zonewright process/)
      const second = startProgram(program, ['hold', path])
      expect(await second.rest()).toEqual([expect.stringMatching(/^StoreError: .* is in use by another/)])

      await holder.kill()
      await (await serve()).close()
      const third = startProgram(program, ['hold', path])
      expect(await third.line()).toBe('open')
      await third.end()
      await (await serve()).close()
    })

    test('a process killed in the middle of its work has lost nothing that it answered', async () => {
      for (const lines of [1, 20, 150]) {
        const writer = startProgram(program, ['write', path])
        expect(await writer.line()).toBe('open')
        const answered: string[] = []
        while (answered.length < lines) answered.push((await writer.line())!)
        await writer.kill()
        await expectKept(answered)
      }
    })

    test('a process on a full disk reports it, and has lost nothing that it answered', async () => {
      await (await serve()).close()
      const writer = startProgram(program, ['write', path], { largestFile: 1_000 })
      const [first, ...lines] = await writer.rest()
      expect(first).toBe('open')
      expect(lines.at(-1)).toMatch(/^StoreError: The database did not answer \(SQLITE_(IOERR_WRITE|FULL)\)/)
      await expectKept(lines.slice(0, -1))
    })
  })
})

async function everythingIn(store: Store) {
  return {
    waiting: await store.waitingIntents(ZONE),
    zone: await store.zoneState(ZONE),
    records: await store.recordsOf(ZONE),
    sets: await store.managedSets(ZONE),
    www: await store.setState(ZONE, keyIn('www A')),
    history: await store.history({ limit: 10 }),
  }
}
