import Cloudflare, { APIError } from 'cloudflare'
import type {
  RecordBatchParams,
  RecordCreateParams,
  RecordEditParams,
  RecordListParams,
  RecordUpdateParams,
} from 'cloudflare/resources/dns/records'
import { ApiFault, type Driver, type Query, type Reached } from './driver.ts'
import { readBatch, readImport, readRecord, readUsage, readVerified, readZone } from './sdk-fields.ts'

/** Cloudflare's own SDK. Every answer is read field by field, as its types document it; one that is missing throws. */
export function sdkDriver({ apiUrl, fetch }: Reached, token: string): Driver {
  const client = new Cloudflare({
    apiToken: token,
    // What the environment holds is read when nothing is said.
    apiKey: null,
    apiEmail: null,
    userServiceKey: null,
    baseURL: apiUrl,
    maxRetries: 0,
    logLevel: 'off',
    fetch,
  })
  const { records, usage } = client.dns

  return {
    zonesNamed: (name) => told(async () => (await collected(client.zones.list({ name }))).map(readZone)),
    zone: (zone_id) => told(async () => readZone(await client.zones.get({ zone_id }))),
    verify: () => told(async () => readVerified(await client.user.tokens.verify())),
    list: (zone_id, query = {}) =>
      told(async () => (await collected(records.list(listParams(zone_id, query)))).map(readRecord)),
    page: (zone_id, query) =>
      told(async () => (await records.list(listParams(zone_id, query))).result.map(readRecord)),
    get: (zone_id, id) => told(async () => readRecord(await records.get(id, { zone_id }))),
    create: (zone_id, record) =>
      told(async () => readRecord(await records.create({ zone_id, ...record } as RecordCreateParams))),
    put: (zone_id, id, record) =>
      told(async () => readRecord(await records.update(id, { zone_id, ...record } as RecordUpdateParams))),
    patch: (zone_id, id, changes) =>
      told(async () => readRecord(await records.edit(id, { zone_id, ...changes } as RecordEditParams))),
    delete: (zone_id, id) => told(async () => (await records.delete(id, { zone_id })).id!),
    batch: (zone_id, operations) =>
      told(async () =>
        readBatch(await records.batch({ zone_id, ...operations } as unknown as RecordBatchParams)),
      ),
    import: (zone_id, file) => told(async () => readImport(await records.import({ zone_id, file }))),
    export: (zone_id) => told(() => records.export({ zone_id })),
    usage: (zone_id) => told(async () => readUsage(await usage.zone.get({ zone_id }))),
  }
}

async function collected<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const one of pages) all.push(one)
  return all
}

/** `name.exact` is nested in the SDK's types. */
function listParams(zone_id: string, query: Query): RecordListParams {
  const params: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(query)) {
    const [field = '', operator] = key.split('.')
    params[field] = operator === undefined ? value : { ...(params[field] as object), [operator]: value }
  }
  return { zone_id, ...params } as unknown as RecordListParams
}

async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (problem) {
    if (!(problem instanceof APIError) || problem.status === undefined) throw problem
    throw new ApiFault(
      problem.status,
      problem.errors.map(({ code }) => code ?? 0),
    )
  }
}
