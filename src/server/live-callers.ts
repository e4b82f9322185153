import type { CallerConfig, SigningConfig } from '#config/operator.ts'
import type { Engine } from '#engine/engine.ts'
import type { Caller } from '#engine/zones.ts'
import { createRequestLimiter, type RateLimit, type RequestLimiter } from '#faces/http/rate-limit.ts'
import { type Callers, DEFAULT_CALLER, type OperatorCaller } from '#faces/operator/callers.ts'
import { signingKeys } from '#faces/operator/signature.ts'
import type { Metrics } from '#platform/metrics.ts'
import type { BuiltEngine } from './build-engine.ts'

/** The callers of this process, who come and go while it answers. */
export interface LiveCallers extends Callers {
  /** Those of a configuration, from when this resolves: all of them at once, or none if it rejects. */
  become(configs: readonly CallerConfig[]): Promise<void>
  readonly ids: readonly string[]
  /** What each credential may still do. */
  budgets(): readonly { readonly credential: string; readonly callsLeft: number | undefined }[]
}

export function createLiveCallers(
  { callersFor, callers }: Pick<BuiltEngine, 'callersFor' | 'callers'>,
  engine: Pick<Engine, 'setCallers'>,
  metrics: Pick<Metrics, 'callersAre'>,
  configs: readonly CallerConfig[],
): LiveCallers {
  /** They go on counting where a limit stays as it was. */
  const limiters = new Map<string, RequestLimiter>()
  let current = mapOf(callers, configs)
  metrics.callersAre([...current.keys()])

  async function become(next: readonly CallerConfig[]): Promise<void> {
    const known = callersFor(next)
    await engine.setCallers(known)
    current = mapOf(known, next)
    metrics.callersAre([...current.keys()])
  }

  function mapOf(
    known: readonly Caller[],
    configured: readonly CallerConfig[],
  ): ReadonlyMap<string, OperatorCaller> {
    return new Map(configured.map((config, index) => [config.id, asKnown(known[index]!, config)]))
  }

  function asKnown(caller: Caller, { id, signing, defaults, limit }: CallerConfig): OperatorCaller {
    const keys = keysOf(signing)
    if (keys === undefined && id !== DEFAULT_CALLER) throw new Error('a caller of a file signs')
    if (limit === undefined) return { caller, keys, defaults }
    const limiter = limiterFor(id, limit)
    const healthLimiter = limiterFor(`${id} health`, limit)
    return { caller, keys, defaults, limiter, healthLimiter }
  }

  function limiterFor(whose: string, limit: RateLimit): RequestLimiter {
    const name = `${whose} ${limit.perSecond} ${limit.burst}`
    const limiter = limiters.get(name) ?? createRequestLimiter(limit)
    limiters.set(name, limiter)
    return limiter
  }

  return {
    become,
    get: (id) => current.get(id),
    get ids() {
      return [...current.keys()]
    },
    budgets() {
      const clients = new Set([...current.values()].map(({ caller }) => caller.cloudflare))
      return [...clients].map(({ credential, status }) => ({ credential, callsLeft: status().callsLeft }))
    },
  }
}

function keysOf(signing: SigningConfig | undefined) {
  if (signing === undefined) return undefined
  return signingKeys(signing.algorithm, ...signing.secrets.map((secret) => Buffer.from(secret.reveal())))
}
