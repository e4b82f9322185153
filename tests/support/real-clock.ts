import { systemClock } from '#platform/system.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** For what cannot wait for a time of our own: a database in another process. */
export const realClock: VirtualClock = {
  ...systemClock,
  until: (work) => work,
  pass: (ms) => systemClock.sleep(ms),
  wakes: 0,
}
