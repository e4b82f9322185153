/**
 * What nobody outside Cloudflare has seen recorded. The emulator has to choose; it chooses here, in one place,
 * and nowhere else. A test that leans on one of these tests the emulator, not Cloudflare.
 */
import { type ApiError, Refusal } from './wire.ts'

/** Errors are answered with 400 unless the entry's sentence says otherwise. */
export interface UnknownChoices {
  readonly expiredToken: 'as-unknown' | 'accepted'
  readonly invisibleZone: 403 | 404
  readonly malformedIdStatus: 400 | 404
  readonly malformedEmail: ApiError
  readonly keyAtTokenVerify: ApiError
  readonly rateLimitError: ApiError
  readonly retryAfter: 'remaining' | 'absent'
  readonly zonesRatePolicy: string
  readonly zonesPerPageMaximum: number
  readonly perPageOutOfRange: 'clamp' | 'refuse'
  readonly invalidType: ApiError
  readonly typeChange: ApiError
  readonly contentMissing: ApiError
  readonly nsContent: ApiError
  readonly srvData: ApiError
  readonly caaData: ApiError
  readonly recordData: ApiError
  readonly ptrContent: ApiError
  readonly dsWithoutNs: ApiError
  readonly mxPriority: ApiError
  readonly mxWithoutPriority: ApiError
  readonly txtContent: ApiError
  readonly cnameToItself: ApiError
  readonly notProxiable: ApiError
  readonly commentNewline: ApiError
  readonly tagInvalid: ApiError
  readonly flattenOnFree: ApiError
  readonly readOnlyRecord: ApiError
  readonly nsBesideHost: ApiError
  readonly batchTooLarge: ApiError
  readonly importFault: ApiError
  readonly importTooLarge: ApiError
  readonly importIdentical: 'skipped' | 'refused'
  readonly accountQuota: number | null
  readonly zoneExists: ApiError
  readonly zoneNameInvalid: ApiError
  readonly batchEmptyLists: 'empty' | 'absent'
  readonly quotedTxtIdentity: 'by-value' | 'by-text'
  readonly oauthTokenAtVerify: 'unknown' | 'active'
  readonly codeSeconds: number
  readonly codeReuse: 'ends-grant' | 'refused'
  readonly refreshReuse: 'ends-grant' | 'refused'
  readonly refreshedAccessToken: 'ends' | 'stays'
  readonly revokedAccessToken: 'ends-grant' | 'alone'
  readonly endOfSession: 'all' | 'refresh-only'
  readonly shortState: 'accepted' | 'refused'
  readonly scopeInRedirect: 'present' | 'absent'
  readonly otherKnownGrants: 'unauthorized_client' | 'unsupported_grant_type'
}

export const UNKNOWNS: { readonly [K in keyof UnknownChoices]: Unknown<UnknownChoices[K]> } = {
  expiredToken: {
    choice: 'as-unknown',
    source:
      'The body for an expired token was not found; the verify endpoint documents the status "expired".',
  },
  invisibleZone: {
    choice: 403,
    source: 'No recorded body for a well-formed zone id that the credential cannot see.',
  },
  malformedIdStatus: {
    choice: 400,
    source: '7003 with 7000 is reported both as 400 and as 404.',
  },
  malformedEmail: {
    choice: { code: 6102, message: 'Invalid format for X-Auth-Email header' },
    source: 'The 6003 chain is recorded for X-Auth-Key (6103) and Authorization (6111), not for the e-mail.',
  },
  keyAtTokenVerify: {
    choice: { code: 1000, message: 'Invalid API Token' },
    source: 'No recorded answer for a global key at a token verify endpoint; 401 is assumed.',
  },
  rateLimitError: {
    choice: { code: 971, message: 'Please wait and consider throttling your request speed' },
    source: '971, 10429 and 10100 are all reported as the code of a 429.',
  },
  retryAfter: {
    choice: 'remaining',
    source: 'The value of retry-after during the five-minute block is not recorded.',
  },
  zonesRatePolicy: {
    choice: '"list_zones";q=1200;w=300',
    source: 'GET /zones reports a policy named list_zones; its numbers were not noted.',
  },
  zonesPerPageMaximum: {
    choice: 100,
    source: 'Documented as 5 to 50; 100 was accepted and echoed in August 2025; more was not tried.',
  },
  perPageOutOfRange: {
    choice: 'clamp',
    source: 'What a per_page under 5 or over the maximum gives is not recorded.',
  },
  invalidType: {
    choice: { code: 9001, message: 'DNS record type is invalid.' },
    source: 'The code for a missing or unknown record type was not found.',
  },
  typeChange: {
    choice: { code: 9001, message: 'Editing types after a record has been created is not allowed.' },
    source:
      'Types are immutable since 30 June 2026; these words are of an API before v4, the code is a stand-in.',
  },
  contentMissing: {
    choice: { code: 9007, message: 'Content for record is missing.' },
    source: 'A record without content is a 400 (cloudflare-docs 26664); its code was not found.',
  },
  nsContent: {
    choice: { code: 9007, message: 'Content for NS record is invalid.' },
    source: 'The code for a bad NS content was not found; 9007 is that of CNAME.',
  },
  srvData: {
    choice: { code: 9007, message: 'Data for SRV record is invalid.' },
    source: 'Only the missing field (9101) is recorded for SRV.',
  },
  caaData: {
    choice: { code: 9007, message: 'Data for CAA record is invalid.' },
    source: 'Only the missing field (9101) is recorded for CAA.',
  },
  recordData: {
    choice: { code: 9007, message: 'Data for record is invalid.' },
    source: 'Only the missing field (9101) is recorded for DS, HTTPS, SSHFP, SVCB, TLSA and URI.',
  },
  ptrContent: {
    choice: { code: 9007, message: 'Content for PTR record is invalid.' },
    source: 'The code for a bad PTR content was not found; 9007 is that of CNAME.',
  },
  dsWithoutNs: {
    choice: { code: 9007, message: 'DS records need NS records at the same name.' },
    source: 'DS must share its name with NS and come after it (octodns-cloudflare 0.0.7); no code was found.',
  },
  mxPriority: {
    choice: { code: 9007, message: 'Priority for MX record must be between 0 and 65535.' },
    source: 'The code for an MX priority out of range was not found.',
  },
  mxWithoutPriority: {
    choice: { code: 9101, message: 'priority is a required data field.' },
    source: 'What an MX without priority gives is not recorded.',
  },
  txtContent: {
    choice: { code: 9007, message: 'Content for TXT record is invalid.' },
    source: 'Unbalanced quotes, empty and too long TXT are refused; the codes were not found.',
  },
  cnameToItself: {
    choice: { code: 9007, message: 'Content for CNAME record is invalid.' },
    source: 'A CNAME may not point at its own name; the code was not found.',
  },
  notProxiable: {
    choice: { code: 9004, message: 'This record type cannot be proxied.' },
    source: 'Code and words are likely only: one source.',
  },
  commentNewline: {
    choice: { code: 9313, message: 'DNS record comment may not contain line breaks.' },
    source: 'Line breaks are not allowed in comments; only the code for too long (9313) is recorded.',
  },
  tagInvalid: {
    choice: { code: 9300, message: 'DNS record tag is invalid.' },
    source: 'The rules of tags are documented; only the code of the quota (9300) is recorded.',
  },
  flattenOnFree: {
    choice: { code: 9007, message: 'CNAME flattening of single records needs a paid plan.' },
    source: 'settings.flatten_cname needs a paid plan; the code for asking without one was not found.',
  },
  readOnlyRecord: {
    choice: { code: 1046, message: 'This record is read-only.' },
    source: '1046 is reported, with low confidence, for records locked by Email Routing.',
  },
  nsBesideHost: {
    choice: { code: 81053, message: 'An A, AAAA, or CNAME record with that host already exists.' },
    source: 'The code for an NS onto an existing A, AAAA or CNAME was not found.',
  },
  batchTooLarge: {
    choice: { code: 9207, message: 'Request body is invalid.' },
    source: 'The limits of 200 and 3,500 operations are documented, the error is not.',
  },
  importFault: {
    choice: { code: 9207, message: '' },
    source:
      'Of what an import refuses, the words "$INCLUDE directive not allowed" alone are documented; the words here say ' +
      'the line, and the code is a stand-in. That one bad line undoes the whole import is a guess as well.',
  },
  importTooLarge: {
    choice: { code: 9207, message: 'The file is larger than 256 KiB.' },
    source: 'The limit of 256 KiB is documented, the error is not.',
  },
  importIdentical: {
    choice: 'skipped',
    source:
      'recs_added may be less than total_records_parsed; what becomes of identical records is not recorded.',
  },
  accountQuota: {
    choice: null,
    source: 'record_quota of an account may be null by the SDK (7.3.0); when it is was not recorded.',
  },
  zoneExists: {
    choice: { code: 1061, message: 'The zone already exists.' },
    source: '1061 stands in logs of other tools; its present words were not recorded.',
  },
  zoneNameInvalid: {
    choice: { code: 1049, message: 'The name is not a registered domain.' },
    source: '1049 stands in logs of other tools; its present words were not recorded.',
  },
  batchEmptyLists: {
    choice: 'empty',
    source: 'Whether a batch answers [] or nothing for a list that was not sent is not recorded.',
  },
  quotedTxtIdentity: {
    choice: 'by-value',
    source: 'Whether TXT with and without quotes are identical records (81058) is not recorded.',
  },
  oauthTokenAtVerify: {
    choice: 'unknown',
    source: 'What /user/tokens/verify says of an OAuth access token is not recorded; it is no API token.',
  },
  codeSeconds: {
    choice: 600,
    source: 'The life of an authorization code is not documented; RFC 6749 advises 10 minutes at most.',
  },
  codeReuse: {
    choice: 'ends-grant',
    source: 'RFC 6749 section 4.1.2 says that a server should; nothing was seen of Cloudflare.',
  },
  refreshReuse: {
    choice: 'ends-grant',
    source: 'Usual for Ory Hydra, whose words the endpoints speak; nothing was seen of Cloudflare.',
  },
  refreshedAccessToken: {
    choice: 'ends',
    source:
      "Ory's library revokes the last access token with its refresh token; nothing was seen of Cloudflare.",
  },
  revokedAccessToken: {
    choice: 'ends-grant',
    source: "Ory's library revokes both, whichever is named; nothing was seen of Cloudflare.",
  },
  endOfSession: {
    choice: 'all',
    source:
      'The session of a grant is known to end refresh tokens; what becomes of the access token is not recorded.',
  },
  shortState: {
    choice: 'accepted',
    source: 'Ory Hydra refuses a state of under 8 characters with invalid_state; not seen of Cloudflare.',
  },
  scopeInRedirect: {
    choice: 'present',
    source: 'Ory Hydra names the granted scope beside the code; not seen of Cloudflare.',
  },
  otherKnownGrants: {
    choice: 'unauthorized_client',
    source:
      'Client credentials and device codes are not for third parties; which error says so is not recorded.',
  },
}

interface Unknown<T> {
  readonly choice: T
  readonly source: string
}

export function chooseUnknowns(instead: Partial<UnknownChoices> = {}): UnknownChoices {
  const choices = Object.fromEntries(Object.entries(UNKNOWNS).map(([id, { choice }]) => [id, choice]))
  return { ...(choices as unknown as UnknownChoices), ...instead }
}

/** A 400 with an error that was chosen above. */
export function chosenRefusal(error: ApiError): Refusal {
  return new Refusal(400, error)
}
