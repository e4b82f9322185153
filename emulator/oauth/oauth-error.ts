/** An error in the words of RFC 6749: JSON at the token endpoint, parameters of a redirect at the authorize endpoint. */

export type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'invalid_scope'
  | 'invalid_state'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'unsupported_response_type'
  | 'access_denied'
  | 'consent_required'
  | 'server_error'
  | 'temporarily_unavailable'

export class OAuthError extends Error {
  readonly code: OAuthErrorCode

  constructor(code: OAuthErrorCode, description: string) {
    super(description)
    this.name = 'OAuthError'
    this.code = code
  }
}

/** 401 for a client that did not prove who it is, 400 for the rest (RFC 6749 section 5.2). */
export function statusOf({ code }: OAuthError): number {
  return code === 'invalid_client' ? 401 : 400
}

export function errorBody({ code, message }: OAuthError): { error: string; error_description: string } {
  return { error: code, error_description: message }
}

/** Throws `invalid_request` when a parameter comes more than once (RFC 6749 sections 3.1 and 3.2). */
export function refuseRepeated(parameters: URLSearchParams): void {
  for (const name of new Set(parameters.keys())) {
    if (parameters.getAll(name).length > 1) {
      throw new OAuthError('invalid_request', `The parameter '${name}' is given more than once.`)
    }
  }
}
