import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { ServerAddress } from './address.ts'
import type { Reach } from './reach.ts'

/** What came of asking for the token's address over a name. */
export type Probed =
  /** The answer that only we give, and a good certificate: visitors of the name arrive at the host platform. */
  | { readonly kind: 'reached' }
  /** The same by http, where nobody could be asked by https; only by way of `PROBE_ALLOW`. */
  | { readonly kind: 'reached-by-http' }
  /** Another answer: a host that does not hand the path on, or another host. */
  | { readonly kind: 'answered'; readonly status: number }
  /** It sends visitors to another name, where we do not follow. */
  | { readonly kind: 'sent-elsewhere' }
  /** It sends visitors from its secure address to the same one, for ever. */
  | { readonly kind: 'circle' }
  /** Cloudflare's proxy answers that the server behind it does not (Cloudflare docs, "Cloudflare 5xx errors", 2026). */
  | { readonly kind: 'unreachable-behind-proxy'; readonly status: number }
  /** The secure address has no certificate that browsers would accept. */
  | { readonly kind: 'certificate'; readonly fault: CertificateFault }
  /** There is a server for http, and nobody answers by https. */
  | { readonly kind: 'no-https' }
  | { readonly kind: 'refused' | 'silent' }
  /** We have no way there ourselves, such as without IPv6. */
  | { readonly kind: 'no-way' }
  /** Every address is one that we do not connect to. */
  | { readonly kind: 'not-public' }

/** `untrusted`: of no authority that we know, such as a self-signed one. */
export type CertificateFault = 'none' | 'other-name' | 'expired' | 'untrusted'

/** `answer`: what has to be there at `path`. Never rejects. */
export type Probe = (visit: {
  readonly name: string
  readonly addresses: readonly string[]
  readonly path: string
  readonly answer: string
}) => Promise<Probed>

/**
 * A GET to an address that was found in DNS, which its owner may have made anything: no names are resolved here, only
 * ports 80 and 443 of public addresses are connected to, no cookie or credential is sent, no redirect is followed, and
 * little is read, for a short time. Browsers open https, so that is asked too, at the same address, unless http sends
 * visitors elsewhere.
 * `patienceMs`: for each request.
 */
export function createProbe(reach: Reach, patienceMs: number): Probe {
  return async ({ name, addresses, path, answer }) => {
    const visits = inOrderOfAsking(addresses).map((address) => probeAddress({ name, address, path, answer }))
    const probed = (await Promise.all(visits)).filter((one) => one !== undefined)
    // Where the handshake fails at one address, some visitors do not arrive. Of two others that fail the first says why:
    // an IPv6 address may fail for our own want of IPv6.
    const insecure = probed.find(({ kind }) => kind === 'certificate' || kind === 'no-https')
    return (
      insecure ?? probed.find(({ kind }) => kind.startsWith('reached')) ?? probed[0] ?? { kind: 'not-public' }
    )
  }

  /** undefined: not an address to connect to. */
  async function probeAddress(visit: ProbeTarget): Promise<Probed | undefined> {
    const plain = reach(visit.address, 80)
    const secure = reach(visit.address, 443)
    const first = plain && (await fetchOnce('http', plain, visit, patienceMs))
    if (first?.kind === 'sent-elsewhere') return first
    return bothOf(first, secure && (await fetchOnce('https', secure, visit, patienceMs)))
  }
}

/** What comes of asking by http and by https; undefined: there was nobody to ask so. */
export function bothOf(plain: Fetched | undefined, secure: Fetched | undefined): Probed | undefined {
  const isThere = plain !== undefined && !NOT_THERE.has(plain.kind)
  if (secure === undefined || (isThere && secure.kind === 'no-way')) {
    return plain?.kind === 'reached' ? { kind: 'reached-by-http' } : plain && settled(plain)
  }
  if (isThere && NOT_THERE.has(secure.kind)) return { kind: 'no-https' }
  // A host may hand the path on by http alone. The certificate is good.
  if (plain?.kind === 'reached' && ANOTHER_ANSWER.has(secure.kind)) return plain
  return settled(secure)
}

/** What an answer tells; `to-secure`: to ask for the same by https. */
export function outcomeOf(
  { scheme, status, headers, body }: Answered,
  visit: Pick<ProbeTarget, 'name' | 'path' | 'answer'>,
): Fetched {
  if (status === 200 && body.trim() === visit.answer) return { kind: 'reached' }
  if (status >= 300 && status < 400 && headers.location !== undefined) {
    if (!isSecureTwin(headers.location, scheme, visit)) return { kind: 'sent-elsewhere' }
    return { kind: scheme === 'https' ? 'circle' : 'to-secure' }
  }
  const isProxy = `${headers.server}`.toLowerCase() === 'cloudflare'
  return isProxy && BEHIND_PROXY.has(status)
    ? { kind: 'unreachable-behind-proxy', status }
    : { kind: 'answered', status }
}

interface Answered {
  readonly scheme: 'http' | 'https'
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Its beginning. */
  readonly body: string
}

interface ProbeTarget {
  readonly name: string
  readonly address: string
  readonly path: string
  readonly answer: string
}

type Fetched = Probed | { readonly kind: 'to-secure' }

const NOT_THERE: ReadonlySet<string> = new Set(['refused', 'silent', 'no-way'])
const ANOTHER_ANSWER: ReadonlySet<string> = new Set(['answered', 'sent-elsewhere'])

/** What is read of an answer, in octets; ours is far shorter. */
const MOST_READ = 1_024
const MOST_ADDRESSES = 2
const BEHIND_PROXY: ReadonlySet<number> = new Set([520, 521, 522, 523, 524, 525, 526, 530])

/** IPv4 first: not every server of ours has IPv6. */
function inOrderOfAsking(addresses: readonly string[]): readonly string[] {
  const isIpv6 = (address: string) => address.includes(':')
  return [...addresses.filter((one) => !isIpv6(one)), ...addresses.filter(isIpv6)].slice(0, MOST_ADDRESSES)
}

function settled(fetched: Fetched): Probed {
  return fetched.kind === 'to-secure' ? { kind: 'sent-elsewhere' } : fetched
}

function fetchOnce(
  scheme: 'http' | 'https',
  { address, port }: ServerAddress,
  visit: ProbeTarget,
  patienceMs: number,
): Promise<Fetched> {
  return new Promise((resolve) => {
    const request = (scheme === 'http' ? httpRequest : httpsRequest)({
      host: address,
      port,
      path: visit.path,
      method: 'GET',
      headers: { host: visit.name, accept: 'text/plain', 'user-agent': 'Zonewright', connection: 'close' },
      agent: false,
      maxHeaderSize: 8_192,
      // It has to be the name's own certificate.
      ...(scheme === 'https' && { servername: visit.name }),
    })
    const finish = (fetched: Fetched) => {
      clearTimeout(timer)
      request.destroy()
      resolve(fetched)
    }
    const timer = setTimeout(finish, patienceMs, { kind: 'silent' })
    request.on('error', (error: Error & { code?: string }) => finish(failureOf(error.code ?? '', scheme)))
    request.on('response', (response) => {
      readStart(response, MOST_READ).then(
        (body) => {
          const { statusCode: status = 0, headers } = response
          finish(outcomeOf({ scheme, status, headers, body }, visit))
        },
        () => finish({ kind: 'silent' }),
      )
    })
    request.end()
  })
}

/** Whether this is the https address of what was asked for. */
function isSecureTwin(
  location: string,
  scheme: 'http' | 'https',
  { name, path }: Pick<ProbeTarget, 'name' | 'path'>,
): boolean {
  const base = `${scheme}://${name}${path}`
  return URL.parse(location, base)?.href === `https://${name}${path}`
}

async function readStart(response: IncomingMessage, most: number): Promise<string> {
  let text = ''
  response.setEncoding('utf8')
  for await (const chunk of response) {
    text += chunk
    if (text.length > most) break
  }
  return text
}

/** `code`: of the system, of OpenSSL, or of Node.js. */
export function failureOf(code: string, scheme: 'http' | 'https'): Probed {
  if (code === 'ECONNREFUSED') return { kind: 'refused' }
  if (code === 'ENETUNREACH' || code === 'EADDRNOTAVAIL') return { kind: 'no-way' }
  // What is left of OpenSSL's many codes, once the connection itself is there.
  const isOfNetwork = /^E(CONN|HOST|TIMED|PIPE)/.test(code) || code.startsWith('HPE_')
  if (scheme === 'http' || isOfNetwork) return { kind: 'silent' }
  return { kind: 'certificate', fault: FAULTS[code] ?? 'none' }
}

/** X509 certificate error codes (Node.js docs, "TLS", 2026). A server without one ends the handshake with an alert. */
const FAULTS: Readonly<Record<string, CertificateFault>> = {
  ERR_TLS_CERT_ALTNAME_INVALID: 'other-name',
  CERT_HAS_EXPIRED: 'expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'untrusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'untrusted',
  UNABLE_TO_GET_ISSUER_CERT: 'untrusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'untrusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'untrusted',
}
