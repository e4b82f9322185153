import type { DatabaseConfig } from '#config/config.ts'
import { type Budget, callsLeft } from '#providers/cloudflare/budget.ts'
import { describeDatabase } from '#server/database.ts'
import type { Inspection } from '#store/inspection.ts'
import { StoreError } from '#store/store.ts'
import { type Finding, fault, good, warning } from './finding.ts'

export interface DatabaseVisit {
  readonly findings: readonly Finding[]
  /** undefined: there is none yet, or it does not answer. */
  readonly inspection: Inspection | undefined
}

/** Looks, and neither makes a database nor brings one up to date. */
export async function visitDatabase(config: DatabaseConfig, now: () => number): Promise<DatabaseVisit> {
  const where = describeDatabase(config)
  try {
    const askedAt = now()
    const inspection = await inspected(config)
    if (inspection === undefined) {
      const words = `there is none at ${where} yet`
      const remedy = 'serve makes it when it starts; if there should be one, correct DATABASE_URL'
      return { findings: [warning('database', words, remedy)], inspection }
    }
    const skewMs = inspection.time === undefined ? undefined : inspection.time - (askedAt + now()) / 2
    return {
      findings: [
        databaseFinding(where, inspection),
        ...(inspection.forgetsCommits ? [FORGETS_COMMITS] : []),
        ...(skewMs === undefined ? [] : [databaseClockFinding(skewMs)]),
        ...inspection.sharedDomains.map(sharedFinding),
      ],
      inspection,
    }
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    return { findings: [unreachable(config, where, error)], inspection: undefined }
  }
}

/** What of the calls to Cloudflare are left, and how long it keeps us waiting; `budget` as it was kept. */
export function budgetFinding(budget: Budget, now: number): Finding {
  if (budget.blockedUntil > now) {
    const words = `Cloudflare takes no calls until ${new Date(budget.blockedUntil).toISOString()}`
    return warning(
      'call budget',
      words,
      'wait until then; whatever else uses the same Cloudflare user counts against the same limit',
    )
  }
  const left = callsLeft(budget, now)
  if (left >= 1) return good('call budget', `${left} calls may be made at once, and three more a second`)
  return warning('call budget', 'used up for now', 'it comes back by three calls a second; wait')
}

function sharedFinding(domain: string): Finding {
  const words = `${domain} is the domain of more than one customer, each of whom may change its records`
  return warning(
    'customers',
    words,
    'if they do not own it together, correct one: zonewright customer set … --domain',
  )
}

async function inspected(config: DatabaseConfig): Promise<Inspection | undefined> {
  if (config.kind === 'postgres') {
    const { inspectPostgres } = await import('#store/postgres/inspect.ts')
    return inspectPostgres(config.url.reveal())
  }
  const { inspectSqlite } = await import('#store/sqlite/inspect.ts')
  return inspectSqlite(config.path)
}

function databaseFinding(where: string, { missing, readOnly }: Inspection): Finding {
  if (readOnly !== undefined) {
    return fault(
      'database',
      `${where} cannot be written to: ${readOnly}`,
      'let its user write there, and let nobody hold it locked',
    )
  }
  if (missing.length > 0) {
    const steps = missing.length === 1 ? 'one step' : `${missing.length} steps`
    return warning('database', `${where} is ${steps} behind`, 'run zonewright migrate; serve does it too')
  }
  return good('database', `${where} is up to date and can be written to`)
}

const FORGETS_COMMITS = warning(
  'database',
  'PostgreSQL runs with fsync or synchronous_commit off: a crash of it would lose changes that were acknowledged',
  'switch both on',
)

/** Replicas say so in their log from here on (ms). */
const NOTABLE_SKEW_MS = 2_000

function databaseClockFinding(skewMs: number): Finding {
  const seconds = Math.round(Math.abs(skewMs) / 1_000)
  if (Math.abs(skewMs) <= NOTABLE_SKEW_MS) return good('database clock', 'is that of this machine')
  return warning(
    'database clock',
    `is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} this machine, and servers live by it`,
    'keep NTP on both',
  )
}

function unreachable({ kind }: DatabaseConfig, where: string, error: StoreError): Finding {
  const words = error.message.replace(/\.$/, '')
  return kind === 'sqlite'
    ? fault('database', words, 'correct DATABASE_URL, or the permissions of the file and its folder')
    : fault(
        'database',
        `${where}: ${words}`,
        'correct DATABASE_URL, or see that the server runs, lets us in and can be reached from here',
      )
}
