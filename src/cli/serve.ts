import {
  type Config,
  type Configured,
  configuredFaces,
  type Face,
  type Listen,
  readConfig,
} from '#config/config.ts'
import { realSystem, serve } from '#server/main.ts'
import { memoryOfProcess } from './heap.ts'
import { CONFIGURATION, type Io, reportFaults, UsageError } from './io.ts'

export const usage = `Usage: zonewright serve [operator|provider|dashboard]…

Starts the faces named, or every face that is configured. "provider" is another name for "operator".

  operator    the DNS Operator's webhook, on PORT (7100); configured by HMAC_SECRET, by HMAC_DISABLED=true, or by
              CONFIG_FILE for several callers
  dashboard   the pages for customers, on DASHBOARD_PORT (3000); configured by SECRET_KEY

/livez, /readyz and /metrics answer on METRICS_PORT (9100). The database is DATABASE_URL (sqlite:./zonewright.db),
the webhook's credential CLOUDFLARE_API_TOKEN. Every secret may also come from a file: NAME_FILE. Faults in the
configuration are told all together, and end it with 78. SIGHUP reads CONFIG_FILE, the files of secrets and the
certificate anew. SIGTERM and SIGINT drain: at most 30 seconds, after SHUTDOWN_DELAY_SECONDS (0) in which it is not ready any more and still
answers.`

/** Serves until somebody asks it to end. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const named = argv.map(faceNamed)
  const faces = named.length > 0 ? named : configuredFaces(io.env)
  const read = readConfig(io.env, io.readFile, faces)
  if (faces.length === 0) {
    io.stderr(
      'zonewright serve: nothing is configured; set HMAC_SECRET, HMAC_DISABLED=true or CONFIG_FILE for the operator webhook, or SECRET_KEY for the dashboard.',
    )
    return read.ok ? CONFIGURATION : reportFaults(read.faults, io)
  }
  if (!read.ok) return reportFaults(read.faults, io)
  return serveUntilAsked(read.value, io, () => readConfig(io.env, io.readFile, faces))
}

/** After this long, beside the delay that was asked for, a drain has failed. */
const PATIENCE_MS = 30_000

async function serveUntilAsked(config: Config, io: Io, readAnew: () => Configured<Config>): Promise<number> {
  const system = realSystem(config)
  system.log.info(memoryOfProcess(), 'memory')
  // Listened for from the start: who is told that we are listening may ask us to end at once.
  const asked = io.untilAskedToEnd()
  const starting = serve(config, system)
  let reloading: Promise<unknown> = starting.catch(() => {})
  io.whenAskedToReload(() => {
    // One after the other, so that what was read last is what stays.
    reloading = reloading.then(async () => (await starting).reload(readAnew())).catch(() => {})
  })
  const running = await starting.catch((error: unknown) => {
    throw unlistenable(error, config) ?? error
  })
  await asked
  system.log.info({}, 'draining')
  const patience = new AbortController()
  const ended = await Promise.race([
    running.close().then(() => true),
    system.clock.sleep(config.shutdownDelaySeconds * 1000 + PATIENCE_MS, patience.signal).then(() => false),
  ])
  patience.abort()
  if (ended) system.log.info({}, 'ended')
  else system.log.error({}, 'shutdown failed: requests were still running after 30 seconds')
  return ended ? 0 : 1
}

/** Why an address cannot be listened at, and which variable to change; undefined: it is something else. */
function unlistenable(error: unknown, config: Config): Error | undefined {
  const {
    code = '',
    syscall,
    port,
    address,
    hostname = address,
  } = error as NodeJS.ErrnoException & {
    port?: number
    address?: string
    hostname?: string
  }
  if (syscall === 'listen' && port !== undefined) {
    const name = `${prefixOf(({ listen }) => listen.port === port, config)}PORT`
    if (code === 'EADDRINUSE') {
      return new Error(
        `port ${port} is taken by another program; stop that one, or set ${name} to another number.`,
      )
    }
    if (code === 'EACCES') return new Error(`port ${port} is not for this user; set ${name} to 1024 or more.`)
  }
  if (code === 'EADDRNOTAVAIL' || syscall === 'getaddrinfo') {
    const name = `${prefixOf(({ listen }) => listen.host === hostname, config)}HOST`
    return new Error(`${hostname} is not an address of this machine; set ${name} to one, or to 0.0.0.0.`)
  }
  return undefined
}

/** Of the variables of the listener that fits. */
function prefixOf(
  fits: (face: { listen: Listen }) => boolean,
  { operator, dashboard, metrics }: Config,
): string {
  if (operator !== undefined && fits(operator)) return ''
  if (dashboard !== undefined && fits(dashboard)) return 'DASHBOARD_'
  return fits({ listen: metrics }) ? 'METRICS_' : ''
}

function faceNamed(name: string): Face {
  if (name === 'operator' || name === 'provider') return 'operator'
  if (name === 'dashboard') return name
  throw new UsageError(`there is no face ${JSON.stringify(name)}`)
}
