import { type Config, configuredFaces, readConfig } from '#src/config.ts'
import { serve, systemOutside } from '#src/main.ts'
import { CONFIGURATION, type Io, reportFaults, UsageError } from './io.ts'

export const usage = `Usage: zonewright serve [operator|provider|dashboard]…

Starts the faces named, or every face that is configured. "provider" is another name for "operator".

  operator    the DNS Operator's webhook, on PORT (7100); configured by HMAC_SECRET, or HMAC_DISABLED=true
  dashboard   is not in this version

/livez, /readyz and /metrics answer on METRICS_PORT (9100). The database is DATABASE_URL (sqlite:./zonewright.db),
the credential CLOUDFLARE_API_TOKEN. Every secret may also come from a file: NAME_FILE. Faults in the configuration
are told all together, and end it with 78. SIGTERM and SIGINT drain: at most 30 seconds.`

/** Serves until somebody asks it to end. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const named = argv.map(faceNamed)
  const faces = new Set(named.length > 0 ? named : configuredFaces(io.env))
  if (faces.size === 0) {
    io.stderr(
      'zonewright serve: nothing is configured; set HMAC_SECRET, or HMAC_DISABLED=true, for the operator webhook.',
    )
    return CONFIGURATION
  }
  if (faces.has('dashboard') && (named.length > 0 || faces.size === 1)) {
    io.stderr(
      'zonewright serve: the dashboard is not in this version; name the operator, or remove SECRET_KEY.',
    )
    return CONFIGURATION
  }
  const read = readConfig(io.env, io.readFile)
  if (!read.ok) return reportFaults(read.faults, io)
  const unserved = faces.has('dashboard')
    ? ['SECRET_KEY is set, but the dashboard is not in this version']
    : []
  return serveUntilAsked({ ...read.value, warnings: [...read.value.warnings, ...unserved] }, io)
}

/** After this long a drain has failed. */
const PATIENCE_MS = 30_000

async function serveUntilAsked(config: Config, io: Io): Promise<number> {
  const outside = systemOutside(config)
  // Listened for from the start: who is told that we are listening may ask us to end at once.
  const asked = io.untilAskedToEnd()
  const running = await serve(config, outside)
  await asked
  outside.log.info({}, 'draining')
  const patience = new AbortController()
  const ended = await Promise.race([
    running.close().then(() => true),
    outside.clock.sleep(PATIENCE_MS, patience.signal).then(() => false),
  ])
  patience.abort()
  if (ended) outside.log.info({}, 'ended')
  else outside.log.error({}, 'not everything ended in 30 seconds')
  return ended ? 0 : 1
}

function faceNamed(name: string): 'operator' | 'dashboard' {
  if (name === 'operator' || name === 'provider') return 'operator'
  if (name === 'dashboard') return name
  throw new UsageError(`there is no face ${JSON.stringify(name)}`)
}
