import type { CloudflareConfig, CloudflareCredential } from '#config/operator.ts'
import type { ListedZone } from '#dns/zone.ts'
import type { Clock, Random } from '#platform/ports.ts'
import { cloudflareClients } from '#providers/cloudflare/clients.ts'
import { CloudflareError } from '#providers/cloudflare/errors.ts'
import type { BudgetLedger, RateLimiter } from '#providers/cloudflare/rate-limiter.ts'
import { type TokenOwner, type TokenStatus, tokenStatus } from '#providers/cloudflare/token-status.ts'
import type { Transport } from '#providers/cloudflare/transport.ts'
import { nameOfCredential, revealedCredential } from '#server/build-engine.ts'
import { type Finding, fault, good, warning } from './finding.ts'

export interface CredentialVisit {
  readonly findings: readonly Finding[]
  /** undefined: the credential could not list them. */
  readonly zones: readonly ListedZone[] | undefined
}

interface System {
  readonly transport: Transport
  readonly clock: Clock
  readonly random: Random
}

/**
 * Whether Cloudflare knows the credential, and the zones that it shows to it. The few calls come on top of the budget
 * that servers share: counting them would change it, and the fifth that is left unused has room for them.
 */
export async function visitCredential(config: CloudflareConfig, system: System): Promise<CredentialVisit> {
  const credentialName = nameOfCredential(config.credential)
  const cloudflare = cloudflareClients({ ...system, ledger: ledgerInMemory() })
  const rateLimiter = cloudflare.rateLimiter(credentialName)
  const client = cloudflare.client({
    rateLimiter,
    credential: revealedCredential(config.credential),
    credentialName,
    baseUrl: config.baseUrl,
    accountId: config.accountId,
  })
  try {
    const listed = await client.listZones('people').catch((error: unknown) => {
      if (error instanceof CloudflareError && error.kind === 'unauthorised') return error
      throw error
    })
    const zones = listed instanceof CloudflareError ? undefined : listed
    const status = await statusOf(config, zones ?? [], rateLimiter, system)
    return { findings: findingsFor(config.credential, status, listed), zones }
  } catch (error) {
    if (!(error instanceof CloudflareError)) throw error
    return { findings: [interrupted(error)], zones: undefined }
  }
}

/** Of a token: each kind of owner is asked, since neither knows the tokens of the other. Keys cannot be asked about. */
async function statusOf(
  { credential, accountId, baseUrl }: CloudflareConfig,
  zones: readonly ListedZone[],
  rateLimiter: RateLimiter,
  { transport }: System,
): Promise<{ status: TokenStatus; owner: TokenOwner } | undefined> {
  if (credential.kind === 'key') return undefined
  const accounts = [accountId ?? '', ...zones.map((zone) => zone.accountId)].filter((id) => id !== '')
  const owners: readonly TokenOwner[] = [
    'user',
    ...[...new Set(accounts)].slice(0, MOST_ACCOUNTS).map((account) => ({ account })),
  ]
  for (const owner of owners) {
    const status = await tokenStatus(credential.token.reveal(), owner, { transport, rateLimiter, baseUrl })
    if (status !== 'unknown') return { status, owner }
  }
  return { status: 'unknown', owner: 'user' }
}

const MOST_ACCOUNTS = 5

function findingsFor(
  credential: CloudflareCredential,
  token: { status: TokenStatus; owner: TokenOwner } | undefined,
  listed: readonly ListedZone[] | CloudflareError,
): readonly Finding[] {
  const refused = listed instanceof CloudflareError ? listed : undefined
  if (credential.kind === 'key' || token === undefined) {
    return refused === undefined
      ? [good('credential', 'Cloudflare takes the API key')]
      : [
          fault(
            'credential',
            `Cloudflare refuses the API key: ${saidIn(refused)}`,
            'correct CLOUDFLARE_API_KEY and CLOUDFLARE_EMAIL, or use CLOUDFLARE_API_TOKEN in their place',
          ),
        ]
  }
  if (token.status === 'disabled' || token.status === 'expired') {
    const remedy = 'enable or roll it at Cloudflare (API Tokens), or set CLOUDFLARE_API_TOKEN to another'
    return [fault('credential', `the API token is ${token.status}`, remedy)]
  }
  if (token.status === 'active') {
    const whose = token.owner === 'user' ? 'a user' : 'an account'
    return [
      good('credential', `the API token of ${whose} is active`),
      ...(refused === undefined ? [] : [mayNotList(refused)]),
    ]
  }
  if (refused === undefined) {
    const words = 'the API token is taken, and neither its user nor an account says that it is active'
    return [warning('credential', words, 'see at Cloudflare (API Tokens) whether it was deleted just now')]
  }
  return [
    fault(
      'credential',
      `Cloudflare does not know the API token: ${saidIn(refused)}`,
      "copy it again into CLOUDFLARE_API_TOKEN; for an account's token set CLOUDFLARE_ACCOUNT_ID too",
    ),
  ]
}

function mayNotList(refused: CloudflareError): Finding {
  return fault(
    'permissions',
    `the token may list no zones: ${saidIn(refused)}`,
    'give it Zone → Zone → Read and Zone → DNS → Edit, and let this address in if it is filtered by address',
  )
}

function interrupted(error: CloudflareError): Finding {
  const words = `Cloudflare could not be asked: ${saidIn(error)}`
  return error.kind === 'rate-limited'
    ? warning(
        'call budget',
        words,
        'wait five minutes; whatever else uses the same Cloudflare user counts against the same limit',
      )
    : fault('credential', words, 'see www.cloudflarestatus.com, and ask again later')
}

function saidIn({ message, status, codes }: CloudflareError): string {
  const facts = [status === undefined ? [] : [`status ${status}`], codes.map((code) => `code ${code}`)].flat()
  return `${message.replace(/\.$/, '')}${facts.length > 0 ? ` (${facts.join(', ')})` : ''}`
}

function ledgerInMemory(): BudgetLedger {
  const budgets = new Map<string, unknown>()
  return {
    async changeBudget(credential, decide) {
      const { budget, answer } = decide(budgets.get(credential) as Parameters<typeof decide>[0])
      budgets.set(credential, budget)
      return answer
    },
  }
}
