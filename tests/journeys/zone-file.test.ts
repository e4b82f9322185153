import { expect, test } from 'vitest'
import type { ApiFinding } from '#faces/dashboard/api.ts'
import { faultsEverywhere } from './browser.ts'
import { answer, change, many, plan, usual } from './samples.ts'
import { connected, deskForTests, signedIn } from './setting.ts'
import { ok, refusal, type Script } from './stand-in.ts'

const desk = deskForTests()

/** Each state is read four times by axe, which takes its time on a machine that has other things to do. */
const FOUR_READINGS_MS = 120_000

const LONG = `${'a-very-long-label-'.repeat(3)}x.${'another-long-label-'.repeat(3)}y.example.com`

const finding = (severity: ApiFinding['severity'], facts: Partial<ApiFinding> = {}): ApiFinding => ({
  id: `${severity} ${facts.name ?? 'example.com'}`,
  code: 'spf-twice',
  severity,
  name: 'example.com',
  message: 'example.com has 2 SPF records. Only one is allowed.',
  consequence: 'Other mail servers then believe none of them, and mail from you may be taken for spam.',
  remedy: 'Put all senders into one SPF record and delete the others.',
  records: usual.slice(0, 2),
  recordCount: 2,
  isMendable: true,
  ...facts,
})
const health = (findings: readonly ApiFinding[]) => ok({ findings, more: 0, readAt: '2026-11-22T00:00:00Z' })
const mended = plan(
  [
    change('replace', 'TXT', 'example.com', { from: 'v=spf1 -all', to: 'v=spf1 a -all' }, { group: 'set' }),
    change('delete', 'TXT', 'example.com', { from: 'v=spf1 a -all' }, { group: 'set' }),
  ],
  { origin: { kind: 'mend' } },
)
const imported = plan(
  [
    change('add', 'A', LONG, { to: '192.0.2.1' }, { reason: 'The file has it so.' }),
    ...many(2_000).map(({ name }) => change('add', 'A', name, { to: '192.0.2.7' }, { selected: false })),
  ],
  {
    origin: { kind: 'import' },
    warnings: [{ code: 'more-than-a-batch', message: 'Cloudflare takes 200 changes in one step.' }],
  },
)
const problems = Array.from({ length: 80 }, (_, index) => ({
  field: `line ${index + 1}`,
  code: 'zone-text',
  message: `There is no such record type; correct it: "${'X'.repeat(60)}".`,
}))

const preview = async (text: string) => {
  await desk.page.getByLabel('Or paste its text').fill(text)
  await desk.page.getByRole('button', { name: 'Preview' }).click()
}

const states: Record<string, { path: string; script: Script; act?: () => Promise<unknown> }> = {
  'health, of which nothing is known': {
    path: '/health',
    script: {
      ...signedIn,
      'GET /api/dns/health': refusal(409, 'NOT_CONNECTED', 'Connect Cloudflare first.'),
    },
  },
  'health, all well': { path: '/health', script: { ...signedIn, 'GET /api/dns/health': health([]) } },
  'health, one of each': {
    path: '/health',
    script: {
      ...signedIn,
      'GET /api/dns/health': health([
        finding('broken'),
        finding('risky', { name: LONG, message: `Mail for ${LONG} goes to ${LONG}.`, isMendable: false }),
        finding('advice', { records: many(300), recordCount: 300 }),
      ]),
    },
    act: () => desk.page.getByText('Show the 300 records').click(),
  },
  'health that cannot be loaded': {
    path: '/health',
    script: { ...signedIn, 'GET /api/dns/health': refusal(503, 'SERVER_ERROR', 'Please try again.') },
  },
  'a remedy': {
    path: '/health/mend?finding=x',
    script: { ...signedIn, 'POST /api/dns/health/plan': ok(mended) },
  },
  'a remedy that came too late': {
    path: '/health/mend?finding=x',
    script: {
      ...signedIn,
      'POST /api/dns/health/plan': refusal(409, 'CONFLICT', 'There is nothing to mend.'),
    },
  },
  'import and export': { path: '/zone-file', script: connected },
  'import and export, not connected': {
    path: '/zone-file',
    script: { ...signedIn, 'GET /api/dns/records': ok(answer('none')) },
  },
  'import of nothing': {
    path: '/zone-file',
    script: connected,
    act: () => desk.page.getByRole('button', { name: 'Preview' }).click(),
  },
  'import of what cannot be read': {
    path: '/zone-file',
    script: {
      ...connected,
      'POST /api/dns/import': {
        status: 422,
        body: { error: { code: 'INVALID_INPUT', message: 'No.', field: 'line 1', details: { problems } } },
      },
    },
    act: async () => {
      await preview('www X 192.0.2.1')
      await desk.page.getByText('80 lines cannot be read').waitFor()
    },
  },
  'import that has to wait': {
    path: '/zone-file',
    script: {
      ...connected,
      'POST /api/dns/import': refusal(429, 'RATE_LIMITED', 'Please wait 30 seconds.', {
        retryAfter: 30,
      }),
    },
    act: async () => {
      await preview('www A 192.0.2.1')
      await desk.page.getByRole('alert').waitFor()
    },
  },
  'the review of a large import': {
    path: '/zone-file',
    script: { ...connected, 'POST /api/dns/import': ok(imported) },
    act: async () => {
      await preview('www A 192.0.2.1')
      await desk.page.getByRole('heading', { name: 'Review the import' }).waitFor()
    },
  },
  'an import of what is there': {
    path: '/zone-file',
    script: { ...connected, 'POST /api/dns/import': ok(plan([], { origin: { kind: 'import' } })) },
    act: async () => {
      await preview('www A 192.0.2.1')
      await desk.page.getByRole('heading', { name: 'There is nothing to import' }).waitFor()
    },
  },
}

test.each(Object.entries(states))(
  'readable by everyone, on every screen: %s',
  async (_title, { path, script, act }) => {
    await desk.open(path, script)
    await act?.()
    expect(await faultsEverywhere(desk.page)).toEqual([])
  },
  FOUR_READINGS_MS,
)

test('what was typed is there again after the review, and a review loaded anew leads back to the file', async () => {
  await desk.open('/zone-file', { ...connected, 'POST /api/dns/import': ok(imported) })
  await preview('www 300 A 192.0.2.1')
  await desk.page.getByRole('heading', { name: 'Review the import' }).waitFor()
  expect(desk.sent('POST /api/dns/import')).toEqual(['www 300 A 192.0.2.1'])
  await desk.page.getByRole('button', { name: 'Cancel' }).click()
  expect(await desk.page.getByLabel('Or paste its text').inputValue()).toBe('www 300 A 192.0.2.1')
  await desk.page.goto(`${desk.server.url}/zone-file/review`)
  await desk.page.getByRole('heading', { name: 'Import & export' }).waitFor()
})

test('another review in the place of an old import leads back to the file', async () => {
  const old = {
    status: 409,
    body: {
      error: { code: 'PLAN_OUT_OF_DATE', message: 'Changed.', details: { plan: plan([]).plan } },
    },
  }
  await desk.open('/zone-file', {
    ...connected,
    'POST /api/dns/import': ok(mended),
    'POST /cloudflare/confirm': old,
  })
  const away = desk.page.waitForURL('**/zone-file/review')
  await preview('www 300 A 192.0.2.1')
  await away
  await desk.page.getByRole('heading', { name: 'Import & export' }).waitFor()
  desk.server.script['POST /api/dns/import'] = ok(imported)
  await desk.page.getByRole('button', { name: 'Preview' }).click()
  await desk.page.getByRole('button', { name: 'Confirm import' }).click()
  await desk.page.getByRole('heading', { name: 'Import & export' }).waitFor()
})
