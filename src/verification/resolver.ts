import type { ServerAddress } from './address.ts'
import type { Ask } from './ask.ts'
import { type Chain, caaIn, chainIn, nameServersOf, negativeTtl, type Reply } from './message.ts'
import type { Reach } from './reach.ts'

/** DNS as somebody from outside sees it, asked of whom it is best asked of. Nothing here rejects. */
export interface Resolver {
  /**
   * Who answers for a zone, by its parent's own servers: what its registrar has handed on. Where those do not tell, by the
   * resolvers; but not of a name that may be `new`, whose absence they would remember.
   */
  delegation(zone: string, how?: { readonly isNew: boolean }): Promise<Delegation>
  /** Of a host, by the first resolver that knows it. */
  addresses(host: string): Promise<readonly string[]>
  /** Servers of these names, one address each, that may be asked. */
  servers(nameServers: readonly string[]): Promise<readonly ServerAddress[]>
  /** What each of these servers holds of a name itself; those that do not answer for it are left out. */
  held(servers: readonly ServerAddress[], name: string): Promise<readonly Seen[]>
  /**
   * The CAA set that holds for a name, by the first of these servers that answers for it: its own, or the nearest above,
   * up to `zone` (RFC 8659 §3). undefined: none of them tells.
   */
  caa(servers: readonly ServerAddress[], name: string, zone: string): Promise<readonly string[] | undefined>
  /**
   * What each resolver answers for a name. To be asked only once the name is served: that it is absent, or what it was
   * before, they would remember.
   */
  seen(name: string): Promise<readonly Seen[]>
  /**
   * Whether validating resolvers accept the zone; `broken`: all that answer refuse it, and would not without validation.
   * undefined: not known. To be asked only of a zone that is delegated.
   */
  dnssec(zone: string): Promise<'secure' | 'unsigned' | 'broken' | undefined>
  /** For how many seconds the absence of a name in the zone may be remembered; undefined: not known. */
  absence(servers: readonly ServerAddress[], zone: string): Promise<number | undefined>
}

/** `none`: its parent has no zone of this name. */
export type Delegation =
  | { readonly status: 'found'; readonly nameServers: readonly string[] }
  | { readonly status: 'none' | 'unknown' }

/** The addresses of a name, of both families, and the aliases that lead there. Both empty: there is nothing. */
export type Seen = Chain

export interface ResolverOptions {
  readonly ask: Ask
  readonly reach: Reach
  /** Asked in this order, or all at once. None: nobody is asked anything. */
  readonly resolvers: readonly ServerAddress[]
  /** ms */
  readonly now: () => number
}

export function createResolver({ ask, reach, resolvers, now }: ResolverOptions): Resolver {
  const recursive = { isRecursive: true } as const
  const direct = { isRecursive: false } as const
  const hosts = remembering<readonly string[]>(now)
  const parents = remembering<readonly ServerAddress[]>(now)

  /** The first resolver's reply that says something. */
  async function resolved(name: string, type: 'A' | 'AAAA' | 'NS'): Promise<Reply | undefined> {
    for (const resolver of resolvers) {
      const reply = await ask(resolver, { name, type }, recursive)
      if (reply !== undefined && CERTAIN.has(reply.rcode)) return reply
    }
    return undefined
  }

  async function hostAddresses(host: string): Promise<readonly string[]> {
    return hosts(host, async () => {
      const reply = await resolved(host, 'A')
      const addresses = reply === undefined ? [] : chainIn(reply, host).addresses
      if (addresses.length > 0 || reply === undefined) return addresses
      const other = await resolved(host, 'AAAA')
      return other === undefined ? [] : chainIn(other, host).addresses
    })
  }

  async function servers(nameServers: readonly string[]): Promise<readonly ServerAddress[]> {
    const found = await Promise.all(
      nameServers.slice(0, MOST_SERVERS).map(async (host) => {
        const addresses = await hostAddresses(host.toLowerCase())
        return addresses.flatMap((address) => reach(address, 53) ?? [])[0]
      }),
    )
    return found.filter((server) => server !== undefined)
  }

  /** Servers of the nearest zone above that has any. */
  async function parentServers(zone: string): Promise<readonly ServerAddress[]> {
    for (const parent of namesAbove(zone)) {
      const known = await parents(parent, async () => {
        const reply = await resolved(parent, 'NS')
        return reply === undefined ? [] : servers(nameServersOf(parent, reply.answers))
      })
      if (known.length > 0) return known
    }
    return []
  }

  async function delegation(zone: string, { isNew } = { isNew: false }): Promise<Delegation> {
    for (const server of await parentServers(zone)) {
      const reply = await ask(server, { name: zone, type: 'NS' }, direct)
      const said = reply && delegationIn(reply, zone)
      if (said !== undefined) return said
    }
    const reply = isNew ? undefined : await resolved(zone, 'NS')
    return (reply && delegationIn(reply, zone)) ?? { status: 'unknown' }
  }

  /** Both families of one server; undefined: it does not answer for the name. */
  async function seenBy(
    server: ServerAddress,
    name: string,
    how: { readonly isRecursive: boolean },
  ): Promise<Seen | undefined> {
    const replies = await Promise.all(
      (['A', 'AAAA'] as const).map((type) => ask(server, { name, type }, how)),
    )
    const sound = replies.filter(
      (reply) =>
        reply !== undefined && CERTAIN.has(reply.rcode) && (how.isRecursive || reply.isAuthoritative),
    )
    if (sound.length < replies.length) return undefined
    const chains = sound.map((reply) => chainIn(reply!, name))
    return {
      aliases: chains[0]?.aliases ?? [],
      addresses: chains.flatMap(({ addresses }) => addresses),
    }
  }

  return {
    delegation,
    addresses: hostAddresses,
    servers,
    async held(servers, name) {
      const seen = await Promise.all(servers.map((server) => seenBy(server, name, direct)))
      return seen.filter((one) => one !== undefined)
    },
    async caa(servers, name, zone) {
      for (const server of servers) {
        for (const each of [name, ...namesAbove(name)]) {
          const reply = await ask(server, { name: each, type: 'CAA' }, direct)
          if (reply === undefined || !reply.isAuthoritative || !CERTAIN.has(reply.rcode)) break
          const found = caaIn(reply)
          if (found.length > 0 || each === zone) return found
        }
      }
      return undefined
    },
    async seen(name) {
      const seen = await Promise.all(resolvers.map((resolver) => seenBy(resolver, name, recursive)))
      return seen.filter((one) => one !== undefined)
    },
    async dnssec(zone) {
      const said = await Promise.all(
        resolvers.map(async (resolver) => {
          const checked = await ask(resolver, { name: zone, type: 'SOA' }, recursive)
          if (checked?.rcode === 'NOERROR') return checked.isAuthentic ? 'secure' : 'unsigned'
          if (checked?.rcode !== 'SERVFAIL') return undefined
          const unchecked = await ask(
            resolver,
            { name: zone, type: 'SOA' },
            { ...recursive, isUnchecked: true },
          )
          return unchecked?.rcode === 'NOERROR' ? 'broken' : undefined
        }),
      )
      return (['secure', 'unsigned', 'broken'] as const).find((one) => said.includes(one))
    },
    async absence([server], zone) {
      const reply = server && (await ask(server, { name: zone, type: 'SOA' }, direct))
      return reply && negativeTtl(reply)
    },
  }
}

/** Enough to hear whether they agree; Cloudflare gives a zone two. */
const MOST_SERVERS = 2

/** What a server says of a name, and not of itself. */
const CERTAIN: ReadonlySet<string> = new Set(['NOERROR', 'NXDOMAIN'])

/** By a referral, or by the zone's own answer where the same server has both; undefined: it does not tell. */
function delegationIn(reply: Reply, zone: string): Delegation | undefined {
  const nameServers = [...new Set(nameServersOf(zone, [...reply.answers, ...reply.authorities]))]
  if (reply.rcode === 'NOERROR' && nameServers.length > 0) return { status: 'found', nameServers }
  const isNone = reply.rcode === 'NXDOMAIN' || (reply.rcode === 'NOERROR' && reply.isAuthoritative)
  return isNone ? { status: 'none' } : undefined
}

/** `shop.example.com`: `example.com`, `com`. */
function namesAbove(name: string): readonly string[] {
  const labels = name.split('.')
  return labels.slice(1).map((_, index) => labels.slice(index + 1).join('.'))
}

const REMEMBERED_MS = 300_000
const MOST_REMEMBERED = 500

/** Keeps what was found for a while. Nothing found is not kept. */
function remembering<T extends readonly unknown[]>(now: () => number) {
  const kept = new Map<string, { readonly until: number; readonly found: T }>()
  return async (key: string, find: () => Promise<T>): Promise<T> => {
    const known = kept.get(key)
    if (known !== undefined && known.until > now()) return known.found
    const found = await find()
    kept.delete(key)
    if (found.length > 0) kept.set(key, { until: now() + REMEMBERED_MS, found })
    const [oldest] = kept.keys()
    if (kept.size > MOST_REMEMBERED && oldest !== undefined) kept.delete(oldest)
    return found
  }
}
