import { type Config, configuredFaces, type Face, readConfig } from '#src/config.ts'
import { serve, systemOutside } from '#src/main.ts'
import { CONFIGURATION, type Io, reportFaults, UsageError } from './io.ts'

export const usage = `Usage: zonewright serve [operator|provider|dashboard]…

Starts the faces named, or every face that is configured. "provider" is another name for "operator".

  operator    the DNS Operator's webhook, on PORT (7100); configured by HMAC_SECRET, or HMAC_DISABLED=true
  dashboard   the pages for customers, on DASHBOARD_PORT (3000); configured by SECRET_KEY

/livez, /readyz and /metrics answer on METRICS_PORT (9100). The database is DATABASE_URL (sqlite:./zonewright.db),
the webhook's credential CLOUDFLARE_API_TOKEN. Every secret may also come from a file: NAME_FILE. Faults in the configuration
are told all together, and end it with 78. SIGTERM and SIGINT drain: at most 30 seconds.`

/** Serves until somebody asks it to end. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const named = argv.map(faceNamed)
  const faces = named.length > 0 ? named : configuredFaces(io.env)
  if (faces.length === 0) {
    io.stderr(
      'zonewright serve: nothing is configured; set HMAC_SECRET, or HMAC_DISABLED=true, for the operator webhook, or SECRET_KEY for the dashboard.',
    )
    return CONFIGURATION
  }
  const read = readConfig(io.env, io.readFile, faces)
  return read.ok ? serveUntilAsked(read.value, io) : reportFaults(read.faults, io)
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

function faceNamed(name: string): Face {
  if (name === 'operator' || name === 'provider') return 'operator'
  if (name === 'dashboard') return name
  throw new UsageError(`there is no face ${JSON.stringify(name)}`)
}
