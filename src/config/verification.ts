import { parseServer, printServer, type ServerAddress } from '#verification/address.ts'
import { type Environment, quoted } from './environment.ts'

/** How it is found out whether visitors arrive at a store. */
export interface VerificationConfig {
  /** Asked for what visitors see. None: nobody is asked. */
  readonly resolvers: readonly ServerAddress[]
  /** Where to go in place of some addresses, as `printServer` has them. */
  readonly probeAllow: ReadonlyMap<string, ServerAddress>
}

export function verificationConfig(env: Environment): VerificationConfig {
  return { resolvers: resolversIn(env), probeAllow: probeAllowIn(env) }
}

/** Cloudflare's, Google's and Quad9's; all three validate DNSSEC (their pages, 2026). */
const PUBLIC_RESOLVERS = '1.1.1.1, 8.8.8.8, 9.9.9.9'

function resolversIn(env: Environment): readonly ServerAddress[] {
  const text = env.text('DNS_RESOLVERS') ?? PUBLIC_RESOLVERS
  if (text === 'none') return []
  return listIn(text).flatMap((one) => {
    const server = parseServer(one, 53)
    if (server !== undefined) return [server]
    const remedy =
      'set it to addresses with commas between them, such as 192.0.2.53, 192.0.2.54:5353, or to none'
    env.fault('DNS_RESOLVERS', `has ${quoted(one)}`, remedy)
    return []
  })
}

function probeAllowIn(env: Environment): ReadonlyMap<string, ServerAddress> {
  const pairs = listIn(env.text('PROBE_ALLOW') ?? '').flatMap((text): [string, ServerAddress][] => {
    const [from, to, ...more] = text.split('=').map((one) => parseServer(one, NO_PORT))
    const isPair = from !== undefined && to !== undefined && more.length === 0
    // Anything but this machine would make of the probes a way into the network behind it.
    if (isPair && from.port !== NO_PORT && to.port !== NO_PORT && LOOPBACK.test(to.address)) {
      return [[printServer(from), to]]
    }
    const remedy =
      'set it to pairs such as 203.0.113.10:80=127.0.0.1:8080, the second one on this machine; or remove it'
    env.fault('PROBE_ALLOW', `has ${quoted(text)}`, remedy)
    return []
  })
  if (pairs.length > 0) {
    env.warnings.push(
      'PROBE_ALLOW is set, for a demonstration: whether a store can be reached is asked of this machine',
    )
  }
  return new Map(pairs)
}

const NO_PORT = 0
const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1)$/

function listIn(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((one) => one !== '')
}
