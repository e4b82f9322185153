import { totalmem } from 'node:os'
import { getHeapStatistics } from 'node:v8'

/** What a process has of the machine's memory, in MiB. */
export interface Memory {
  /** What the machine has, or its cgroup allows: the smaller of the two. */
  readonly allowedMiB: number
  readonly allowedBy: 'machine' | 'cgroup'
  /** As much JavaScript's heap may hold. */
  readonly heapMiB: number
}

export function memoryOfProcess(): Memory {
  return { ...memoryAllowed(), heapMiB: Math.round(getHeapStatistics().heap_size_limit / MIB) }
}

/** libuv reads cgroups of both versions, and says 0 or more than there is where nothing is limited. */
export function memoryAllowed(
  total = totalmem(),
  constrained = process.constrainedMemory(),
): Omit<Memory, 'heapMiB'> {
  const isLimited = constrained > 0 && constrained < total
  return {
    allowedMiB: Math.round((isLimited ? constrained : total) / MIB),
    allowedBy: isLimited ? 'cgroup' : 'machine',
  }
}

/**
 * Half of what is allowed: the other half is for the program's code, for what is on its way, and for a password that is
 * checked. Never less than the program needs to begin with, nor more than it has a use for: what it holds at once is
 * bounded, and a heap that may grow large is collected late.
 */
export function heapMiBFor(allowedMiB: number): number {
  return Math.min(Math.max(Math.floor(allowedMiB / 2), LEAST_MIB), MOST_MIB)
}

/** Undefined: whoever started us has said how large the heap is to be. */
export function heapFlags(
  allowedMiB: number,
  given: readonly string[],
  nodeOptions: string,
): readonly string[] | undefined {
  if (SIZED.test([...given, nodeOptions].join(' '))) return undefined
  // Each thread that helps with collecting garbage holds memory of its own; one is enough.
  return [
    `--max-old-space-size=${heapMiBFor(allowedMiB)}`,
    '--max-semi-space-size=2',
    '--optimize-for-size',
    '--v8-pool-size=1',
  ]
}

/**
 * Begins anew, as the same process, with a heap of our size. It can be said at the start of a process alone: once V8 runs,
 * `v8.setFlagsFromString` changes nothing about it (Node 24 and 26, November 2026). Returns only if there is nothing to do.
 */
export function beginWithItsHeap(): void {
  const flags = heapFlags(memoryAllowed().allowedMiB, process.execArgv, process.env.NODE_OPTIONS ?? '')
  if (flags === undefined) return
  const argv = [process.execPath, ...process.execArgv, ...flags, ...process.argv.slice(1)]
  process.execve?.(process.execPath, argv, process.env)
}

const MIB = 2 ** 20
const LEAST_MIB = 48
const MOST_MIB = 512

const SIZED = /--max[-_](old[-_]space|semi[-_]space|heap)[-_]size/
