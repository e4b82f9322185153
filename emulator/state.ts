/**
 * What Cloudflare holds: zones, their records, and every change ever made. Changes happen in transactions; a record
 * is never altered, only replaced, so that any earlier state can be read back.
 */
import { parentOf } from './names.ts'
import type { StoredRecord } from './records/record.ts'

export type ZoneStatus = 'initializing' | 'pending' | 'active' | 'moved'
export type ZoneType = 'full' | 'partial' | 'secondary' | 'internal'
export type Plan = 'free' | 'pro' | 'business' | 'enterprise'

export interface Zone {
  readonly id: string
  readonly name: string
  status: ZoneStatus
  type: ZoneType
  plan: Plan
  /** Proxying is off in the whole zone; records stay editable. */
  paused: boolean
  /** How many records the zone may hold. */
  recordQuota: number
  /** How many operations fit in a batch; as many as the plan takes when absent. */
  batchOperations?: number | undefined
  readonly account: { readonly id: string; readonly name: string }
  readonly nameServers: readonly string[]
  readonly createdOn: number
  readonly records: ZoneRecords
}

/** `fault`: what a fault took away again. */
export type Author = 'api' | 'human' | 'seed' | 'fault'

export interface RecordChange {
  readonly before: StoredRecord | undefined
  readonly after: StoredRecord | undefined
}

/** One transaction that took effect. */
export interface Commit {
  /** Milliseconds. */
  readonly at: number
  readonly zone: string
  readonly by: Author
  /** The id of the credential, for `api`. */
  readonly credential?: string
  /** The CF-Ray of the request, for `api`. */
  readonly ray?: string
  readonly changes: readonly RecordChange[]
}

/** The records of one zone, by id and by name. */
export class ZoneRecords {
  readonly #byId = new Map<string, StoredRecord>()
  readonly #byName = new Map<string, readonly StoredRecord[]>()
  /** How many records there are at a name or below it: a name with a count exists in the DNS (RFC 4592, 2.2). */
  readonly #nodes = new Map<string, number>()
  readonly #commits: Commit[] = []
  readonly #start: readonly StoredRecord[]
  /** What `serial` was as this began. */
  readonly serialBefore: number
  #open: RecordChange[] | undefined

  /** `serial` and `records` are of an earlier process, whose history is gone. */
  constructor(serial = 0, records: readonly StoredRecord[] = []) {
    this.serialBefore = serial
    this.#start = records
    for (const record of records) this.#swap(undefined, record)
  }

  get size(): number {
    return this.#byId.size
  }

  /** How many commits there are in `commits()`. */
  get version(): number {
    return this.#commits.length
  }

  /** Grows by one with every commit, over restarts as well: the SOA's hangs on it. */
  get serial(): number {
    return this.serialBefore + this.#commits.length
  }

  all(): StoredRecord[] {
    return [...this.#byId.values()]
  }

  get(id: string): StoredRecord | undefined {
    return this.#byId.get(id)
  }

  at(name: string): readonly StoredRecord[] {
    return this.#byName.get(name) ?? []
  }

  /** Whether the name exists: it has records, or a name below it has. */
  exists(name: string): boolean {
    return this.#nodes.has(name)
  }

  /** Replaces `before` by `after`; either may be missing. Only inside a transaction. */
  change(before: StoredRecord | undefined, after: StoredRecord | undefined): void {
    if (this.#open === undefined) throw new Error('records change only inside a transaction')
    this.#open.push({ before, after })
    this.#swap(before, after)
  }

  /** Runs `work`; what it changed stays if it returns and is undone if it throws. */
  transaction<T>(facts: Omit<Commit, 'changes'>, work: () => T): T {
    if (this.#open !== undefined) throw new Error('a transaction is open already')
    this.#open = []
    try {
      const result = work()
      if (this.#open.length > 0) this.#commits.push({ ...facts, changes: this.#open })
      return result
    } catch (problem) {
      for (const { before, after } of this.#open.reverse()) this.#swap(after, before)
      throw problem
    } finally {
      this.#open = undefined
    }
  }

  /** The records that were there before the first commit. */
  atStart(): readonly StoredRecord[] {
    return this.#start
  }

  commits(): readonly Commit[] {
    return this.#commits
  }

  /** The records as they stood at `at` (milliseconds). */
  asOf(at: number): StoredRecord[] {
    const then = new Map(this.#byId)
    for (let index = this.#commits.length - 1; index >= 0 && this.#commits[index]!.at > at; index -= 1) {
      for (const { before, after } of this.#commits[index]!.changes.toReversed()) {
        if (after !== undefined) then.delete(after.id)
        if (before !== undefined) then.set(before.id, before)
      }
    }
    return [...then.values()]
  }

  #swap(before: StoredRecord | undefined, after: StoredRecord | undefined): void {
    if (before !== undefined) {
      this.#byId.delete(before.id)
      const left = this.at(before.name).filter((record) => record.id !== before.id)
      if (left.length > 0) this.#byName.set(before.name, left)
      else this.#byName.delete(before.name)
      this.#count(before.name, -1)
    }
    if (after !== undefined) {
      this.#byId.set(after.id, after)
      this.#byName.set(after.name, [...this.at(after.name), after])
      this.#count(after.name, 1)
    }
  }

  #count(name: string, by: 1 | -1): void {
    for (let node: string | undefined = name; node !== undefined; node = parentOf(node)) {
      const count = (this.#nodes.get(node) ?? 0) + by
      if (count > 0) this.#nodes.set(node, count)
      else this.#nodes.delete(node)
    }
  }
}
