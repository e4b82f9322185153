/** Who calls: tokens and keys, what they may do, and where. */
import { BlockList } from 'node:net'
import type { Grant } from '../oauth/grants.ts'
import { idFor } from '../random.ts'
import type { Zone } from '../state.ts'

export type Permission = 'zone:read' | 'zone:edit' | 'dns:read' | 'dns:edit'

/** Of a token whose seed names none: what DNS work needs, so not creating and deleting zones. */
export const DNS_PERMISSIONS: readonly Permission[] = ['zone:read', 'dns:read', 'dns:edit']

export interface TokenSeed {
  readonly kind: 'token'
  /** 40 characters or more of letters, digits, `_` and `-`. */
  readonly token: string
  /** Whose token it is; calls of one user share one budget. */
  readonly user?: string
  readonly accountOwned?: boolean
  /** The account that an account-owned token is of; the emulator's own when absent. */
  readonly accountId?: string
  /** All but `zone:edit` when absent. */
  readonly permissions?: readonly Permission[]
  /** Ids of the accounts whose zones it is for; all when absent. */
  readonly accounts?: readonly string[]
  /** Names of the zones it is for; all when absent. */
  readonly zones?: readonly string[]
  /** Addresses, or networks as `192.0.2.0/24`, from which alone it may be used. */
  readonly allowedFrom?: readonly string[]
  readonly status?: 'active' | 'disabled' | 'expired'
}

export interface KeySeed {
  readonly kind: 'key'
  /** 37 to 45 hexadecimal digits, or `cfk_` and 40 characters or more. */
  readonly key: string
  readonly email: string
}

export type CredentialSeed = TokenSeed | KeySeed

export interface Credential {
  readonly id: string
  readonly kind: 'token' | 'key'
  readonly secret: string
  /** The user, or for an account-owned token itself: who pays for its calls. */
  readonly payer: string
  readonly email?: string
  readonly accountOwned: boolean
  readonly accountId?: string
  /** Ids of the accounts that it is for; all when absent. */
  readonly accounts?: readonly string[]
  /** For the access token of an OAuth client, what it comes of and what it may. */
  readonly grant?: Grant
  readonly scopes?: readonly string[]
  /** Milliseconds; of the access token of an OAuth client. */
  readonly expiresAt?: number
  readonly allowedFrom?: readonly string[]
  permissions: readonly Permission[]
  zones: readonly string[] | undefined
  status: 'active' | 'disabled' | 'expired' | 'revoked'
}

export const TOKEN_FORMAT = /^[A-Za-z0-9_-]{40,512}$/
export const KEY_FORMAT = /^([0-9a-f]{37,45}|cfk_[A-Za-z0-9_-]{40,128})$/

const DEFAULT_USER = 'user@example.com'

/** Throws when the secret could not pass the gateway's check of its format. */
export function credentialFrom(
  seed: CredentialSeed,
  randomSeed: number,
  defaultAccountId: string,
): Credential {
  if (seed.kind === 'key') {
    if (!KEY_FORMAT.test(seed.key)) throw new Error('a global API key is 37 to 45 hexadecimal digits')
    return {
      id: idFor(randomSeed, 'key', seed.key),
      kind: 'key',
      secret: seed.key,
      payer: seed.email,
      email: seed.email,
      accountOwned: false,
      permissions: [...DNS_PERMISSIONS, 'zone:edit'],
      zones: undefined,
      status: 'active',
    }
  }
  if (!TOKEN_FORMAT.test(seed.token)) {
    throw new Error('an API token is 40 characters or more of letters, digits, "_" and "-"')
  }
  const id = idFor(randomSeed, 'token', seed.token)
  return {
    id,
    kind: 'token',
    secret: seed.token,
    payer: seed.accountOwned ? id : (seed.user ?? DEFAULT_USER),
    accountOwned: seed.accountOwned ?? false,
    ...(seed.accountOwned && { accountId: seed.accountId ?? defaultAccountId }),
    ...(seed.accounts !== undefined && { accounts: seed.accounts }),
    ...(seed.allowedFrom !== undefined && { allowedFrom: seed.allowedFrom }),
    permissions: seed.permissions ?? DNS_PERMISSIONS,
    zones: seed.zones,
    status: seed.status ?? 'active',
  }
}

/** Whether the token's filter lets calls of `address` pass; a call in process comes from nowhere, and passes. */
export function isAllowedFrom({ allowedFrom }: Credential, address: string | undefined): boolean {
  if (allowedFrom === undefined || address === undefined) return true
  const list = new BlockList()
  for (const one of allowedFrom) {
    const [network = '', bits] = one.split('/')
    const family = network.includes(':') ? 'ipv6' : 'ipv4'
    if (bits === undefined) list.addAddress(network, family)
    else list.addSubnet(network, Number(bits), family)
  }
  const plain = address.replace(/^::ffff:(?=\d+\.)/, '')
  return list.check(plain, plain.includes(':') ? 'ipv6' : 'ipv4')
}

export function seesZone(credential: Credential, zone: Zone): boolean {
  if (credential.accountId !== undefined && credential.accountId !== zone.account.id) return false
  if (credential.accounts !== undefined && !credential.accounts.includes(zone.account.id)) return false
  return credential.zones === undefined || credential.zones.includes(zone.name)
}

/** Reading needs read or edit. */
export function mayReadZones(credential: Credential): boolean {
  return credential.permissions.includes('zone:read') || credential.permissions.includes('zone:edit')
}

export function mayReadDns(credential: Credential): boolean {
  return credential.permissions.includes('dns:read') || credential.permissions.includes('dns:edit')
}

/** In the words of the zone object. */
export function permissionsIn(credential: Credential): string[] {
  const words: string[] = []
  if (credential.permissions.includes('dns:edit')) words.push('#dns_records:edit')
  if (mayReadDns(credential)) words.push('#dns_records:read')
  if (credential.permissions.includes('zone:edit')) words.push('#zone:edit')
  if (mayReadZones(credential)) words.push('#zone:read')
  return words
}
