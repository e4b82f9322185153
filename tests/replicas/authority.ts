import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * A token endpoint that takes each refresh token once and gives another one for it (RFC 6749, section 6; RFC 9700,
 * section 4.14.2), and counts how many requests it had under way at once.
 */
export interface Authority {
  readonly url: string
  /** What the first refresh is to send. */
  readonly refreshToken: string
  readonly refreshes: number
  readonly reuses: number
  readonly mostAtOnce: number
  close(): Promise<void>
}

/** Less than what is left of an access token when it is renewed: each is to be renewed at its first use. */
const EXPIRES_IN_S = 30

export async function openAuthority({ latencyMs }: { latencyMs: number }): Promise<Authority> {
  let refreshes = 0
  let reuses = 0
  let underWay = 0
  let mostAtOnce = 0
  const refreshToken = () => `refresh-token-${refreshes}`

  const server = createServer(async (request, response) => {
    underWay += 1
    mostAtOnce = Math.max(mostAtOnce, underWay)
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const sent = new URLSearchParams(Buffer.concat(chunks).toString()).get('refresh_token')
    const isGood = sent === refreshToken()
    if (isGood) refreshes += 1
    else reuses += 1
    const tokens = {
      access_token: `access-token-${refreshes}`,
      refresh_token: refreshToken(),
      token_type: 'bearer',
      expires_in: EXPIRES_IN_S,
      scope: 'zone.read',
    }
    await sleep(latencyMs)
    underWay -= 1
    response.writeHead(isGood ? 200 : 400, { 'content-type': 'application/json' })
    response.end(JSON.stringify(isGood ? tokens : { error: 'invalid_grant' }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  return {
    url: `http://127.0.0.1:${port}/oauth2/token`,
    refreshToken: refreshToken(),
    get refreshes() {
      return refreshes
    },
    get reuses() {
      return reuses
    },
    get mostAtOnce() {
      return mostAtOnce
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
