/** First act: a signed upsert becomes records at Cloudflare and an answer in DNS; the same again costs nothing. */
import { expectEqual, run, say, title } from './stage.mjs'

const NAME = 'www.example.com'

/** @param {{ env: object, dns: ReturnType<import('./stage.mjs').dnsAt>, metricsPort: number }} stage */
export async function showWebhook({ env, dns, metricsPort }) {
  const record = {
    type: 'A',
    domain: 'example.com',
    subdomain: 'www',
    values: ['192.0.2.10', '192.0.2.11'],
    ttl: 600,
  }
  // Its exit status tells of the answer; the demo shows the answer itself.
  const request = (args, more = {}) => run(['request', ...args], { ...env, ...more }, { mayFail: true })
  const upsert = () =>
    request(['POST', '/records', '--data', JSON.stringify({ record, operation: 'upsert' })])
  const callsDuring = async (work) => {
    const before = await callsMade(metricsPort)
    const result = await work()
    return { result, calls: describe(difference(await callsMade(metricsPort), before)) }
  }

  title('1. Before')
  expectEqual('DNS', await dns.addresses(NAME), 'NXDOMAIN')

  title('2. A signed upsert, as the operator sends it')
  say(`  POST /records ${JSON.stringify({ record, operation: 'upsert' })}`)
  const created = await callsDuring(upsert)
  say(`  ${created.result}`)
  expectEqual('status', created.result.split(' ')[0], '200')
  expectEqual('calls to Cloudflare', created.calls, 'one batch, and what it took to know the zone', (text) =>
    text.includes('records.batch 1'),
  )
  expectEqual('DNS', await dns.addresses(NAME), '192.0.2.10 192.0.2.11, TTL 600')

  title('3. The same again: nothing to do, so nothing is asked of Cloudflare')
  const unchanged = await callsDuring(upsert)
  say(`  ${unchanged.result}`)
  expectEqual('calls to Cloudflare', unchanged.calls, 'none')

  title('4. One address changes: one call, and the other record stays as it was')
  record.values = ['192.0.2.10', '192.0.2.12']
  const changed = await callsDuring(upsert)
  say(`  ${changed.result}`)
  expectEqual('calls to Cloudflare', changed.calls, 'records.batch 1')
  expectEqual('DNS', await dns.addresses(NAME), '192.0.2.10 192.0.2.12, TTL 600')

  title('5. A request whose signature is not ours')
  const forged = await request(['DELETE', '/records/A/example.com/www'], {
    HMAC_SECRET_FILE: undefined,
    HMAC_SECRET: 'not-the-secret-but-just-as-long-as-one',
  })
  say(`  ${forged}`)
  expectEqual('status', forged.split(' ')[0], '401')

  title('6. A signed delete')
  const removed = await request(['DELETE', '/records/A/example.com/www'])
  say(`  ${removed}`)
  expectEqual('DNS', await dns.addresses(NAME), 'NXDOMAIN')
}

/** Calls to Cloudflare by endpoint, as the server counts them. */
async function callsMade(port) {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  const calls = {}
  for (const [, labels, count] of text.matchAll(/^zonewright_cloudflare_requests_total\{(.*)\} (\d+)$/gm)) {
    const endpoint = /endpoint="([^"]+)"/.exec(labels)[1]
    calls[endpoint] = (calls[endpoint] ?? 0) + Number(count)
  }
  return calls
}

function difference(after, before) {
  return Object.fromEntries(
    Object.entries(after)
      .map(([endpoint, count]) => [endpoint, count - (before[endpoint] ?? 0)])
      .filter(([, count]) => count > 0),
  )
}

function describe(calls) {
  return (
    Object.entries(calls)
      .map(([endpoint, count]) => `${endpoint} ${count}`)
      .join(', ') || 'none'
  )
}
