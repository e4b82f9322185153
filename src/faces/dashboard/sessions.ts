import { createHash, randomBytes } from 'node:crypto'
import type { SessionStore } from '@fastify/session'
import type { Session } from 'fastify'
import type { Flash } from './api.ts'

declare module 'fastify' {
  interface Session {
    /** Set when somebody signs in; a session without is nobody's, and is not kept. */
    customerId?: string
    /** Told with the next page, once. */
    flash?: readonly Flash[]
    /** Somebody else whom the host platform has sent to this browser, who has still to say that it is to be theirs. */
    arrival?: Arrival | undefined
    /** When it was opened (ms), also under another id; not set: just now. */
    begunAt?: number | undefined
  }
}

export interface Arrival {
  readonly customerId: string
  /** ms */
  readonly at: number
}

/** Where sessions are kept: by the hash of their id, so that whoever reads the rows cannot become anybody. */
export interface SessionRows {
  /** undefined: unknown, ended, idle for too long or older than a session may be at `now` (ms). Counts as being seen. */
  session(idHash: string, now: number): Promise<SessionRow | undefined>
  /** Opens it, or changes its data. False: it has ended, and does not come back. `createdAt` is of one to be opened. */
  keepSession(
    session: { idHash: string; customerId: string; data: string; createdAt?: number },
    now: number,
  ): Promise<boolean>
  endSession(idHash: string, now: number): Promise<void>
}

interface SessionRow {
  readonly customerId: string | null
  readonly data: string
  /** ms */
  readonly createdAt: number
}

/** The session plugin's way to the rows. Ids get no further than here. */
export function sessionStore(rows: SessionRows, now: () => number): SessionStore {
  return {
    get(id, done) {
      const found = rows.session(sessionHash(id), now())
      found.then((row) => done(null, row === undefined ? null : sessionFrom(row)), done)
    },
    set(id, session, done) {
      const { customerId, flash = [], arrival, begunAt } = session
      if (customerId === undefined) return done()
      const at = now()
      const row = { idHash: sessionHash(id), customerId, data: JSON.stringify({ flash, arrival }) }
      rows.keepSession({ ...row, createdAt: begunAt ?? at }, at).then(() => done(), done)
    },
    destroy(id, done) {
      rows.endSession(sessionHash(id), now()).then(() => done(), done)
    },
  }
}

/** SHA-256, in hexadecimal. */
export function sessionHash(id: string): string {
  return createHash('sha256').update(id).digest('hex')
}

/** 256 bits. */
export function newSessionId(): string {
  return randomBytes(32).toString('base64url')
}

function sessionFrom({ customerId, data, createdAt }: SessionRow): Session {
  const { flash = [], arrival }: Pick<Session, 'flash' | 'arrival'> = JSON.parse(data)
  return {
    ...(customerId !== null && { customerId }),
    flash,
    arrival,
    begunAt: createdAt,
    cookie: { originalMaxAge: null },
  }
}
