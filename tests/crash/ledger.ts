import type { Emulator } from '#emulator/emulator.ts'
import type { ClientRecord } from '../support/operator-client.ts'
import { ZONE } from './setting.ts'

/**
 * What callers were promised. A set is written by one caller at a time, so that at any moment its truth is what was
 * last promised, or something that was asked for later and never answered.
 */
export interface Ledger {
  /** Before it is sent: from now on it may be so. */
  asked(set: Wanted): void
  /** Answered with success: from now on it, and nothing older, is so. */
  promised(set: Wanted): void
  readonly promises: number
  /** Sets whose truth at Cloudflare breaks a promise, in words; no words: all is well. */
  broken(emulator: Emulator): string[]
}

/** A set as it is to be: a version that its values tell, or null for none. */
export interface Wanted {
  readonly type: 'A' | 'TXT'
  readonly subdomain: string
  readonly version: number | null
}

/** Two addresses of one version, so that half a change is seen. */
export function recordOf({ type, subdomain, version }: Wanted): ClientRecord {
  const low = ((version ?? 0) % 250) + 1
  const high = (Math.floor((version ?? 0) / 250) % 250) + 1
  const values = type === 'TXT' ? [`version ${version}`] : [`192.0.2.${low}`, `198.51.100.${high}`]
  return { type, domain: ZONE, subdomain, values, ttl: 300 }
}

export function createLedger(): Ledger {
  const accounts = new Map<string, { set: Wanted; promised: string; possible: Set<string> }>()
  let promises = 0

  function accountOf(set: Wanted) {
    const key = keyOf(set)
    const account = accounts.get(key) ?? { set, promised: NOTHING, possible: new Set() }
    accounts.set(key, account)
    return account
  }

  return {
    asked: (set) => void accountOf(set).possible.add(contentOf(set)),
    promised(set) {
      promises += 1
      accounts.set(keyOf(set), { set, promised: contentOf(set), possible: new Set() })
    },
    get promises() {
      return promises
    },
    broken(emulator) {
      const contents = contentsAt(emulator)
      return [...accounts].flatMap(([key, { promised, possible }]) => {
        const truth = contents.get(key) ?? NOTHING
        return truth === promised || possible.has(truth)
          ? []
          : [
              `${key} is ${truth}; promised was ${promised}, possible ${[...possible].join(' or ') || 'nothing else'}`,
            ]
      })
    },
  }
}

const NOTHING = 'nothing'

function keyOf({ type, subdomain }: Wanted): string {
  return `${subdomain}.${ZONE} ${type}`
}

function contentOf(set: Wanted): string {
  return set.version === null ? NOTHING : [...recordOf(set).values].sort().join(' ')
}

function contentsAt(emulator: Emulator): Map<string, string> {
  const values = new Map<string, string[]>()
  for (const { name, type, content } of emulator.state.records(ZONE)) {
    const key = `${name} ${type}`
    values.set(key, [...(values.get(key) ?? []), content.replace(/^"(.*)"$/, '$1')])
  }
  return new Map([...values].map(([key, contents]) => [key, contents.sort().join(' ')]))
}
