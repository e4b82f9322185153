/** `POST …/dns_records/import`: a zone file in a form becomes records. */
import { known } from '../errors.ts'
import { formFields } from '../multipart.ts'
import { chosenRefusal } from '../unknowns.ts'
import { Refusal, type WireRequest } from '../wire.ts'
import { readZoneFile, type ZoneFile, type ZoneFileRecord } from '../zone-file/read.ts'
import { recordFields } from './fields.ts'
import { isProxiable, type RecordType } from './record.ts'
import { createRecord, type WriteContext } from './write.ts'

export interface ImportResult {
  readonly recs_added: number
  readonly total_records_parsed: number
}

/** Inside the zone's transaction, so that the first record that is refused undoes the whole import. */
export function importRecords(context: WriteContext, request: WireRequest): ImportResult {
  const fields = formFields(request.body, request.headers['content-type'])
  const file = fields?.get('file')
  if (file === undefined) throw known('malformedBody')
  if (Buffer.byteLength(file) > MOST_OCTETS) throw chosenRefusal(context.choices.importTooLarge)
  const { records } = parsed(file, context)
  const byDefault = fields?.get('proxied') === 'true'
  const added = records.filter((record) => isAdded(context, record, byDefault))
  return { recs_added: added.length, total_records_parsed: records.length }
}

/** Cloudflare docs, "Import and export records". */
const MOST_OCTETS = 256 * 1_024

function parsed(file: string, { zone, choices }: WriteContext): ZoneFile {
  try {
    return readZoneFile(file, zone.name)
  } catch (problem) {
    throw chosenRefusal({ ...choices.importFault, message: (problem as Error).message })
  }
}

function isAdded(context: WriteContext, record: ZoneFileRecord, byDefault: boolean): boolean {
  const canBeProxied = isProxiable(record.type as RecordType, record.content ?? '')
  const proxied = record.proxied ?? (byDefault && canBeProxied)
  try {
    createRecord(context, recordFields({ ...record, proxied }))
    return true
  } catch (problem) {
    const isThere =
      problem instanceof Refusal && problem.errors[0]?.code === known('identicalExists').errors[0]?.code
    if (isThere && context.choices.importIdentical === 'skipped') return false
    throw problem
  }
}
