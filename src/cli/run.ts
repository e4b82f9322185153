import manifest from '../../package.json' with { type: 'json' }
import { type Io, USAGE, UsageError } from './io.ts'

/**
 * Runs `zonewright ARGV` and resolves to its exit code. A command is loaded when it is called for, so that `request`
 * starts without a database and only `emulator` loads the emulator.
 */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const [name = '', ...rest] = argv
  if (name === '--version') return say(manifest.version, io)
  if (name === '--help' || name === '-h' || name === 'help') return say(OVERVIEW, io)
  const load = COMMANDS.get(name)
  if (load === undefined) {
    io.stderr(
      name === '' ? OVERVIEW : `zonewright: there is no command ${JSON.stringify(name)}\n\n${OVERVIEW}`,
    )
    return USAGE
  }
  try {
    const command = await load()
    if (command.usage !== undefined && (rest.includes('--help') || rest.includes('-h')))
      return say(command.usage, io)
    return await command.run(rest, io)
  } catch (error) {
    io.stderr(`zonewright ${name}: ${error instanceof Error ? error.message : String(error)}`)
    if (error instanceof UsageError) {
      const command = error.command === undefined ? name : `${name} ${error.command}`
      io.stderr(`zonewright ${command} --help shows how it is used.`)
    }
    return error instanceof UsageError ? USAGE : 1
  }
}

interface Command {
  /** undefined: the command answers `--help` itself. */
  readonly usage: string | undefined
  readonly run: (argv: readonly string[], io: Io) => Promise<number>
}

const COMMANDS = new Map<string, () => Promise<Command>>([
  ['serve', () => import('./serve.ts')],
  ['migrate', () => import('./migrate.ts')],
  ['request', () => import('./request.ts')],
  ['zone', () => import('./zone.ts')],
  ['customer', () => import('./customer.ts')],
  ['keys', () => import('./keys.ts')],
  ['doctor', () => import('./doctor.ts')],
  ['emulator', () => import('./emulator.ts')],
])

const OVERVIEW = `Usage: zonewright COMMAND

A self-hosted DNS control plane for Cloudflare.

  serve [operator|provider|dashboard]…   start the faces named, or every face that is configured
  migrate                                bring the database up to date
  request METHOD PATH                    send one signed request to a running webhook
  zone list|show|history|undo            what is managed, what was changed, and its way back
  customer add|list|set|remove           who may sign in to the dashboard
  keys rotate                            seal stored tokens under the current SECRET_KEY
  doctor                                 what works here, what does not, and the remedy
  emulator                               a local Cloudflare: API, OAuth and authoritative DNS, in memory

  --version                              the version
  COMMAND --help                         more about a command`

function say(words: string, io: Io): number {
  io.stdout(words)
  return 0
}
