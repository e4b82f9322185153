/** Faults in what a list shows: an old state, drifting pages, nothing at all. */
import type { Exchange } from '../exchange.ts'
import { type RecordBody, recordBody } from '../records/record.ts'
import type { PlainReply, ResultInfo } from '../wire.ts'
import { between, type Fault, lists, oneOf } from './fault.ts'

export const READ_FAULTS: readonly Fault[] = [
  {
    id: 'F18',
    title: 'the list is as it was seconds ago',
    phases: ['during-reply'],
    applies: lists,
    inject: (exchange, { seconds, random }) => {
      const age = (seconds ?? between(1, 30, random)) * 1_000
      return exchange.carryOut((zone) => zone.records.asOf(exchange.nowMs - age))
    },
  },
  {
    id: 'F19',
    title: 'pages drift: a row is missing or comes twice, the count is wrong, or the pages never end',
    phases: ['during-reply'],
    forms: ['missing', 'twice', 'count', 'endless'],
    applies: lists,
    inject: (exchange, { form, random }) =>
      drifted(exchange, form ?? oneOf(['missing', 'twice', 'count', 'endless'], random)),
  },
  {
    id: 'F20',
    title: 'the list is empty, with status 200',
    phases: ['during-reply'],
    applies: lists,
    inject: (exchange) => exchange.carryOut(() => []),
  },
]

interface ListBody {
  result: RecordBody[] | null
  result_info?: ResultInfo
}

function drifted(exchange: Exchange, form: string): PlainReply {
  const reply = exchange.carryOut()
  const body = JSON.parse(Buffer.from(reply.body).toString('utf8')) as ListBody
  const { result, result_info: info } = body
  if (result === null || info === undefined) return reply
  if (form === 'missing') body.result = result.slice(1)
  if (form === 'twice') body.result = [...result.slice(0, 1), ...result]
  if (form === 'count') body.result_info = { ...info, total_count: info.total_count + 1 }
  if (form === 'endless' && result.length === 0) {
    body.result = exchange.zone?.records.all().slice(0, 1).map(recordBody) ?? []
  }
  return { ...reply, body: Buffer.from(JSON.stringify(body)) }
}
