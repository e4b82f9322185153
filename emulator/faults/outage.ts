/** F31: the whole API is away for a time, and every request fails in its own way. */
import type { WireReply } from '../wire.ts'
import { broken } from './answers.ts'
import { type Fault, oneOf } from './fault.ts'

export interface Outage {
  readonly fault: Fault
  isOn(nowMs: number): boolean
  end(): void
}

export function createOutage(): Outage {
  let current = { untilMs: Number.NEGATIVE_INFINITY, form: undefined as string | undefined }

  function end(): void {
    current = { untilMs: Number.NEGATIVE_INFINITY, form: undefined }
  }

  const fault: Fault = {
    id: 'F31',
    title:
      'the whole API is down for `seconds`, an hour when it does not say; each request errs, is reset or hangs',
    phases: ['before-auth'],
    forms: ['error', 'reset', 'hang'],
    lasting: true,
    inject(exchange, { seconds = 3_600, form, random, undoneBy }): WireReply {
      if (!(exchange.nowMs < current.untilMs)) {
        current = { untilMs: exchange.nowMs + seconds * 1_000, form }
        undoneBy(end)
      }
      const kind = current.form ?? oneOf(['error', 'error', 'reset', 'hang'], random)
      if (kind === 'hang') return { kind: 'hang' }
      if (kind === 'reset') return { kind: 'reset', after: 'nothing' }
      return broken(exchange, oneOf([500, 502, 503], random))
    },
  }

  return {
    fault,
    isOn: (nowMs) => nowMs < current.untilMs,
    end,
  }
}
