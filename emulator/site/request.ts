/** What comes to the dashboard's side of the emulator and what it answers: forms, pages and JSON outside the v4 API. */

export interface SiteRequest {
  readonly method: string
  readonly query: URLSearchParams
  /** The fields of a form that was sent; undefined when the body is none. */
  readonly form: URLSearchParams | undefined
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly nowMs: number
  /** `http://127.0.0.1:8787`: where the caller found this, and the issuer of ID tokens. */
  readonly origin: string
}

export interface SiteReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export function jsonReply(
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): SiteReply {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  }
}
