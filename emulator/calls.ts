/** Every request that came in, in order: what tests count. */
import type { Cloudflare } from './cloudflare.ts'
import type { Phase } from './faults/fault.ts'
import type { RouteName } from './routes.ts'
import type { SiteRouteName } from './site/routes.ts'

export interface CallEntry {
  /** Milliseconds. */
  readonly at: number
  /** The id of the credential, if it is one that the emulator knows. */
  readonly credential: string | null
  readonly method: string
  /** Path and query. */
  readonly target: string
  /** `none` when the emulator has no such route. */
  readonly route: RouteName | SiteRouteName | 'none'
  /** 0 when no status was sent. */
  readonly status: number
  /** How many record operations were carried out. */
  readonly operations?: number
  /** The fault that happened to it, and when. */
  readonly fault?: string
  readonly phase?: Phase
}

export interface CallLog {
  add(entry: CallEntry): void
  /** All, or those of one credential: its id, its token or key, or the e-mail of a key. */
  entries(credential?: string): readonly CallEntry[]
}

export function createCallLog(cloudflare: Cloudflare): CallLog {
  const log: CallEntry[] = []
  return {
    add(entry) {
      log.push(entry)
    },
    entries(wanted) {
      if (wanted === undefined) return log
      const matching = [...cloudflare.credentials.values()].filter(
        ({ id, secret, email }) => id === wanted || secret === wanted || email === wanted,
      )
      return log.filter((entry) => matching.some(({ id }) => id === entry.credential))
    },
  }
}
