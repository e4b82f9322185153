import { Server as TlsServer } from 'node:tls'
import type { FastifyInstance } from 'fastify'
import type { Config, Configured, TlsConfig } from '#config/config.ts'
import { sentenceOf } from '#config/environment.ts'
import type { Metrics } from '#platform/metrics.ts'
import type { Log } from '#platform/ports.ts'
import type { LiveCallers } from './live-callers.ts'

/** What changes while we answer. */
export interface Reloadable {
  /** undefined: the webhook was not asked for. */
  readonly callers: LiveCallers | undefined
  readonly faces: readonly FastifyInstance[]
  readonly metrics: Pick<Metrics, 'configReloaded'>
  readonly log: Log
}

/**
 * Takes the callers and the certificate of what was read anew; all else stays as it is. What is broken is told, and
 * nothing changes.
 */
export function createReload({ callers, faces, metrics, log }: Reloadable) {
  return async function reload(read: Configured<Config>): Promise<void> {
    try {
      if (!read.ok) {
        metrics.configReloaded(false)
        return log.error(
          { faults: read.faults.map(sentenceOf) },
          'configuration refused; keeping the previous configuration',
        )
      }
      const { operator, dashboard, warnings } = read.value
      if (callers !== undefined && operator !== undefined) await callers.become(operator.callers)
      const tls = operator?.tls ?? dashboard?.tls
      if (tls !== undefined) for (const { server } of faces) certifyAnew(server, tls)
      metrics.configReloaded(true)
      log.info({ callers: callers?.ids, certificate: tls !== undefined }, 'configuration reloaded')
      for (const warning of warnings) log.warn({}, warning)
    } catch (error) {
      metrics.configReloaded(false)
      log.error({ err: error }, 'configuration reload failed; keeping the previous configuration')
    }
  }
}

/** For whoever connects from now on. A face that was started without a certificate goes on without. */
function certifyAnew(server: unknown, { cert, key }: TlsConfig): void {
  if (server instanceof TlsServer) server.setSecureContext({ cert, key: key.reveal() })
}
