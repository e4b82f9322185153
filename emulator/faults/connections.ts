/** Faults of the connection: it dies, it hangs, it drips, it is late. */
import type { PlainReply } from '../wire.ts'
import { atPhase, type Fault, oneOf, writes } from './fault.ts'

export const CONNECTION_FAULTS: readonly Fault[] = [
  {
    id: 'F6',
    title: 'no connection: reset before a byte is answered, and nothing took effect',
    phases: ['before-auth'],
    inject: () => ({ kind: 'reset', after: 'nothing' }),
  },
  {
    id: 'F7',
    title: 'never an answer; nothing took effect',
    phases: ['before-auth', 'before-commit'],
    inject: (exchange, { phase }) => atPhase(exchange, phase, () => ({ kind: 'hang' })),
  },
  {
    id: 'F8',
    title: 'never an answer, although the change took effect',
    phases: ['after-commit'],
    applies: writes,
    inject: (exchange, { phase }) => atPhase(exchange, phase, () => ({ kind: 'hang' })),
  },
  {
    id: 'F10',
    title: 'the connection dies after the headers, or in the middle of the body',
    phases: ['during-reply'],
    forms: ['headers', 'body-part'],
    inject(exchange, { form, random }) {
      const after = (form ?? oneOf(['headers', 'body-part'], random)) === 'headers' ? 'headers' : 'body-part'
      return { kind: 'reset', after, reply: exchange.carryOut() }
    },
  },
  {
    id: 'F11',
    title: 'the body drips, one byte a second',
    phases: ['during-reply'],
    inject: (exchange) => ({ kind: 'drip', reply: exchange.carryOut(), bytesPerSecond: 1 }),
  },
  {
    id: 'F33',
    title: 'a kept connection turns out dead: reset before a byte, whether or not the change took effect',
    phases: ['before-auth', 'after-commit'],
    inject: (exchange, { phase }) => atPhase(exchange, phase, () => ({ kind: 'reset', after: 'nothing' })),
  },
  {
    id: 'F35',
    title: 'the answer is held back, so that a later request is answered first',
    phases: ['during-reply'],
    inject: (exchange, { seconds = 2 }) => heldBack(exchange.carryOut(), seconds),
  },
]

function heldBack(reply: PlainReply, seconds: number): PlainReply {
  return { ...reply, delayMs: (reply.delayMs ?? 0) + seconds * 1_000 }
}
