/** Faults of OAuth: at the token endpoint, and in what becomes of a refresh. */
import type { Exchange } from '../exchange.ts'
import { refusalLocation } from '../oauth/authorize.ts'
import { errorBody, OAuthError } from '../oauth/oauth-error.ts'
import { splitOnce } from '../routes.ts'
import type { WireReply } from '../wire.ts'
import { broken } from './answers.ts'
import { between, type Fault, oneOf } from './fault.ts'

export const OAUTH_FAULTS: readonly Fault[] = [
  {
    id: 'F24',
    title: 'a refresh token was exchanged for the next, and the answer is lost',
    phases: ['after-commit'],
    forms: ['reset', 'hang', 'error'],
    applies: refreshes,
    inject(exchange, { form, random }) {
      const kind = form ?? oneOf(['reset', 'hang', 'error'], random)
      exchange.carryOut()
      if (kind === 'hang') return { kind: 'hang' }
      return kind === 'reset' ? { kind: 'reset', after: 'nothing' } : broken(exchange, 504)
    },
  },
  {
    id: 'F25',
    title:
      'two refreshes with one token at once, so that the grant ends; the answer is the first or the second',
    phases: ['after-commit'],
    forms: ['first', 'second'],
    applies: refreshes,
    inject(exchange, { form, random }) {
      const answers = { first: exchange.carryOut(), second: exchange.carryOut() }
      return answers[(form ?? oneOf(['first', 'second'], random)) === 'first' ? 'first' : 'second']
    },
  },
  {
    id: 'F26',
    title: 'the token endpoint errs, asks to wait, answers in HTML, or is slow; the authorize endpoint errs',
    phases: ['before-commit', 'after-commit'],
    forms: ['server_error', 'temporarily_unavailable', '429', 'html', 'slow'],
    applies: (exchange, { form }) => asksForTokens(exchange) || (asksAPerson(exchange) && isOAuthError(form)),
    inject(exchange, { form, phase, seconds, random }) {
      const kind = form ?? oneOf(['server_error', 'temporarily_unavailable', '429', 'html', 'slow'], random)
      if (asksAPerson(exchange)) return sentBack(exchange, kind)
      if (kind === 'slow') return late(exchange, seconds ?? between(5, 60, random))
      if (phase === 'after-commit') exchange.carryOut()
      if (kind === 'html') return broken(exchange, 502)
      if (kind !== '429') return exchange.reply(kind === 'server_error' ? 500 : 503, errorBody(errorOf(kind)))
      const error = { error: 'rate_limited', error_description: 'Too many requests.' }
      return exchange.reply(429, error, { 'retry-after': String(seconds ?? between(1, 60, random)) })
    },
  },
]

function refreshes({ routeName }: Exchange): boolean {
  return routeName === 'refresh'
}

function asksForTokens({ routeName }: Exchange): boolean {
  return routeName === 'token' || routeName === 'refresh'
}

function asksAPerson({ routeName }: Exchange): boolean {
  return routeName === 'authorize'
}

function isOAuthError(form: string | undefined): boolean {
  return form === 'server_error' || form === 'temporarily_unavailable'
}

function errorOf(kind: string): OAuthError {
  return kind === 'server_error'
    ? new OAuthError('server_error', 'The server met an unexpected condition.')
    : new OAuthError('temporarily_unavailable', 'The server cannot answer now.')
}

/** To the client, in the redirect; a request that is itself at fault gets its own answer. */
function sentBack(exchange: Exchange, kind: string): WireReply {
  const page = exchange.carryOut()
  if (page.status !== 200) return page
  const query = new URLSearchParams(splitOnce(exchange.request.target, '?')[1])
  const client = { redirectUri: query.get('redirect_uri')!, state: query.get('state') }
  const location = refusalLocation(client, errorOf(kind))
  return exchange.reply(302, '', { location })
}

function late(exchange: Exchange, seconds: number): WireReply {
  const reply = exchange.carryOut()
  return { ...reply, delayMs: (reply.delayMs ?? 0) + seconds * 1_000 }
}
