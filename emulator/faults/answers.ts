/** Faults that answer: with the wrong status, in the wrong words, or not in JSON. */
import { forbidden } from '../auth/authenticate.ts'
import type { Exchange } from '../exchange.ts'
import { type PlainReply, Refusal, refusalBody } from '../wire.ts'
import { atPhase, between, type Fault, oneOf, writes } from './fault.ts'
import { requestedChanges } from './requested.ts'

export const ANSWER_FAULTS: readonly Fault[] = [
  {
    id: 'F1',
    title: '429 with Retry-After',
    phases: ['before-auth'],
    inject(exchange, { seconds, random }) {
      const wait = seconds ?? between(1, 60, random)
      return tooMany(exchange, { 'retry-after': String(wait) })
    },
  },
  {
    id: 'F2',
    title: '429 without Retry-After, as JSON or as the HTML page of error 1015',
    phases: ['before-auth'],
    forms: ['json', 'html'],
    inject(exchange, { form, random }) {
      const asHtml = (form ?? oneOf(['json', 'html'], random)) === 'html'
      return asHtml ? page(exchange, 429, 'Error 1015: You are being rate limited') : tooMany(exchange, {})
    },
  },
  {
    id: 'F3',
    title: '500 as JSON; nothing took effect',
    phases: ['before-auth', 'before-commit'],
    inject: (exchange, { phase, status }) => atPhase(exchange, phase, () => broken(exchange, status ?? 500)),
  },
  {
    id: 'F4',
    title: '500, 502 or 504 after the change took effect',
    phases: ['after-commit'],
    applies: writes,
    inject: (exchange, { phase, status, random }) =>
      atPhase(exchange, phase, () => broken(exchange, status ?? oneOf([500, 502, 504], random))),
  },
  {
    id: 'F5',
    title: '502, 503, 504, 520 to 527 or 530 with a page of HTML',
    phases: ['before-auth', 'before-commit', 'after-commit'],
    inject: (exchange, { phase, status, random }) =>
      atPhase(exchange, phase, () => {
        const code = status ?? oneOf(EDGE_STATUSES, random)
        return page(exchange, code, `Error ${code}: the origin did not answer`)
      }),
  },
  {
    id: 'F13',
    title: 'success: false with status 200, with an error or with none',
    phases: ['before-commit', 'after-commit'],
    forms: ['error', 'no error'],
    inject: (exchange, { phase, form, random }) =>
      atPhase(exchange, phase, () => {
        const withError = (form ?? oneOf(['error', 'no error'], random)) === 'error'
        const errors = withError ? [{ code: 1000, message: 'Something went wrong.' }] : []
        return exchange.reply(200, { result: null, success: false, errors, messages: [] })
      }),
  },
  {
    id: 'F14',
    title:
      'one bad record fails the whole write: 400 with one error; `name` says which record, and none is any',
    phases: ['before-commit'],
    applies: (exchange, { name }) =>
      writes(exchange) && (name === undefined || requestedChanges(exchange).names.includes(name)),
    inject: (exchange) => exchange.admit() ?? refusal(exchange, 400, 9007, 'Content for record is invalid.'),
  },
  {
    id: 'F17',
    title: 'the zone is full: 400 with 81045',
    phases: ['before-commit'],
    applies: (exchange) => requestedChanges(exchange).posts.length > 0,
    inject: (exchange) => exchange.admit() ?? refusal(exchange, 400, 81045, 'Record quota exceeded.'),
  },
  {
    id: 'F21',
    title: 'a good credential is refused this once',
    phases: ['before-auth'],
    applies: ({ matched }) => matched !== undefined && matched.route.family !== 'tokens',
    inject(exchange) {
      const refused = forbidden(exchange.matched?.route.family ?? 'dns')
      return exchange.reply(refused.status, refusalBody(refused))
    },
  },
  {
    id: 'F34',
    title: 'a redirect to another host',
    phases: ['before-auth'],
    inject(exchange, { status, random }) {
      const location = `https://www.example.org${exchange.request.target}`
      return exchange.reply(status ?? oneOf([301, 302, 307, 308], random), '', { location })
    },
  },
]

const EDGE_STATUSES = [502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 527, 530]

/** 500 comes from the API, in its envelope; 502 and 504 come from before it, in HTML. */
export function broken(exchange: Exchange, status: number): PlainReply {
  return status === 500
    ? refusal(exchange, 500, 10013, 'An unknown error has occurred.')
    : page(exchange, status, `Error ${status}`)
}

function tooMany(exchange: Exchange, headers: Readonly<Record<string, string>>): PlainReply {
  const refused = new Refusal(429, exchange.cloudflare.choices.rateLimitError)
  return exchange.reply(429, refusalBody(refused), headers)
}

function refusal(exchange: Exchange, status: number, code: number, message: string): PlainReply {
  return exchange.reply(status, refusalBody(new Refusal(status, { code, message })))
}

function page(exchange: Exchange, status: number, title: string): PlainReply {
  const html = `<!DOCTYPE html><html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`
  return exchange.reply(status, html, { 'content-type': 'text/html; charset=UTF-8' })
}
