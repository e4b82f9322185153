import { Agent, request } from 'node:http'
import type { ClientRecord } from '../tests/support/operator-client.ts'

/**
 * The algorithm of the public DNS Operator guide (its `dns-provider-backend-guide.md`, the Cloudflare example), for the
 * calls that it makes: for each request it asks for the zone by its name, lists the records of the name and type, and
 * creates, overwrites or deletes the first of them. Nothing is remembered, and nothing compared.
 */
export interface Guide {
  upsert(record: ClientRecord): Promise<void>
  delete(record: ClientRecord): Promise<void>
  readonly calls: number
  close(): void
}

export function createGuide(apiUrl: string, token: string): Guide {
  const agent = new Agent({ keepAlive: true, maxSockets: 100 })
  let calls = 0

  async function call<Result>(method: string, path: string, body?: object): Promise<Result> {
    calls += 1
    const { status, text } = await exchange(`${apiUrl}${path}`, method, body)
    if (status !== 200) throw new Error(`${method} ${path} was answered ${status}: ${text}`)
    return JSON.parse(text).result as Result
  }

  function exchange(url: string, method: string, body?: object): Promise<{ status: number; text: string }> {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
    return new Promise((resolve, reject) => {
      const outgoing = request(url, { agent, method, headers }, (reply) => {
        let text = ''
        reply.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk
        })
        reply.on('end', () => resolve({ status: reply.statusCode ?? 0, text }))
      })
      outgoing.on('error', reject)
      outgoing.end(body && JSON.stringify(body))
    })
  }

  async function found({ type, domain, subdomain }: ClientRecord) {
    const [zone] = await call<{ id: string }[]>('GET', `/zones?name=${domain}`)
    const records = `/zones/${zone?.id}/dns_records`
    const name = `${subdomain}.${domain}`
    const [first] = await call<{ id: string }[]>('GET', `${records}?type=${type}&name=${name}`)
    return { records, name, first }
  }

  return {
    async upsert(record) {
      const { records, name, first } = await found(record)
      const { type, ttl = 300, values } = record
      const body = { type, name, ttl, content: values.join(',') }
      if (first) await call('PATCH', `${records}/${first.id}`, body)
      else await call('POST', records, body)
    },
    async delete(record) {
      const { records, first } = await found(record)
      if (first) await call('DELETE', `${records}/${first.id}`)
    },
    get calls() {
      return calls
    },
    close: () => agent.destroy(),
  }
}
