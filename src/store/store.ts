import type { AccountStore } from './accounts.ts'
import type { Coordination } from './coordination.ts'
import type { DeclaredSets } from './declared.ts'
import type { EditStore } from './edits.ts'
import type { ObservedZones } from './observed.ts'
import type { OperationLog } from './operations.ts'

/**
 * What we remember, and every way in which it may change. Each method is one transaction: all of it, or none of it.
 * Correctness rests on unique keys and conditional updates alone, so that several processes may share one database.
 * Methods reject with `StoreError` when the database cannot answer.
 */
export interface Store extends OperationLog, DeclaredSets, ObservedZones, Coordination {
  readonly edits: EditStore
  readonly accounts: AccountStore
  /** Resolves when the database answers. */
  ping(): Promise<void>
  close(): Promise<void>
}

/**
 * The database could not answer. Nothing of the transaction was kept, unless the connection was lost at the very commit:
 * then all of it may have been.
 */
export class StoreError extends Error {
  override readonly name = 'StoreError'
}
