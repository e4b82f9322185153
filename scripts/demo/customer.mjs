/**
 * Second act: a customer signs in, connects Cloudflare, reviews what would change, confirms, and the domain shows the
 * store; its mail stays where it was. Over HTTP, as the pages do it; then the connection is taken back, so that whoever
 * watches can do the same in a browser.
 */
import { expectEqual, say, title } from './stage.mjs'

/** @param {{ dashboard: string, login: { email: string, password: string }, dns: ReturnType<import('./stage.mjs').dnsAt>, keep?: boolean }} stage */
export async function showCustomer({ dashboard, login, dns }) {
  const browser = createBrowser(dashboard)

  title('7. A customer signs in to the dashboard')
  expectEqual('DNS of example.net', await dns.addresses('example.net'), '198.51.100.20, TTL 3600')
  const mailBefore = await dns.mail('example.net')
  const session = await browser.call('POST', '/dashboard/api/login', login)
  say(
    `  ${session.customer.email}, whose store is ${session.customer.domain} on ${session.customer.targets.ipv4}`,
  )

  title('8. Connect Cloudflare: its own page asks, the customer agrees')
  const consent = await browser.go(`${dashboard}/dashboard/cloudflare/connect`)
  say(`  ${headingOf(consent.html)}`)
  const review = await browser.submit(consent, { decision: 'accept' })
  expectEqual('back on', new URL(review.url).pathname, '/dashboard/cloudflare/confirm')

  title('9. Review DNS Changes')
  const { plan } = await browser.call('GET', '/dashboard/api/cloudflare/plan')
  for (const change of plan.changes) say(`  ${describeChange(change)}`)
  for (const { message } of plan.warnings) say(`  ! ${message}`)

  title('10. Confirm & Connect: one batch, all of it or nothing')
  const selected = plan.changes.filter((change) => change.selected).map(({ id }) => id)
  const { applied } = await browser.call('POST', '/dashboard/cloudflare/confirm', {
    planId: plan.id,
    selected,
  })
  say(`  ${applied} changes applied`)
  expectEqual('DNS of example.net', await dns.addresses('example.net'), 'the store', (text) =>
    text.startsWith('203.0.113.10,'),
  )
  expectEqual('DNS of www.example.net', await dns.addresses('www.example.net'), 'the store', (text) =>
    text.startsWith('203.0.113.10,'),
  )
  expectEqual('mail of example.net', await dns.mail('example.net'), mailBefore)

  title('11. Going live: what visitors of the domain see')
  const { names } = await browser.call('GET', '/dashboard/api/dns/verification')
  for (const name of names) {
    const steps = `saved ${name.saved}, served ${name.served}, reachable ${name.reachable}`
    expectEqual(name.name, `${name.state}: ${steps}`, 'live', (text) => text.startsWith('live: '))
    if (name.reachable === 'by_http') say('    Seen by http alone: nothing stands in for https here.')
    if (name.hint) say(`    ${name.hint.message}`)
  }
  return browser
}

function describeChange({ action, type, name, current, proposed, selected, reason }) {
  const box = selected ? '☑' : '☐'
  const contentOf = ({ priority, content }) => (type === 'MX' ? `${priority} ${content}` : content)
  const arrow = action === 'replace' ? ` → ${contentOf(proposed)}` : ''
  const what = `${type.padEnd(5)} ${name} ${contentOf(current ?? proposed)}${arrow}`
  return `${box} ${what.padEnd(72)} ${action.toUpperCase()}  ${reason}`
}

/** As much of a browser as the journey needs: cookies by host, redirects, the form of a page. */
function createBrowser(dashboard) {
  const jars = new Map()
  let csrfToken

  async function request(url, init = {}) {
    const { host } = new URL(url)
    const jar = jars.get(host) ?? new Map()
    jars.set(host, jar)
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    // As in every browser, "localhost" is this machine even where no resolver knows it (RFC 6761, section 6.3).
    const reply = await fetch(url.replace('//localhost:', '//127.0.0.1:'), {
      redirect: 'manual',
      ...init,
      headers: { ...init.headers, ...(cookie && { cookie }), 'sec-fetch-site': 'same-origin' },
    })
    for (const line of reply.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)
      jar.set(name, value)
    }
    return reply
  }

  /** To the page that a browser would end on. */
  async function go(url, init) {
    const reply = await request(url, init)
    const location = reply.headers.get('location')
    if (location !== null) return go(new URL(location, url).href)
    return { url, status: reply.status, html: await reply.text() }
  }

  /** The form of a page as it is filled in, and the button that is pressed. */
  function submit({ url, html }, button) {
    const form = new URLSearchParams(button)
    for (const [input] of html.matchAll(/<input[^>]*>/g)) {
      const attribute = (name) => new RegExp(`\\b${name}="([^"]*)"`).exec(input)?.[1]
      const isLeftOut = attribute('type') === 'checkbox' && !/\bchecked\b/.test(input)
      if (!isLeftOut) form.append(attribute('name'), attribute('value') ?? '')
    }
    const action = /<form[^>]*action="([^"]*)"/.exec(html)?.[1] ?? url
    return go(new URL(action, url).href, { method: 'POST', body: form })
  }

  async function call(method, path, body) {
    if (method !== 'GET') ({ csrfToken } = await call('GET', '/dashboard/api/session'))
    const reply = await request(`${dashboard}${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(method !== 'GET' && { 'x-csrf-token': csrfToken }),
      },
    })
    const answer = reply.status === 204 ? {} : await reply.json()
    if (!reply.ok) throw new Error(`${method} ${path} was answered ${reply.status}: ${answer.error?.message}`)
    return answer
  }

  return { go, submit, call }
}

function headingOf(html) {
  return (/<h1>(.*?)<\/h1>/s.exec(html)?.[1] ?? '').replace(/<[^>]+>/g, '')
}
