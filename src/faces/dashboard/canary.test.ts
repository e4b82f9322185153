import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { CLIENT, createDashboardWorld, TOKEN } from '../../../tests/support/dashboard-world.ts'
import type { Answer } from './testing.ts'

const SECRET_KEY = 'canary-secret-key-of-thirty-two-octets'
const PASSWORD = 'canary-password-of-anna'
const RECORDS = '/dashboard/api/dns/records'

test('no secret of a whole session reaches a log, an answer, a metric or a column of the database', async () => {
  const database = join(mkdtempSync(join(tmpdir(), 'zonewright-canary-')), 'state.db')
  const answers: Answer[] = []
  const seen = new Set<string>([SECRET_KEY, PASSWORD, TOKEN, CLIENT.secret])
  const world = await createDashboardWorld({
    database,
    secretKey: SECRET_KEY,
    inSteps: true,
    accessTokenSeconds: 600,
    password: PASSWORD,
    between: (way) => async (request) => {
      const reply = await way(request)
      for (const token of tokensIn(
        `${request.headers.authorization ?? ''} ${request.body ?? ''} ${reply.body}`,
      )) {
        seen.add(token)
      }
      return reply
    },
  })
  const { clock, emulator } = world
  const browser = await world.signedIn('anna')
  const note = async (answer: Promise<Answer>) => {
    const told = await answer
    answers.push(told)
    return told
  }
  seen.add(decodeURIComponent(browser.cookies.get('zonewright')!).split('.')[0]!)

  await note(
    browser.post('/dashboard/api/login', { email: 'anna@example.org', password: `${PASSWORD}-wrong` }),
  )
  await note(browser.post('/dashboard/api/cloudflare/token', { token: `${TOKEN}x` }))
  await note(browser.post('/dashboard/api/cloudflare/token', { token: TOKEN }))
  await note(browser.post('/dashboard/cloudflare/disconnect'))

  const away = await browser.get('/dashboard/cloudflare/connect')
  const url = new URL(String(away.headers.location))
  const back = new URL(emulator.state.consent(url.href))
  for (const parameter of ['code', 'state']) seen.add(back.searchParams.get(parameter)!)
  await note(browser.get(`${back.pathname}${back.search}`))
  await note(browser.get(`${back.pathname}${back.search}`))
  await note(browser.get(`${back.pathname}?code=canary-code-0123456789&state=canary-state-0123456789`))
  seen.add('canary-code-0123456789').add('canary-state-0123456789')

  // The connection renewed the session, and with it the token for mutations.
  await note(browser.session())
  const { json } = await note(browser.get('/dashboard/api/cloudflare/plan'))
  const choice = { planId: json.plan.id, selected: [] }
  await note(browser.post('/dashboard/cloudflare/confirm', choice))
  emulator.faults.script([{ route: 'batch', fault: 'F3', times: 1 }])
  await note(browser.post(RECORDS, { type: 'A', name: 'www', content: '192.0.2.7' }))
  await note(browser.post(RECORDS, { type: 'A', name: 'www', content: TOKEN }))
  // Past the life of the access token: it is refreshed.
  await clock.pass(20 * 60_000)
  await note(browser.get(RECORDS))
  await note(browser.post('/dashboard/api/dns/sync'))
  expect(emulator.state.calls().filter(({ target }) => target === '/oauth2/token').length).toBeGreaterThan(1)
  await clock.pass(61_000)
  emulator.faults.script([{ route: 'list', fault: 'F22', times: 3 }])
  await note(browser.post('/dashboard/api/dns/sync'))
  await note(browser.get('/dashboard/api/session'))
  const metrics = await world.metrics.text()
  await world.end()

  const statuses = answers.map(({ status }) => status)
  expect(statuses).toEqual([401, 422, 200, 204, 302, 302, 302, 200, 200, 200, 202, 422, 200, 200, 409, 200])
  expect(seen.size).toBeGreaterThan(9)
  const columns = textsIn(database)
  expect(columns.length).toBeGreaterThan(50)
  const secrets = [...seen]
  const leaks = (where: string, texts: readonly string[]) =>
    secrets.flatMap((secret) =>
      texts.filter((text) => text.includes(secret)).map((text) => `${where}: ${text.slice(0, 200)}`),
    )
  expect(leaks('log', world.logged)).toEqual([])
  expect(leaks('metrics', [metrics.body])).toEqual([])
  expect(leaks('database', columns)).toEqual([])
  const ofAnswers = answers.map(({ text, headers }) => `${headers.location ?? ''} ${text}`)
  // What somebody typed into a field that is wrong is told back to them, and to nobody else.
  const echoed = ofAnswers.filter((text) => text.includes('"field":"content"'))
  expect(echoed).toHaveLength(1)
  expect(
    leaks(
      'answer',
      ofAnswers.filter((text) => !echoed.includes(text)),
    ),
  ).toEqual([])
})

/** Bearer tokens, and what OAuth hands out. */
function tokensIn(text: string): string[] {
  const found = text.matchAll(
    /Bearer (\S{20,})|"(?:access_token|refresh_token)":"([^"]{20,})"|(?:code_verifier|refresh_token|code)=([^&\s]{20,})/g,
  )
  return [...found].map(([, ...groups]) => groups.find((group) => group !== undefined)!)
}

/** Every text that the database holds, and the file as it lies on the disk. */
function textsIn(path: string): string[] {
  const database = new Database(path, { readonly: true })
  const tables = database
    .prepare<[], { name: string }>("select name from sqlite_master where type = 'table'")
    .all()
  const texts = tables.flatMap(({ name }) =>
    database
      .prepare<[], Record<string, unknown>>(`select * from "${name}"`)
      .all()
      .flatMap((row) => Object.values(row).filter((value) => typeof value === 'string')),
  )
  database.close()
  return texts
}
