import type { Clock } from '#platform/ports.ts'
import type { OAuth } from '#providers/cloudflare/oauth.ts'
import type { ConnectionRow } from '#store/accounts.ts'
import type { Seals } from './seals.ts'

export interface RevokeParts {
  readonly seals: Seals
  readonly oauth: OAuth | undefined
  readonly clock: Clock
}

/**
 * Takes back at Cloudflare what a connection may do: its refresh token, with which all ends, and its access token. Three
 * tries, and 5 seconds at the longest; then it is over, whatever Cloudflare said.
 */
export async function revoke(
  connection: ConnectionRow,
  { seals, oauth, clock }: RevokeParts,
): Promise<'yes' | 'no' | 'not-ours-to-revoke'> {
  if (connection.kind === 'token') return 'not-ours-to-revoke'
  const { id, customerId, accessToken, refreshToken } = connection
  const opened = (kind: 'access' | 'refresh', sealed: string | null) =>
    sealed === null ? undefined : seals.open({ customer: customerId, connection: id, kind }, sealed)
  const [refresh, access] = [opened('refresh', refreshToken), opened('access', accessToken)]
  const token = refresh ?? access
  if (token === undefined || oauth === undefined) return 'no'
  const isEnough = refresh !== undefined || refreshToken === null

  async function tries(): Promise<'yes' | 'no'> {
    for (const pauseMs of [0, 300, 900]) {
      await clock.sleep(pauseMs)
      try {
        await oauth!.revoke(token!, refresh === undefined ? 'access_token' : 'refresh_token')
        if (refresh !== undefined && access !== undefined)
          await oauth!.revoke(access, 'access_token').catch(() => {})
        return isEnough ? 'yes' : 'no'
      } catch {
        // Asked again, or not; the customer is told how it ended.
      }
    }
    return 'no'
  }

  const enough = new AbortController()
  const late = clock.sleep(LONGEST_MS, enough.signal).then(() => 'no' as const)
  const outcome = await Promise.race([tries(), late])
  enough.abort()
  return outcome
}

const LONGEST_MS = 5_000
