/** Faults in how often and when a change takes effect: later, never, twice. */
import { broken } from './answers.ts'
import { between, type Fault, oneOf, writes } from './fault.ts'
import { requestedChanges } from './requested.ts'

export const COMMIT_FAULTS: readonly Fault[] = [
  {
    id: 'F9',
    title: 'the change takes effect seconds after the caller has given up',
    phases: ['before-commit'],
    forms: ['hang', 'reset', 'error'],
    applies: writes,
    inject(exchange, { form, seconds, random }) {
      const refused = exchange.admit()
      if (refused !== undefined) return refused
      exchange.carryOutAt(exchange.nowMs + 1_000 * (seconds ?? between(1, 100, random)))
      const kind = form ?? oneOf(['hang', 'reset', 'error'], random)
      if (kind === 'hang') return { kind: 'hang' }
      return kind === 'reset' ? { kind: 'reset', after: 'nothing' } : broken(exchange, 504)
    },
  },
  {
    id: 'F32',
    title: 'new records are accepted and get ids, and are never seen again',
    phases: ['after-commit'],
    applies: (exchange) => requestedChanges(exchange).posts.length > 0,
    inject(exchange) {
      const { zone, nowMs } = exchange
      const before = zone?.records.version ?? 0
      const reply = exchange.carryOut()
      const made = zone?.records.commits().slice(before) ?? []
      zone?.records.transaction({ at: nowMs, zone: zone.name, by: 'fault' }, () => {
        for (const { before, after } of made.flatMap(({ changes }) => changes)) {
          if (before === undefined) zone.records.change(after, undefined)
        }
      })
      return reply
    },
  },
  {
    id: 'F36',
    title: 'one request is carried out twice; the answer is the first or the second',
    phases: ['after-commit'],
    forms: ['first', 'second'],
    applies: writes,
    inject(exchange, { form, random }) {
      const answers = { first: exchange.carryOut(), second: exchange.carryOut() }
      return answers[(form ?? oneOf(['first', 'second'], random)) === 'first' ? 'first' : 'second']
    },
  },
]
