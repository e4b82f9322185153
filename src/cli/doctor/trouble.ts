/** Why a connection was not to be had, by the code of Node.js or OpenSSL, with the remedy. */
export function connectionTrouble(error: unknown): { words: string; remedy: string } {
  const code = codeOf(error)
  const row = ROWS.find(([codes]) => codes.test(code))
  if (row === undefined) {
    return {
      words: `cannot be reached (${code || 'no answer'})`,
      remedy: 'see to the network and its firewall',
    }
  }
  const [, words, remedy] = row
  return { words: `${words} (${code})`, remedy }
}

const ROWS: readonly (readonly [RegExp, string, string])[] = [
  [
    /^(ENOTFOUND|EAI_)/,
    'its name is not found in DNS',
    "see to this machine's resolver, in a cluster to the NetworkPolicy for port 53",
  ],
  [/^ECONNREFUSED$/, 'nobody listens there', 'correct the address, or start what should listen'],
  [
    /^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|timeout)$/,
    'nothing comes back from there',
    'let this machine out through firewall and NetworkPolicy',
  ],
  [
    /^(CERT_HAS_EXPIRED|CERT_NOT_YET_VALID)$/,
    'its certificate is not valid now',
    "see to this machine's clock, or to who stands in between",
  ],
  [
    /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    'its certificate is for another name',
    'ask for it by a name that its certificate has',
  ],
  [
    /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS/,
    'its certificate is not trusted',
    'install the CA certificates; for an authority of your own, or a proxy that opens TLS, set NODE_EXTRA_CA_CERTS',
  ],
  [/^(EPROTO|ERR_SSL)/, 'it does not speak TLS', 'correct the scheme or the port of the address'],
  [
    /^(ECONNRESET|EPIPE|connection-lost)$/,
    'the connection was cut',
    'see to proxies and firewalls in between, and whether the address has to begin with https',
  ],
]

/** Of the error, of what caused it, or of the first of several tries. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  if ('code' in error && typeof error.code === 'string') return error.code
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0])
  if (error.cause !== undefined) return codeOf(error.cause)
  return 'reason' in error && typeof error.reason === 'string' ? error.reason : ''
}
