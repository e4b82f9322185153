import type { Observed, OnboardingInput } from '#onboarding/input.ts'
import type { Planner } from '#onboarding/planner.ts'
import type { Clock, Log, Random } from '#platform/ports.ts'
import type { Holder } from '#store/edits.ts'
import type { Store } from '#store/store.ts'
import type { ZoneLock } from '../zone-lock.ts'
import type { Editor } from './edits.ts'

/** What the parts of the editing room share. */
export interface EditsContext {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly zoneLock: ZoneLock
  /** Makes the reviews. */
  readonly planner: Planner
  /** The editor of a connection, for what is still to be found out; undefined: the connection is gone. */
  readonly editorOf: (holder: Holder) => Promise<Editor | undefined>
  /** What live DNS says of a store's domain; never rejects. Left out: nobody asks. */
  readonly observe?: Observe | undefined
}

export type Observe = (subject: Pick<OnboardingInput, 'store' | 'zone' | 'records'>) => Promise<Observed>

/** A record or zone id of Cloudflare's, or an id of ours: whatever else was given is nobody's. */
export const ID = /^[0-9a-f]{32}$/
