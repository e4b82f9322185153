/**
 * A small Cloudflare in memory: the v4 DNS API, OAuth, and all that it remembers. No sockets and no timers; `serve.ts` puts
 * ports in front of it. What it has not got it refuses by name; what nobody knows of Cloudflare is in `unknowns.ts`.
 */
import { createCallLog } from './calls.ts'
import { type CloudflareOptions, createCloudflare } from './cloudflare.ts'
import { respond, type Transport } from './dns/message.ts'
import { createPropagation } from './dns/propagation.ts'
import { createFaults, type Faults, type RandomFaults } from './faults/faults.ts'
import { createFront } from './front.ts'
import { createOracle, type Oracle } from './oracle.ts'
import { printState } from './saved-state.ts'
import { createSite, type SiteOptions } from './site/site.ts'
import type { WireReply, WireRequest } from './wire.ts'

export type { CredentialSeed, Permission } from './auth/credentials.ts'
export type { CallEntry } from './calls.ts'
export type { Cloudflare, RecordSeed, ZoneSeed } from './cloudflare.ts'
export type { FaultRule, Faults, RandomFaults } from './faults/faults.ts'
export type { OAuthClientSeed } from './oauth/clients.ts'
export type { ConsentChoice, GrantView } from './oauth/hand.ts'
export type { HistoryEntry, RecordEdit, ZoneView } from './oracle.ts'
export type { RecordBody } from './records/record.ts'
export type { RouteName } from './routes.ts'
export type { PlainReply, WireReply, WireRequest } from './wire.ts'

export interface EmulatorOptions extends CloudflareOptions, SiteOptions {
  /** Put on every reply as `delayMs`; 0 when absent. */
  readonly latencyMs?: number
  /** How long a change takes to be seen in DNS; 0 when absent. The API knows at once. */
  readonly propagationMs?: number
  /** Chance of faults from the start; none when absent. */
  readonly faults?: RandomFaults
}

export interface Emulator {
  /**
   * Answers one request: of the API (`/client/v4/…`), of OAuth, or for a page of the dashboard. It has taken effect when the promise resolves, whatever kind of
   * reply comes. Commits that have become due are carried out first.
   */
  handle(request: WireRequest): Promise<WireReply>
  /** One DNS message; undefined for what deserves no answer. */
  handleDns(query: Buffer, transport: Transport): Buffer | undefined
  /** The truth, for tests; and the hands of a human in Cloudflare's dashboard. */
  readonly state: Oracle
  readonly faults: Faults
  /** All that it holds, for a state file: pieces of text, to be joined. Not: history, calls, faults, open codes. */
  saved(): readonly string[]
  /** Back to the options it was created with: `state` and `faults` are new objects then. */
  reset(): void
}

export function createEmulator(options: EmulatorOptions = {}): Emulator {
  let parts = assemble(options)
  return {
    handle: async (request) => parts.answer(request),
    handleDns(query, transport) {
      parts.cloudflare.settle()
      const { cloudflare, propagation } = parts
      return respond(propagation.zonesAt(cloudflare.zones.values(), cloudflare.now()), query, transport)
    },
    get state() {
      return parts.state
    },
    get faults() {
      return parts.faults
    },
    saved() {
      const { cloudflare, site } = parts
      cloudflare.settle()
      return printState({
        generation: cloudflare.generation,
        zones: cloudflare.zones.values(),
        credentials: cloudflare.credentials.values(),
        clients: site.clients.values(),
        grants: site.grants.saved(),
      })
    },
    reset() {
      parts = assemble(options)
    },
  }
}

function assemble(options: EmulatorOptions) {
  const cloudflare = createCloudflare(options)
  const site = createSite(cloudflare, options)
  const calls = createCallLog(cloudflare)
  const faults = createFaults(cloudflare.seed)
  faults.random(options.faults)
  return {
    cloudflare,
    site,
    propagation: createPropagation(options.propagationMs ?? 0),
    faults,
    answer: createFront(cloudflare, site, calls, faults, options.latencyMs ?? 0),
    state: createOracle(cloudflare, site, calls),
  }
}
