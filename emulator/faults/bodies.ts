/** Faults in the body of an answer whose request took effect. */
import { gzipSync } from 'node:zlib'
import type { PlainReply } from '../wire.ts'
import { between, type Fault, oneOf } from './fault.ts'

export const BODY_FAULTS: readonly Fault[] = [
  {
    id: 'F12',
    title:
      'a body that is cut, empty, no JSON, no UTF-8, of another shape, endless, a gzip bomb, or deeply nested',
    phases: ['during-reply'],
    forms: ['cut', 'empty', 'no JSON', 'no UTF-8', 'other shape', 'endless', 'gzip bomb', 'deep'],
    inject: (exchange, { form, random }) =>
      // The heavy ones, 40 MB and more, only for those who ask for them.
      garbled(
        exchange.carryOut(),
        form ?? oneOf(['cut', 'empty', 'no JSON', 'no UTF-8', 'other shape'], random),
      ),
  },
  {
    id: 'F37',
    title: "Cloudflare's clock: all times in the answer ahead, behind, or one and the same",
    phases: ['during-reply'],
    forms: ['ahead', 'behind', 'equal'],
    inject(exchange, { form, seconds, random }) {
      const skew = (seconds ?? between(1, 300, random)) * 1_000
      const kind = form ?? oneOf(['ahead', 'behind', 'equal'], random)
      const reply = exchange.carryOut()
      const text = Buffer.from(reply.body).toString('utf8')
      const told = text.replace(
        /("(?:created|modified)_on":)"([^"]+)"/g,
        (_whole, key: string, time: string) => {
          const at = kind === 'equal' ? 0 : Date.parse(time) + (kind === 'ahead' ? skew : -skew)
          return `${key}"${new Date(at).toISOString()}"`
        },
      )
      return { ...reply, body: Buffer.from(told) }
    },
  },
]

const HEAVY_BYTES = 40 * 1024 * 1024

function garbled(reply: PlainReply, form: string): PlainReply {
  const { body } = reply
  switch (form) {
    case 'cut':
      return { ...reply, body: body.subarray(0, Math.floor(body.length * 0.6)) }
    case 'empty':
      return { ...reply, body: Buffer.alloc(0) }
    case 'no JSON':
      return { ...reply, body: Buffer.from('upstream connect error') }
    case 'no UTF-8':
      return {
        ...reply,
        body: Buffer.concat([body.subarray(0, 20), Buffer.of(0xff, 0xfe), body.subarray(20)]),
      }
    case 'other shape':
      return { ...reply, body: Buffer.from('{"result":"ok","success":"true"}') }
    case 'endless':
      return { ...reply, body: Buffer.alloc(HEAVY_BYTES, ' ') }
    case 'gzip bomb':
      return {
        ...reply,
        headers: { ...reply.headers, 'content-encoding': 'gzip' },
        body: gzipSync(Buffer.alloc(HEAVY_BYTES, ' ')),
      }
    default:
      return { ...reply, body: Buffer.from('['.repeat(100_000) + ']'.repeat(100_000)) }
  }
}
