/** What a write asks for, as far as its body can be read: for faults that pick on one record of it. */
import type { Exchange } from '../exchange.ts'
import { ownerName } from '../names.ts'
import { batchRequest, parseBody, type RecordFields, recordFields } from '../records/fields.ts'
import { Refusal } from '../wire.ts'

export interface RequestedChanges {
  /** Ids that it deletes, patches or puts. */
  readonly ids: readonly string[]
  readonly posts: readonly RecordFields[]
  /** Full names of all records that it touches. */
  readonly names: readonly string[]
}

export function requestedChanges(exchange: Exchange): RequestedChanges {
  const { matched, zone } = exchange
  if (matched === undefined || zone === undefined || !matched.route.writes) return NOTHING
  const { ids, fields, posts } = readable(exchange)
  const names = [
    ...[...fields, ...posts].map(({ name }) => (name === undefined ? undefined : ownerName(name, zone.name))),
    ...ids.map((id) => zone.records.get(id)?.name),
  ]
  return { ids, posts, names: names.filter((name) => name !== undefined) }
}

const NOTHING: RequestedChanges = { ids: [], posts: [], names: [] }

function readable({ matched, request }: Exchange): {
  ids: readonly string[]
  fields: readonly RecordFields[]
  posts: readonly RecordFields[]
} {
  const own = matched?.recordId === undefined ? [] : [matched.recordId]
  try {
    if (matched?.route.name === 'delete') return { ids: own, fields: [], posts: [] }
    const body = parseBody(request.body, request.headers['content-type'])
    if (matched?.route.name !== 'batch') {
      const fields = recordFields(body)
      return own.length > 0
        ? { ids: own, fields: [fields], posts: [] }
        : { ids: [], fields: [], posts: [fields] }
    }
    const { deletes, patches, puts, posts } = batchRequest(body)
    const touched = [...deletes, ...patches, ...puts]
    return { ids: touched.map(({ id }) => id), fields: touched.map(({ fields }) => fields), posts }
  } catch (problem) {
    if (problem instanceof Refusal) return { ids: own, fields: [], posts: [] }
    throw problem
  }
}
