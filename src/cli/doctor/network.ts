import { type Transport, TransportError } from '#providers/cloudflare/transport.ts'
import { envelope } from '#providers/cloudflare/wire.ts'
import { type Finding, fault, good, warning } from './finding.ts'
import { connectionTrouble } from './trouble.ts'

export interface NetworkVisit {
  readonly findings: readonly Finding[]
  /** Whether it is worth asking anything else there. */
  readonly reachable: boolean
}

/** One request without a credential: whether Cloudflare's API is there, and what time it has. */
export async function visitNetwork(
  baseUrl: string,
  { transport, now }: { transport: Transport; now: () => number },
): Promise<NetworkVisit> {
  const { host } = new URL(baseUrl)
  const askedAt = now()
  try {
    const reply = await transport({
      method: 'GET',
      url: `${baseUrl}/user/tokens/verify`,
      headers: { Accept: 'application/json', 'User-Agent': 'zonewright' },
    })
    const tookMs = Math.round(now() - askedAt)
    const clock = clockFindings(reply.headers.date, askedAt + tookMs / 2)
    if (isEnvelope(reply.body)) {
      return { findings: [good('network', `${host} answers in ${tookMs} ms`), ...clock], reachable: true }
    }
    const words = `${host} answers with status ${reply.status}, and not as Cloudflare's API`
    const remedy =
      reply.status >= 500
        ? 'see www.cloudflarestatus.com, and ask again later'
        : 'correct CLOUDFLARE_API_BASE_URL, or look for a proxy that answers in its place'
    return { findings: [fault('network', words, remedy)], reachable: false }
  } catch (error) {
    if (!(error instanceof TransportError)) throw error
    const { words, remedy } = connectionTrouble(error)
    return { findings: [fault('network', `${host}: ${words}`, remedy)], reachable: false }
  }
}

/** From here on, seconds are worth a word; and from there on, signed requests are near being refused (ms). */
const NOTABLE_SKEW_MS = 5_000
const HARMFUL_SKEW_MS = 120_000
/** A Date header has whole seconds (RFC 9110, section 5.6.7): the time was half of one later on average. */
const HALF_A_SECOND_MS = 500

function clockFindings(date: string | undefined, now: number): readonly Finding[] {
  const skewMs = now - (Date.parse(date ?? '') + HALF_A_SECOND_MS)
  if (Number.isNaN(skewMs)) return []
  const seconds = Math.round(Math.abs(skewMs) / 1_000)
  const words = `this machine is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} Cloudflare`
  const remedy = 'keep NTP on it; requests signed more than five minutes from its time are refused'
  if (Math.abs(skewMs) <= NOTABLE_SKEW_MS) return [good('clock', "is Cloudflare's to within seconds")]
  if (Math.abs(skewMs) <= HARMFUL_SKEW_MS) return [warning('clock', words, remedy)]
  return [fault('clock', words, remedy)]
}

function isEnvelope(body: string): boolean {
  try {
    return envelope.safeParse(JSON.parse(body)).success
  } catch {
    return false
  }
}
