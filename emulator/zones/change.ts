/** Zones that callers create, change and delete. */
import type { Credential } from '../auth/credentials.ts'
import type { Cloudflare } from '../cloudflare.ts'
import { known } from '../errors.ts'
import { hostName } from '../names.ts'
import type { Zone, ZoneType } from '../state.ts'
import { chosenRefusal } from '../unknowns.ts'

/** `POST /zones`: `name`, and `account.id` and `type` if the caller says so. A new zone waits for its delegation. */
export function createZone(cloudflare: Cloudflare, credential: Credential, body: unknown): Zone {
  const { name, account, type } = asObject(body)
  const { choices } = cloudflare
  const zoneName = typeof name === 'string' ? hostName(name) : undefined
  if (zoneName === undefined || !zoneName.includes('.')) throw chosenRefusal(choices.zoneNameInvalid)
  if (cloudflare.zoneNamed(zoneName) !== undefined) throw chosenRefusal(choices.zoneExists)
  const id = account === undefined || account === null ? undefined : asObject(account).id
  const held = cloudflare.zones.values().find((zone) => zone.account.id === id)?.account
  const mayUse = credential.accounts === undefined || credential.accounts.includes(String(id))
  if (id !== undefined && (held === undefined || !mayUse)) throw known('forbiddenAtZones')
  return cloudflare.addZone({
    name: zoneName,
    status: 'pending',
    ...(isType(type) && { type }),
    ...(held !== undefined && { account: held }),
  })
}

/** `PATCH /zones/:id`: `paused` and `type`; what else may be changed the emulator leaves alone. */
export function changeZone(zone: Zone, body: unknown): Zone {
  const { paused, type } = asObject(body)
  if (paused !== undefined && typeof paused !== 'boolean') throw known('malformedBody')
  if (type !== undefined && !isType(type)) throw known('malformedBody')
  if (paused !== undefined) zone.paused = paused
  if (type !== undefined) zone.type = type
  return zone
}

function isType(type: unknown): type is ZoneType {
  return type === 'full' || type === 'partial' || type === 'secondary' || type === 'internal'
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw known('malformedBody')
  return value as Readonly<Record<string, unknown>>
}
