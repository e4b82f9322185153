import { parseArgs } from 'node:util'
import { type DatabaseConfig, readDatabaseConfig } from '#config/config.ts'
import { parseName } from '#dns/name.ts'
import { describeProblem } from '#dns/problems.ts'
import type { ZoneRecord } from '#dns/record.ts'
import { keyOf } from '#dns/record-set.ts'
import { planUndo, undo } from '#engine/declared/undo.ts'
import { DEFAULT_CALLER } from '#faces/operator/callers.ts'
import { createLog } from '#platform/log.ts'
import { systemClock, systemRandom } from '#platform/system.ts'
import { openDatabase } from '#server/database.ts'
import type { ManagedSet, WantedSet } from '#store/declared.ts'
import type { KnownZone } from '#store/observed.ts'
import type { HistoryEntry } from '#store/operations.ts'
import type { Store } from '#store/store.ts'
import { finishAlone } from './finish-alone.ts'
import { type Io, reportFaults, UsageError, visible } from './io.ts'

export const usage = `Usage: zonewright zone COMMAND

  list                          the zones that we know, and how many sets we keep in each, and for whom
  show ZONE                     the sets that we keep in a zone, what waits, and what was refused
  history [ZONE] [--limit N]    what was changed, by whom, newest first (20)
  undo ENTRY [--yes]            puts the set of a history entry back to what it was before

Reads DATABASE_URL, beside a running server or without one. An undo is carried out by the running server; without
one it is carried out here, with the server's Cloudflare credential. --yes is asked for where mail or a zone's own
name servers would be lost, and where the set has changed since.`

export async function run(argv: readonly string[], io: Io): Promise<number> {
  const [command = '', ...rest] = argv
  const asked = Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined
  if (asked === undefined)
    throw new UsageError(
      command === '' ? 'it takes a command' : `there is no command ${JSON.stringify(command)}`,
    )
  const read = readDatabaseConfig(io.env, io.readFile)
  if (!read.ok) return reportFaults(read.faults, io)
  const system = { clock: systemClock, random: systemRandom, log: createLog('silent') }
  const { store, close } = await openDatabase(read.value, system, { serving: false, mustExist: true })
  try {
    return await asked(store, rest, shownBy(io), read.value)
  } finally {
    await close()
  }
}

/** Zones hold what others wrote. */
function shownBy(io: Io): Io {
  return {
    ...io,
    stdout: (line) => io.stdout(visible(line)),
    stderr: (line) => io.stderr(visible(line)),
  }
}

type ZoneCommand = (
  store: Store,
  argv: readonly string[],
  io: Io,
  database: DatabaseConfig,
) => Promise<number>

const COMMANDS: Readonly<Record<string, ZoneCommand>> = {
  async list(store, argv, io) {
    if (argv.length > 0) throw new UsageError('list takes no arguments')
    const zones = await store.knownZones()
    if (zones.length === 0) io.stdout('No zone is known yet; a server lists them when it starts.')
    for (const zone of zones) {
      const sets = await store.managedSets(zone.id)
      const { readAt, dispatches } = await store.zoneState(zone.id)
      const unknownOutcomes = dispatches.filter(({ state }) => state === 'doubtful').length
      const facts = [
        `${sets.length} ${sets.length === 1 ? 'set' : 'sets'}${ofCallers(sets)}`,
        zone.missingSince === null ? zone.status : `not visible since ${timeOf(zone.missingSince)}`,
        readAt === null ? 'never read' : `read ${timeOf(readAt)}`,
        ...(unknownOutcomes > 0 ? [`${unknownOutcomes} of unknown outcome`] : []),
      ]
      io.stdout(`${zone.name}  ${facts.join(', ')}`)
    }
    return 0
  },

  async show(store, argv, io) {
    const [text, ...more] = argv
    if (text === undefined || more.length > 0) throw new UsageError('show takes the name of a zone')
    const zone = await zoneNamed(store, text)
    const lines = await describeZone(store, zone)
    for (const line of lines.length > 0 ? lines : [`Nothing is managed in ${zone.name}.`]) io.stdout(line)
    return 0
  },

  async history(store, argv, io) {
    const { values, positionals } = argumentsOf(argv, { limit: { type: 'string' } })
    const limit = Number(values.limit ?? 20)
    if (!Number.isInteger(limit) || limit < 1 || positionals.length > 1)
      throw new UsageError('history takes one zone, and --limit a whole number')
    const [text] = positionals
    const zone = text === undefined ? {} : { zone: (await zoneNamed(store, text)).id }
    const entries = await store.history({ ...zone, limit })
    if (entries.length === 0) io.stdout('Nothing has been changed yet.')
    for (const entry of entries) io.stdout(describeEntry(entry))
    return 0
  },

  async undo(store, argv, io, database) {
    const { values, positionals } = argumentsOf(argv, { yes: { type: 'boolean' } })
    const [id, ...more] = positionals
    if (id === undefined || more.length > 0) throw new UsageError('undo takes the id of one history entry')
    const plan = await planUndo(store, id)
    if (plan === undefined) {
      io.stderr(`There is nothing to undo under ${id}; "zonewright zone history" lists the entries.`)
      return 1
    }
    const words = `${keyOf(plan.entry.key)} → ${plan.towards === null ? 'absent' : describeSet(plan.towards)}`
    if (plan.brakes.length > 0 && values.yes !== true) {
      io.stderr(`${words}: this needs --yes (${plan.brakes.join(', ')}).`)
      return 1
    }
    const intent = await undo(store, plan, { clock: systemClock, requestId: `undo-${systemRandom.hex(8)}` })
    io.stdout(words)
    return finishAlone(database, store, intent, io)
  },
}

/** How many are whose, where there is anybody but the caller of the environment. */
function ofCallers(sets: readonly ManagedSet[]): string {
  const counts = new Map<string, number>()
  for (const { caller } of sets) counts.set(caller, (counts.get(caller) ?? 0) + 1)
  const isOnlyDefault = counts.keys().every((caller) => caller === DEFAULT_CALLER)
  if (isOnlyDefault) return ''
  return ` (${[...counts].map(([caller, count]) => `${caller} ${count}`).join(', ')})`
}

/** A line for each set that we keep, each change under way, and each refusal; in the order of their names. */
async function describeZone(store: Store, { id }: KnownZone): Promise<readonly string[]> {
  const { dispatches } = await store.zoneState(id)
  const underWay = dispatches.flatMap(({ state, intents }) =>
    intents.map((intent) => ({ intent, how: state === 'doubtful' ? 'of unknown outcome' : 'being sent' })),
  )
  const waiting = (await store.waitingIntents(id)).map((intent) => ({ intent, how: 'waiting' }))
  const kept = (await store.setsOf(id)).flatMap(({ key, managed, refusal }) => [
    ...(managed ? [{ key, text: describeManaged(managed) }] : []),
    ...(refusal ? [{ key, text: `refused ${timeOf(refusal.at)}: ${refusal.message}` }] : []),
  ])
  const changing = [...underWay, ...waiting].map(({ intent: { key, wanted, at }, how }) => ({
    key,
    text: `${how} since ${timeOf(at)}: ${wanted === null ? 'absent' : describeSet(wanted)}`,
  }))
  return [...kept, ...changing]
    .map(({ key, text }) => ({ key: keyOf(key), text }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ key, text }) => `${key}  ${text}`)
}

function describeManaged({ wanted, caller, settled }: ManagedSet): string {
  return `${describeSet(wanted)}  (${caller}, ${settled ? 'as declared' : 'not as declared'})`
}

function argumentsOf<Options extends NonNullable<Parameters<typeof parseArgs>[0]>['options']>(
  argv: readonly string[],
  options: Options,
) {
  try {
    return parseArgs({ args: [...argv], allowPositionals: true, options: options ?? {} }) as {
      values: Record<string, string | boolean | undefined>
      positionals: string[]
    }
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

async function zoneNamed(store: Store, text: string): Promise<KnownZone> {
  const name = parseName(text)
  if (!name.ok) throw new UsageError(name.problems.map(describeProblem).join(' '))
  const zone = (await store.knownZones()).find((known) => known.name === name.value)
  if (zone === undefined)
    throw new UsageError(`the zone ${name.value} is not known; "zonewright zone list" lists those that are`)
  return zone
}

function describeSet({ ttl, values, proxied }: WantedSet): string {
  return `${ttl === 1 ? 'auto' : ttl} ${values.join(' | ')}${proxied ? ' (proxied)' : ''}`
}

function describeEntry({
  id,
  at,
  actor,
  key,
  before,
  after,
  outcome,
  reason,
  requestId,
}: HistoryEntry): string {
  const change = outcome === 'refused' ? `refused: ${reason}` : changeOf(before, after)
  return `${id}  ${timeOf(at)}  ${actor.kind} ${actor.label}  ${keyOf(key)}  ${change}  [${requestId}]`
}

/** Values, and what else of the set became another. */
function changeOf(before: readonly ZoneRecord[], after: readonly ZoneRecord[]): string {
  const values = `${valuesOf(before)} → ${valuesOf(after)}`
  const ttl = (record: ZoneRecord) => (record.ttl === 1 ? 'auto' : `${record.ttl}`)
  const proxied = (record: ZoneRecord) => (record.proxied ? 'yes' : 'no')
  const changed = [...different('TTL', ttl), ...different('proxied', proxied)]
  return changed.length === 0 ? values : `${values} (${changed.join(', ')})`

  function different(what: string, text: (record: ZoneRecord) => string): string[] {
    const [was, is] = [before, after].map((records) => textsOf(records, text))
    return was === '' || is === '' || was === is ? [] : [`${what} ${was} → ${is}`]
  }
}

function textsOf(records: readonly ZoneRecord[], text: (record: ZoneRecord) => string): string {
  return [...new Set(records.map(text))].sort().join(' and ')
}

function valuesOf(records: readonly ZoneRecord[]): string {
  return records.map(({ value }) => value).join(' | ') || 'absent'
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString()
}
