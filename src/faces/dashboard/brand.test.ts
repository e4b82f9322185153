import { expect, test } from 'vitest'
import { brandedHtml } from './brand.ts'
import { pathOf, withoutPath } from './server.ts'
import { startDashboard } from './testing.ts'

const BUILT = '<head><title>DNS</title><script src="/dashboard/assets/a.js"></script></head><body></body>'

test('a page without brand and path is served as it was built', () => {
  expect(brandedHtml(BUILT, '', {})).toBe(BUILT)
})

test('a page below a path has its addresses there, and says so', () => {
  expect(brandedHtml(BUILT, '/dns', {})).toBe(
    '<head><title>DNS</title><script src="/dns/dashboard/assets/a.js"></script><meta name="base" content="/dns/dashboard" /></head><body></body>',
  )
})

test('a name is text, whatever it holds', () => {
  const html = brandedHtml(BUILT, '', { name: `"><script>$&$'</script>&` })
  expect(html).toContain(`<meta name="brand" content="&quot;>&lt;script>$&amp;$'&lt;/script>&amp;" /></head>`)
})

test.each([
  ['/dns/dashboard/login?to=/x', '/dashboard/login?to=/x'],
  ['/dashboard/login', '/dashboard/login'],
  ['/dns', '/'],
  ['/dns/', '/'],
  ['/dns?a', '/?a'],
  ['/dnsx/dashboard', '/dnsx/dashboard'],
])('below /dns the address %s is %s', (url, inside) => {
  expect(withoutPath(url, '/dns')).toBe(inside)
})

test('the path of a public address has no slash at its end', () => {
  const urls = ['https://dns.example.com', 'https://example.com/dns', 'https://example.com/a/b']
  expect(urls.map(pathOf)).toEqual(['', '/dns', '/a/b'])
})

test('logo and colour are files of the dashboard, and redirects carry the path', async () => {
  const dashboard = await startDashboard({
    publicUrl: 'http://localhost:3000/dns',
    brand: { logo: '<svg/>', accent: '#112233' },
  })
  try {
    const browser = dashboard.browser()
    const logo = await browser.get('/dns/dashboard/brand/logo.svg')
    expect([logo.text, logo.headers['content-type']]).toEqual(['<svg/>', 'image/svg+xml'])
    expect(logo.headers['content-security-policy']).toContain("default-src 'none'")
    expect((await browser.get('/dashboard/brand/style.css')).text).toContain('--accent:#112233;')
    expect((await browser.get('/dns')).headers.location).toBe('/dns/dashboard/domains')
    await browser.session()
    const { status } = await browser.signIn(dashboard.people.alice.email)
    expect(status).toBe(200)
    const connecting = await browser.get('/dns/dashboard/cloudflare/connect')
    expect(connecting.headers.location).toMatch(/^https:/)
  } finally {
    await dashboard.close()
  }
})
