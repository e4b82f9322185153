import { parseArgs } from 'node:util'
import type { CallerConfig } from '#config/operator.ts'
import { type Name, parseName } from '#dns/name.ts'
import { describeProblem } from '#dns/problems.ts'
import type { ListedZone } from '#dns/zone.ts'
import { systemClock, systemRandom } from '#platform/system.ts'
import type { Budget } from '#providers/cloudflare/budget.ts'
import { nodeTransport, type Transport } from '#providers/cloudflare/transport.ts'
import { nameOfCredential } from '#server/build-engine.ts'
import type { Inspection } from '#store/inspection.ts'
import { type Readable, readableConfig } from './doctor/configuration.ts'
import { visitCredential } from './doctor/credential.ts'
import { budgetFinding, visitDatabase } from './doctor/database.ts'
import { type Finding, fault, lineOf, warning } from './doctor/finding.ts'
import { nameFindings, type Sight } from './doctor/name.ts'
import { visitNetwork } from './doctor/network.ts'
import { visitOAuth } from './doctor/oauth.ts'
import { visitServer } from './doctor/server.ts'
import { zoneFindings } from './doctor/zones.ts'
import { type Io, UsageError, visible } from './io.ts'

export const usage = `Usage: zonewright doctor [--name NAME] [--json]

Looks at everything that serve needs, and says in a line each what works (✓), what should be seen to (!) and what does
not work (✗), with the remedy: configuration, TLS files, database, network, clock, credential, permissions, zones, call
budget, OAuth, and the server that runs on this machine, with whether it takes what each caller signs.

  --name NAME   says which zone holds this name, or which has a name like it, and which callers may not change it
  --json        the same as one JSON object

Reads the environment of "serve": run it where the server runs. It works beside one, changes nothing, makes a handful of
calls to Cloudflare, and shows no secret. Ends with 0, or with 1 if there is a ✗.`

export async function run(argv: readonly string[], io: Io): Promise<number> {
  const { name, json } = readArguments(argv)
  const transport = nodeTransport()
  const findings: Finding[] = []
  try {
    for await (const found of examination(name, io, transport)) {
      for (const finding of found) {
        findings.push(finding)
        if (!json) io.stdout(visible(lineOf(finding)))
      }
    }
  } finally {
    transport.close()
  }
  const ok = findings.every(({ level }) => level !== 'fault')
  if (json) io.stdout(JSON.stringify({ ok, findings }))
  return ok ? 0 : 1
}

/** From what is nearest to what is furthest, so that the first fault is likely the cause of those below it. */
async function* examination(
  name: Name | undefined,
  { env, readFile }: Io,
  transport: Transport,
): AsyncGenerator<readonly Finding[]> {
  const config = readableConfig(env, readFile, systemClock.now())
  yield config.findings

  const { database, operator, dashboard, metrics } = config
  const visited = database && (await visitDatabase(database, systemClock.now))
  if (visited !== undefined) yield visited.findings

  const baseUrl = operator?.callers[0]?.cloudflare.baseUrl ?? dashboard?.cloudflareBaseUrl
  if (baseUrl !== undefined) {
    const { findings, reachable } = await visitNetwork(baseUrl, { transport, now: systemClock.now })
    yield findings
    if (operator !== undefined && reachable) {
      const sights: Sight[] = []
      for (const { callers, of } of credentialsOf(operator.callers)) {
        const saw = (zones: readonly ListedZone[]) => sights.push({ callers, of, zones })
        const asked = askedAsOperator(callers, { transport, inspection: visited?.inspection, saw })
        for await (const found of asked)
          yield found.map((finding) => ({ ...finding, check: `${finding.check}${of}` }))
      }
      if (name !== undefined) yield nameFindings(name, sights)
    }
  }
  if (name !== undefined && operator === undefined) yield [cannotTell(name, config)]
  if (dashboard?.oauth !== undefined) yield await visitOAuth(dashboard.oauth, dashboard.publicUrl, transport)
  if (metrics !== undefined) yield await visitServer({ metrics, operator, dashboard })
}

/** Each once, with the callers that have it where there are several to be told apart. */
function credentialsOf(
  callers: readonly CallerConfig[],
): readonly { callers: readonly CallerConfig[]; of: string }[] {
  const nameOf = ({ cloudflare }: CallerConfig) => nameOfCredential(cloudflare.credential)
  const names = [...new Set(callers.map(nameOf))]
  return names.map((name) => {
    const having = callers.filter((caller) => nameOf(caller) === name)
    const of = names.length > 1 ? ` (${having.map(({ id }) => id).join(', ')})` : ''
    return { callers: having, of }
  })
}

async function* askedAsOperator(
  callers: readonly CallerConfig[],
  {
    transport,
    inspection,
    saw,
  }: {
    transport: Transport
    inspection: Inspection | undefined
    saw: (zones: readonly ListedZone[]) => void
  },
): AsyncGenerator<readonly Finding[]> {
  const { cloudflare } = callers[0]!
  const kept = inspection?.budgets.get(nameOfCredential(cloudflare.credential)) as Budget | undefined
  if (kept !== undefined) yield [budgetFinding(kept, systemClock.now())]
  // Whoever asks while blocked may be blocked for longer.
  if (kept !== undefined && kept.blockedUntil > systemClock.now()) return
  const system = { transport, clock: systemClock, random: systemRandom }
  const { findings, zones } = await visitCredential(cloudflare, system)
  yield findings
  if (zones === undefined) return
  yield zoneFindings(zones)
  yield callers.flatMap((caller) => unseenZones(caller, zones))
  saw(zones)
}

/** What a caller is allowed that its credential does not see. */
function unseenZones({ id, allowed }: CallerConfig, zones: readonly ListedZone[]): readonly Finding[] {
  const unseen = allowed?.zones?.filter((name) => !zones.some((zone) => zone.name === name)) ?? []
  if (unseen.length === 0) return []
  const words = `the caller ${id} is allowed ${unseen.join(', ')}, which its credential does not see`
  return [warning('zones', words, 'correct its allow.zones, or give the credential access')]
}

function cannotTell(name: Name, { findings }: Readable): Finding {
  const words = `which zone holds ${name} cannot be told: there is no webhook with a credential here`
  const isFaulty = findings.some(({ level }) => level === 'fault')
  return fault(
    'name',
    words,
    isFaulty ? 'correct what is wrong above' : 'run this with the environment of the webhook',
  )
}

function readArguments(argv: readonly string[]): { name: Name | undefined; json: boolean } {
  const { name: text, json = false } = parsed(argv)
  if (text === undefined) return { name: undefined, json }
  const name = parseName(text)
  if (!name.ok) throw new UsageError(name.problems.map(describeProblem).join(' '))
  return { name: name.value, json }
}

function parsed(argv: readonly string[]): { name?: string | undefined; json?: boolean | undefined } {
  try {
    return parseArgs({ args: [...argv], options: { name: { type: 'string' }, json: { type: 'boolean' } } })
      .values
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}
