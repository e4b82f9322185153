import { setTimeout as sleep } from 'node:timers/promises'
import type { CompiledQuery } from 'kysely'
import pg from 'pg'
import { StoreError } from '../store.ts'
import type { Transaction } from '../transaction.ts'

/** The connections of one process to one server, and the ways to run an operation over them. */
export interface Connections {
  transact<Answer>(operation: () => Transaction<Answer>): Promise<Answer>
  once<Answer>(operation: () => Transaction<Answer>): Promise<Answer>
  read<Answer>(operation: () => Transaction<Answer>): Promise<Answer>
  /** One statement by itself, with parameters as `$1`; to be called from work that is under way. */
  query<Row>(text: string, parameters: readonly unknown[]): Promise<readonly Row[]>
  /** Statements in a transaction of their own, without a limit on their time. */
  script(work: (query: Query) => Promise<void>): Promise<void>
  /** Work that a close waits for; refused once it was closed. */
  underWay<Answer>(work: () => Promise<Answer>): Promise<Answer>
  /** Waits for what is under way. */
  close(): Promise<void>
}

export type Query = (text: string, parameters?: readonly unknown[]) => Promise<readonly unknown[]>

/**
 * Nobody waits for us for ever: a frozen process would keep a zone locked, and the others from taking it over. Set for
 * each transaction by itself, since a pooler gives the next one to another connection.
 */
const LIMITS = [
  'set local statement_timeout = 8000',
  // Longer than others may stand idle while they hold what we wait for.
  'set local lock_timeout = 7000',
  'set local idle_in_transaction_session_timeout = 5000',
].join('; ')
const BEGIN = `begin isolation level read committed; ${LIMITS}`
/** All statements see one moment, without a lock. */
const BEGIN_READING = `begin isolation level repeatable read read only; ${LIMITS}`

/** For a server that does not answer at all (ms); longer than its own limit for a statement. */
const ANSWER_WITHIN_MS = 10_000
const CONNECT_WITHIN_MS = 5_000
const MOST_TRIES = 4
const LOST_PAUSE_MS = 20

export function openConnections(url: string, most: number): Connections {
  const pool = new pg.Pool({
    connectionString: url,
    max: most,
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    query_timeout: ANSWER_WITHIN_MS,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    application_name: 'zonewright',
    types: { getTypeParser: parserFor },
  })
  // A connection that breaks tells whoever uses it; one that nobody uses is simply opened anew.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  const pending = new Set<Promise<unknown>>()
  let isClosed = false

  async function underWay<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    if (isClosed) throw new StoreError('The database is closed.')
    const working = work()
    pending.add(working)
    try {
      return await working
    } catch (error) {
      throw wrapped(error)
    } finally {
      pending.delete(working)
    }
  }

  async function close(): Promise<void> {
    if (isClosed) return
    isClosed = true
    await Promise.allSettled(pending)
    await pool.end()
  }

  async function inTransaction<Answer>(
    begin: string,
    work: (query: Query) => Promise<Answer>,
  ): Promise<Answer> {
    const client = await pool.connect().catch(failedAt('connect'))
    let isEnded = false
    try {
      await client.query(begin).catch(failedAt('statement'))
      const answer = await work(async (text, parameters = []) => {
        return (await client.query(text, [...parameters]).catch(failedAt('statement'))).rows
      })
      isEnded = true
      await client.query('commit').catch(failedAt('commit'))
      client.release()
      return answer
    } catch (error) {
      const isUsable =
        !isEnded &&
        (await client.query('rollback').then(
          () => true,
          () => false,
        ))
      client.release(!isUsable)
      throw error
    }
  }

  /** Nothing was kept of a transaction that failed before its commit, so it may be tried again. */
  async function transact<Answer>(operation: () => Transaction<Answer>): Promise<Answer> {
    return again(isPassing, () => inTransaction(BEGIN, (query) => toItsEnd(operation(), query)))
  }

  async function once<Answer>(operation: () => Transaction<Answer>): Promise<Answer> {
    return again(isUndone, async () => {
      const running = operation()
      const first = running.next([])
      if (first.done) return first.value
      const next = running.next(await answer(first.value))
      if (!next.done) throw new Error('an operation of one statement has two')
      return next.value
    })
  }

  /** Most have one statement, which needs no transaction; several shall see the same moment. */
  async function read<Answer>(operation: () => Transaction<Answer>): Promise<Answer> {
    return again(isPassing, async () => {
      const running = operation()
      const first = running.next([])
      if (first.done) return first.value
      const next = running.next(await answer(first.value))
      if (next.done) return next.value
      return inTransaction(BEGIN_READING, (query) => toItsEnd(operation(), query))
    })
  }

  function answer({ sql, parameters }: CompiledQuery): Promise<readonly unknown[]> {
    return ask(numbered(sql), parameters.map(storable))
  }

  async function ask(text: string, parameters: readonly unknown[]): Promise<readonly unknown[]> {
    const client = await pool.connect().catch(failedAt('connect'))
    try {
      const { rows } = await client.query(text, [...parameters])
      client.release()
      return rows
    } catch (error) {
      client.release(!(error instanceof pg.DatabaseError))
      return failedAt('statement')(error)
    }
  }

  return {
    transact: (operation) => underWay(() => transact(operation)),
    once: (operation) => underWay(() => once(operation)),
    read: (operation) => underWay(() => read(operation)),
    query: async <Row>(text: string, parameters: readonly unknown[]) =>
      (await again(isUndone, () => ask(text, parameters))) as readonly Row[],
    script: (work) => underWay(() => again(isUndone, () => inTransaction('begin', work))),
    underWay,
    close,
  }
}

async function toItsEnd<Answer>(operation: Transaction<Answer>, query: Query): Promise<Answer> {
  let step = operation.next([])
  while (!step.done) {
    const { sql, parameters } = step.value
    step = operation.next(await query(numbered(sql), parameters.map(storable)))
  }
  return step.value
}

async function again<Answer>(
  isWorthIt: (error: unknown) => boolean,
  work: () => Promise<Answer>,
): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work()
    } catch (error) {
      if (tries === MOST_TRIES || !isWorthIt(error)) throw error
      // A server that ends one of our connections ends the others in the same moment; the pool is to see that first.
      if (!isUndone(error)) await sleep(tries * LOST_PAUSE_MS)
    }
  }
}

/** The server, or the way to it, and how far we had come. What an operation itself throws is none of this. */
class Failure extends Error {
  readonly during: 'connect' | 'statement' | 'commit'

  constructor(during: Failure['during'], cause: unknown) {
    super(reasonOf(cause), { cause })
    this.during = during
  }
}

function failedAt(during: Failure['during']): (cause: unknown) => never {
  return (cause) => {
    // The driver knew that the connection was gone, and sent nothing.
    const isUnsent = during === 'commit' && cause instanceof Error && /not queryable/.test(cause.message)
    throw new Failure(isUnsent ? 'statement' : during, cause)
  }
}

/** Chosen to give way to another transaction: the server has undone it. */
function isUndone(error: unknown): boolean {
  return error instanceof Failure && (codeOf(error.cause) === '40001' || codeOf(error.cause) === '40P01')
}

/**
 * Or the connection was lost before the commit, as it is when the server ends one of its processes, or one of ours stood
 * idle for too long. Not so when there
 * was no answer in time, or nobody to connect to: to try again would take too long, or come too soon.
 */
function isPassing(error: unknown): boolean {
  if (isUndone(error)) return true
  if (!(error instanceof Failure) || error.during !== 'statement') return false
  if (error.cause instanceof pg.DatabaseError) return /^(57P0[12]|25P03|08)/.test(error.cause.code ?? '')
  return error.message !== 'Query read timeout'
}

function wrapped(error: unknown): unknown {
  if (!(error instanceof Failure)) return error
  // Whether a commit came through that was not answered, nobody can say.
  const commit = error.during === 'commit' ? '; a commit may have come through' : ''
  const advice = adviceOn(reasonOf(error.cause))
  return new StoreError(`The database did not answer (${error.message}${commit}).${advice}`, {
    cause: error.cause,
  })
}

/** By codes of the server (PostgreSQL 15 documentation, appendix A, "PostgreSQL Error Codes") and of OpenSSL. */
function adviceOn(code: string): string {
  if (code === '28P01') return ' It refuses the password in DATABASE_URL.'
  if (code.startsWith('28')) return ' It does not let in the user of DATABASE_URL, or not from here.'
  if (code === '3D000') return ' It has no database of the name in DATABASE_URL; make it with createdb.'
  if (code === '42501') return ' The user of DATABASE_URL has to own the schema.'
  if (code === '53300') return ' It has no connection left; each of our servers takes ten.'
  if (/CERT|SELF_SIGNED|UNABLE_TO_/.test(code)) {
    return ' Its certificate is not trusted; name a file with its authority in sslrootcert of DATABASE_URL.'
  }
  return ''
}

function codeOf(cause: unknown): string | undefined {
  return cause instanceof pg.DatabaseError ? cause.code : undefined
}

/** Errors of the server and of sockets have a code; those of the driver have only its words. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message
}

/** A count or a time comes as a number: none of ours is too large for one. */
const BIGINT = 20
const parserFor: typeof pg.types.getTypeParser = (oid: number, format?: 'text' | 'binary') =>
  oid === BIGINT ? Number : pg.types.getTypeParser(oid, format as 'text')

const numberedTexts = new Map<string, string>()

/** The statements that are written by hand have `?` for every parameter. */
function numbered(text: string): string {
  if (!text.includes('?')) return text
  const known = numberedTexts.get(text)
  if (known !== undefined) return known
  let count = 0
  const replaced = text.replace(/\?/g, () => {
    count += 1
    return `$${count}`
  })
  numberedTexts.set(text, replaced)
  return replaced
}

/** The one character that PostgreSQL cannot keep; nobody means anything by it. */
function storable(value: unknown): unknown {
  return typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\ufffd') : value
}
