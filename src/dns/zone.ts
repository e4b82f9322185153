import type { Name } from './name.ts'

/** The provider's id of a zone; of Cloudflare's, 32 lower-case hexadecimal digits. */
export type ZoneId = string

/** A zone as a list of zones tells it. `permissions` are what the asking credential may do there. */
export interface ListedZone {
  readonly id: ZoneId
  readonly name: Name
  readonly status: string
  readonly type: string
  readonly paused: boolean
  readonly accountId: string
  readonly plan: string
  readonly nameServers: readonly string[]
  readonly permissions: readonly string[]
}
