import {
  ApiFault,
  type BatchAnswer,
  type Driver,
  type Query,
  type Reached,
  type RecordAnswer,
  type ZoneAnswer,
} from './driver.ts'

interface Envelope<T> {
  readonly success: boolean
  readonly result: T
  readonly errors: readonly { readonly code: number }[]
  readonly messages: readonly unknown[]
  readonly result_info?: { readonly total_pages: number }
}

/** Nothing but `fetch` and JSON: the API as anybody would call it. */
export function plainDriver({ apiUrl, fetch }: Reached, token: string): Driver {
  async function call<T>(method: string, path: string, body?: object | FormData): Promise<Envelope<T>> {
    const isForm = body instanceof FormData
    const response = await fetch(`${apiUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && !isForm && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: isForm ? body : JSON.stringify(body) }),
    })
    const envelope = (await response.json()) as Envelope<T>
    if (!response.ok || !envelope.success) {
      throw new ApiFault(
        response.status,
        envelope.errors.map(({ code }) => code),
      )
    }
    return envelope
  }
  const result = async <T>(method: string, path: string, body?: object | FormData) =>
    (await call<T>(method, path, body)).result
  const records = (zoneId: string, rest = '') => `/zones/${zoneId}/dns_records${rest}`
  const search = (query: Query) => `?${new URLSearchParams(query)}`

  return {
    zonesNamed: (name) => result<ZoneAnswer[]>('GET', `/zones${search({ name })}`),
    zone: (id) => result<ZoneAnswer>('GET', `/zones/${id}`),
    verify: () => result('GET', '/user/tokens/verify'),
    async list(zoneId, query = {}) {
      const all: RecordAnswer[] = []
      for (let page = 1, pages = 1; page <= pages; page += 1) {
        const path = records(zoneId, search({ per_page: '100', ...query, page: String(page) }))
        const { result: some, result_info } = await call<RecordAnswer[]>('GET', path)
        all.push(...some)
        pages = result_info?.total_pages ?? 1
      }
      return all
    },
    page: (zoneId, query) => result<RecordAnswer[]>('GET', records(zoneId, search(query))),
    get: (zoneId, id) => result<RecordAnswer>('GET', records(zoneId, `/${id}`)),
    create: (zoneId, record) => result<RecordAnswer>('POST', records(zoneId), record),
    put: (zoneId, id, record) => result<RecordAnswer>('PUT', records(zoneId, `/${id}`), record),
    patch: (zoneId, id, changes) => result<RecordAnswer>('PATCH', records(zoneId, `/${id}`), changes),
    delete: async (zoneId, id) => (await result<{ id: string }>('DELETE', records(zoneId, `/${id}`))).id,
    batch: (zoneId, operations) => result<BatchAnswer>('POST', records(zoneId, '/batch'), operations),
    import(zoneId, file) {
      const form = new FormData()
      form.set('file', new Blob([file]), 'zone.txt')
      return result('POST', records(zoneId, '/import'), form)
    },
    async export(zoneId) {
      const headers = { authorization: `Bearer ${token}` }
      return (await fetch(`${apiUrl}${records(zoneId, '/export')}`, { headers })).text()
    },
    usage: (zoneId) => result('GET', records(zoneId, '/usage')),
  }
}
