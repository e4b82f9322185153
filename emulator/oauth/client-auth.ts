/** Which client calls the token endpoint, and whether it proves it (RFC 6749 section 2.3). */
import type { OAuthClient } from './clients.ts'
import { OAuthError } from './oauth-error.ts'

/** Throws `invalid_client`, or `invalid_request` for a client that proves itself in two ways at once. */
export function authenticatedClient(
  headers: Readonly<Record<string, string>>,
  form: URLSearchParams,
  clients: ReadonlyMap<string, OAuthClient>,
): OAuthClient {
  const basic = headers.authorization === undefined ? undefined : basicCredentials(headers.authorization)
  const [formId, formSecret] = [form.get('client_id'), form.get('client_secret')]
  if (basic !== undefined && formSecret !== null) {
    throw new OAuthError('invalid_request', 'The client proves who it is in two ways; one is enough.')
  }
  if (basic !== undefined && formId !== null && formId !== basic.id) {
    throw new OAuthError('invalid_request', 'The client_id is not that of the Authorization header.')
  }
  const client = clients.get(basic?.id ?? formId ?? '')
  if (client === undefined) throw new OAuthError('invalid_client', 'The client is not known.')
  const method = basic === undefined ? 'client_secret_post' : 'client_secret_basic'
  if (client.secret !== (basic?.secret ?? formSecret ?? undefined)) {
    throw new OAuthError('invalid_client', 'The client secret is missing or wrong.')
  }
  if (client.authMethod !== undefined && client.authMethod !== method) {
    throw new OAuthError('invalid_client', `The client is registered for ${client.authMethod}.`)
  }
  return client
}

/** Each half is form-encoded before both are put into Base64. */
function basicCredentials(header: string): { id: string; secret: string } {
  const encoded = /^Basic +([A-Za-z0-9+/]+=*)$/i.exec(header)?.[1] ?? ''
  const [id, secret] = Buffer.from(encoded, 'base64').toString('utf8').split(/:(.*)/s)
  try {
    if (id !== undefined && id !== '' && secret !== undefined) {
      return { id: formDecoded(id), secret: formDecoded(secret) }
    }
  } catch (problem) {
    if (!(problem instanceof URIError)) throw problem
  }
  throw new OAuthError('invalid_client', 'The Authorization header is not Basic with an id and a secret.')
}

function formDecoded(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '))
}
