import type { Socket } from 'node:net'
import type { Clock } from '#platform/ports.ts'

/** What all strangers together may take of the time there is. */
export interface ConnectionThrottle {
  /** One of them was answered on this connection. */
  answered(socket: Socket): void
}

/**
 * Lets about `perSecond` requests of strangers be answered in a second. When they take more, the connections that have
 * brought any are not read, and then one at a time again: what waits for us waits with the sender, and costs us nothing.
 */
export function createConnectionThrottle(clock: Clock, perSecond: number): ConnectionThrottle {
  const eachMs = 1000 / perSecond
  /** One that is not read does not tell either that it was closed: who comes once, and goes, is left alone. */
  const met = new WeakSet<Socket>()
  /** Those that came again. */
  const read = new Set<Socket>()
  /** In the order of their turns. */
  const waiting = new Set<Socket>()
  /** When all that was answered so far is paid for (ms). */
  let paidAt = 0
  let isGivingTurns = false

  function answered(socket: Socket): void {
    const now = clock.now()
    // A clock that was put back owes no more than the longest debt.
    paidAt = Math.min(Math.max(paidAt, now), now + MOST_OWED_MS) + eachMs
    if (!met.has(socket)) {
      met.add(socket)
      socket.once('close', () => {
        read.delete(socket)
        waiting.delete(socket)
      })
      return
    }
    if (!waiting.has(socket)) read.add(socket)
    if (paidAt - now > AT_ONCE_MS) {
      for (const one of read) {
        waiting.add(one)
        one.pause()
      }
      read.clear()
      if (!isGivingTurns) void giveTurns()
    }
    // The server reads on when it is through with a request, and it is not quite through with this one.
    if (waiting.has(socket)) setImmediate(() => waiting.has(socket) && socket.pause())
  }

  async function giveTurns(): Promise<void> {
    isGivingTurns = true
    while (waiting.size > 0) {
      // Until what the one before has brought is answered, and then until that is paid for.
      await clock.sleep(TURN_MS)
      await clock.sleep(Math.max(0, paidAt - clock.now()))
      const [next] = waiting
      if (next === undefined) break
      waiting.delete(next)
      read.add(next)
      next.resume()
    }
    isGivingTurns = false
  }

  return { answered }
}

/** So much is lent (ms). */
const AT_ONCE_MS = 20
const MOST_OWED_MS = 1_000
const TURN_MS = 2
