/** What the tests of OAuth share: an emulator with clients, a browser in process, and calls of the token endpoint. */
import { createHash } from 'node:crypto'
import {
  createEmulator,
  type Emulator,
  type EmulatorOptions,
  type PlainReply,
  type WireReply,
} from '../emulator.ts'
import { START } from '../testing.ts'

export const CALLBACK = 'http://localhost:3000/callback'
export const SECRET = 'secret of the shop'
export const VERIFIER = 'a-verifier-of-at-least-43-characters-0123456789'
export const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url')
export const ALL_SCOPES = 'zone.read dns.read dns.write offline_access openid'

export interface TokenAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly json: Readonly<Record<string, string>>
  readonly access: string
  readonly refresh: string
}

export interface Office {
  readonly emulator: Emulator
  readonly clock: { now: number }
  get(target: string, headers?: Record<string, string>): Promise<PlainReply>
  post(
    target: string,
    form: URLSearchParams | Record<string, string>,
    headers?: Record<string, string>,
  ): Promise<PlainReply>
  /** What the person is asked; parameters that are null are left out. */
  authorizeUrl(changes?: Record<string, string | null>): string
  /** The code, once the person has agreed. */
  code(changes?: Record<string, string | null>): string
  /** At the token endpoint, as the shop; parameters that are null are left out. */
  token(form: Record<string, string | null>, headers?: Record<string, string>): Promise<TokenAnswer>
  exchange(code: string, changes?: Record<string, string | null>): Promise<TokenAnswer>
  refresh(token: string): Promise<TokenAnswer>
  /** As `refresh`, but whatever kind of reply comes. */
  refreshAnyhow(token: string): Promise<WireReply>
  /** Status and first code of error of `GET /zones`, or of another path of the API. */
  callWith(access: string, path?: string, method?: string): Promise<readonly [number, number | undefined]>
  zonesSeenBy(access: string): Promise<readonly string[]>
}

/** Two accounts with a zone each; a confidential client `shop`, and a public one `tool`. */
export function office(options: EmulatorOptions = {}): Office {
  const clock = { now: START }
  const emulator = createEmulator({
    now: () => clock.now,
    zones: [{ name: 'example.com' }, { name: 'example.net', account: { name: 'Second' } }],
    oauthClients: [
      {
        id: 'shop',
        secret: SECRET,
        name: 'The Shop',
        redirectUris: [CALLBACK],
        optionalScopes: ['dns.write'],
      },
      { id: 'tool', name: 'The Tool', redirectUris: [CALLBACK], public: true },
    ],
    ...options,
  })

  async function send(method: string, target: string, headers: Record<string, string>, body?: string) {
    const reply = await emulator.handle({ method, target, headers, body })
    if (reply.kind !== 'reply') throw new Error(`a reply was expected, and ${reply.kind} came`)
    return reply
  }

  const started: Office = {
    emulator,
    clock,
    get: (target, headers = {}) => send('GET', target, headers),
    post: (target, form, headers = {}) =>
      send('POST', target, { ...FORM, ...headers }, new URLSearchParams(form).toString()),
    authorizeUrl(changes = {}) {
      const asked = {
        response_type: 'code',
        client_id: 'shop',
        redirect_uri: CALLBACK,
        scope: ALL_SCOPES,
        state: 'state-0123456789',
        code_challenge: CHALLENGE,
        code_challenge_method: 'S256',
        ...changes,
      }
      return `/oauth2/auth?${present(asked)}`
    },
    code(changes) {
      const location = emulator.state.consent(started.authorizeUrl(changes))
      const code = new URL(location).searchParams.get('code')
      if (code === null) throw new Error(`no code in ${location}`)
      return code
    },
    async token(form, headers = {}) {
      const given = { client_id: 'shop', client_secret: SECRET, ...form }
      const reply = await send('POST', '/oauth2/token', { ...FORM, ...headers }, present(given).toString())
      const json = JSON.parse(textOf(reply)) as Record<string, string>
      const { access_token: access = '', refresh_token: refresh = '' } = json
      return { status: reply.status, headers: reply.headers, json, access, refresh }
    },
    exchange: (code, changes = {}) =>
      started.token({
        grant_type: 'authorization_code',
        code,
        redirect_uri: CALLBACK,
        code_verifier: VERIFIER,
        ...changes,
      }),
    refresh: (token) => started.token({ grant_type: 'refresh_token', refresh_token: token }),
    refreshAnyhow: (token) =>
      emulator.handle({
        method: 'POST',
        target: '/oauth2/token',
        headers: FORM,
        body: present({ ...REFRESH, refresh_token: token }).toString(),
      }),
    async callWith(access, path = '/zones', method = 'GET') {
      const reply = await send(method, `/client/v4${path}`, {
        authorization: `Bearer ${access}`,
        'content-type': 'application/json',
      })
      const { errors } = JSON.parse(textOf(reply)) as { errors: { code: number }[] }
      return [reply.status, errors[0]?.code]
    },
    async zonesSeenBy(access) {
      const reply = await send('GET', '/client/v4/zones', { authorization: `Bearer ${access}` })
      const { result } = JSON.parse(textOf(reply)) as { result: { name: string }[] }
      return result.map(({ name }) => name)
    },
  }
  return started
}

export function textOf({ body }: PlainReply): string {
  return Buffer.from(body).toString('utf8')
}

/** The parameters with which the browser comes back to the client. */
export function answerIn(location: string | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(new URL(location ?? '').searchParams)
}

/** What a browser would send of the page's form: hidden and ticked fields. */
export function fieldsOf(page: string): URLSearchParams {
  const fields = new URLSearchParams()
  for (const [input] of page.matchAll(/<input[^>]*>/g)) {
    const attribute = (name: string) => new RegExp(` ${name}="([^"]*)"`).exec(input)?.[1] ?? ''
    const isBox = attribute('type') === 'checkbox' || attribute('type') === 'radio'
    if (!isBox || / checked/.test(input)) fields.append(attribute('name'), attribute('value'))
  }
  return fields
}

/** As the browser sends back what it was given. */
export function cookieOf({ headers }: PlainReply): { readonly cookie: string } {
  return { cookie: headers['set-cookie']?.split(';')[0] ?? '' }
}

const REFRESH = { grant_type: 'refresh_token', client_id: 'shop', client_secret: SECRET }
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

function present(parameters: Readonly<Record<string, string | null>>): URLSearchParams {
  const present = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) if (value !== null) present.append(name, value)
  return present
}
