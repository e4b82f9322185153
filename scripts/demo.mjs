/**
 * The main job, before your eyes and on loopback: a signed upsert becomes records at Cloudflare (the emulator) and an
 * answer in DNS, and a customer points a domain at a store. `--once` ends afterwards, with 1 if anything was not as it
 * should be.
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { showCustomer } from './demo/customer.mjs'
import { answering, dnsAt, freePort, run, say, start, stopAll } from './demo/stage.mjs'
import { showWebhook } from './demo/webhook.mjs'
import { prepare, root } from './setup.mjs'

const once = process.argv.includes('--once')
const folder = `${root}.zonewright/demo`

prepare()
try {
  await demo()
  if (!once) await untilInterrupted()
} catch (error) {
  console.error(`\nThe demo failed: ${error.message}`)
  process.exitCode = 1
} finally {
  await stopAll()
}

async function demo() {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const ports = {}
  for (const [name, port] of Object.entries({
    api: 8787,
    dns: 5353,
    control: 8788,
    webhook: 7100,
    dashboard: 3000,
    metrics: 9100,
  }))
    ports[name] = await freePort(once ? 0 : port)
  const cloudflare = `http://127.0.0.1:${ports.api}`
  const dashboard = `http://localhost:${ports.dashboard}`
  const login = { email: 'shop@example.net', password: randomBytes(9).toString('base64url') }
  const env = {
    PATH: process.env.PATH,
    DATABASE_URL: `sqlite:${folder}/zonewright.db`,
    PORT: String(ports.webhook),
    HOST: '127.0.0.1',
    METRICS_PORT: String(ports.metrics),
    METRICS_HOST: '127.0.0.1',
    HMAC_SECRET_FILE: secret('hmac-secret', randomBytes(32).toString('hex')),
    CLOUDFLARE_API_TOKEN: 'emulator-token-for-this-machine-only-0001',
    CLOUDFLARE_API_BASE_URL: `${cloudflare}/client/v4`,
    DASHBOARD_PORT: String(ports.dashboard),
    DASHBOARD_HOST: '127.0.0.1',
    PUBLIC_URL: dashboard,
    SECRET_KEY_FILE: secret('secret-key', randomBytes(32).toString('hex')),
    TARGET_IPV4: '203.0.113.10',
    // What is asked of the internet elsewhere is here asked of the emulator and of the dashboard itself, which stands
    // in for the store's server, and for Cloudflare's proxy before it.
    DNS_RESOLVERS: `127.0.0.1:${ports.dns}`,
    PROBE_ALLOW: [
      `192.0.2.53:53=127.0.0.1:${ports.dns}`,
      ...['203.0.113.10', '198.51.100.1', '198.51.100.2'].map(
        (at) => `${at}:80=127.0.0.1:${ports.dashboard}`,
      ),
    ].join(),
    CLOUDFLARE_DASH_URL: cloudflare,
    CLOUDFLARE_OAUTH_CLIENT_ID: 'zonewright-demo',
    CLOUDFLARE_OAUTH_CLIENT_SECRET: 'emulator-secret-for-this-machine-only-0001',
    CLOUDFLARE_OAUTH_AUTHORIZE_URL: `${cloudflare}/oauth2/auth`,
    CLOUDFLARE_OAUTH_TOKEN_URL: `${cloudflare}/oauth2/token`,
    CLOUDFLARE_OAUTH_REVOKE_URL: `${cloudflare}/oauth2/revoke`,
  }

  const [port, dnsPort, controlPort] = [ports.api, ports.dns, ports.control].map(String)
  const client = `${env.CLOUDFLARE_OAUTH_CLIENT_ID}:${env.CLOUDFLARE_OAUTH_CLIENT_SECRET}:${dashboard}/dashboard/cloudflare/callback`
  start(
    'emulator',
    // biome-ignore format: one option a line
    [
      'emulator',
      '--port', port,
      '--dns-port', dnsPort,
      '--control-port', controlPort,
      '--seed', `${root}examples/emulator-seed.yaml`,
      '--oauth-client', client,
    ],
    env,
  )
  await answering(`${cloudflare}/client/v4/zones`)
  start('server', ['serve'], env)
  await answering(`http://127.0.0.1:${ports.metrics}/readyz`, 200)
  for (const [email, domain] of [
    [login.email, 'example.net'],
    ['you@example.org', 'example.org'],
  ]) {
    const options = {
      email,
      domain,
      'password-file': secret('password', login.password),
      'serves-www': 'yes',
    }
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value])
    await run(['customer', 'add', ...args], env)
  }

  say(`
Zonewright, on this machine only:

  dashboard                     ${dashboard}/dashboard/
  webhook of the DNS Operator   http://127.0.0.1:${ports.webhook}
  Cloudflare (the emulator)     ${cloudflare}/client/v4
  its authoritative DNS         127.0.0.1:${ports.dns}
  metrics                       http://127.0.0.1:${ports.metrics}/metrics
  database                      .zonewright/demo/zonewright.db`)

  const dns = dnsAt(ports.dns)
  await showWebhook({ env, dns, metricsPort: ports.metrics })
  await showCustomer({ dashboard, login, dns })

  say(`
Your turn, with a domain of your own: ${dashboard}/dashboard/login
  e-mail    you@example.org
  password  ${login.password}`)
  if (!once) {
    say(`
It goes on running; Ctrl-C ends it. Try the webhook, in another terminal:

  HMAC_SECRET_FILE=.zonewright/demo/hmac-secret PORT=${ports.webhook} bin/zonewright request POST /records \\
    --data '{"record":{"type":"TXT","domain":"example.com","subdomain":"@","values":["v=spf1 -all"]},"operation":"upsert"}'
  dig @127.0.0.1 -p ${ports.dns} example.com TXT +short`)
  }
}

/** A file that only its owner may read. */
function secret(name, text) {
  const file = `${folder}/${name}`
  writeFileSync(file, text, { mode: 0o600 })
  return file
}

function untilInterrupted() {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, resolve)
  })
}
