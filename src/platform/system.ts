import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock, Random } from './ports.ts'

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) => sleep(ms, undefined, signal === undefined ? {} : { signal }).catch(() => {}),
}

export const systemRandom: Random = {
  fraction: () => Math.random(),
  hex: randomHex,
}

let pool = Buffer.alloc(0)
let used = 0

/** From a page of random octets at a time: asking for 16 of them costs as much as an HMAC. */
function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    pool = randomBytes(Math.max(bytes, 4_096))
    used = 0
  }
  used += bytes
  return pool.toString('hex', used - bytes, used)
}
