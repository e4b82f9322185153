import { afterEach, expect, test } from 'vitest'
import type { RecordSeed } from '#emulator/emulator.ts'
import { createDashboardWorld, type DashboardWorld } from '../../../tests/support/dashboard-world.ts'
import type { ApiChange, ApiFinding } from './api.ts'

const HEALTH = '/dashboard/api/dns/health'

let world: DashboardWorld

afterEach(() => world.end())

const worldOf = async (records: readonly RecordSeed[]) => {
  world = await createDashboardWorld({ zones: [{ name: 'example.com', records }, { name: 'example.net' }] })
  return world.connected('anna')
}

const TWO_SPF: readonly RecordSeed[] = [
  { name: '@', type: 'TXT', content: '"v=spf1 include:_spf.example.net -all"', comment: 'mail' },
  { name: '@', type: 'TXT', content: '"v=spf1 ip4:192.0.2.1 -all"' },
  { name: '@', type: 'MX', content: 'mail.example.net', priority: 10 },
]

test('a finding names its records, and a review fixes it', async () => {
  const browser = await worldOf(TWO_SPF)
  const { status, json } = await browser.get(HEALTH)
  expect(status).toBe(200)
  expect(json.findings.map(({ code, isMendable }: ApiFinding) => [code, isMendable])).toEqual([
    ['spf-twice', true],
    ['dmarc-missing', true],
  ])
  const [first] = json.findings as [ApiFinding]
  expect(first.records.map(({ content }) => content)).toEqual([
    'v=spf1 include:_spf.example.net -all',
    'v=spf1 ip4:192.0.2.1 -all',
  ])
  const planned = await browser.post(`${HEALTH}/plan`, { finding: first.id })
  expect(planned).toMatchObject({ status: 200, json: { plan: { origin: { kind: 'mend' } } } })
  const { id, changes } = planned.json.plan
  const selected = (changes as ApiChange[]).filter((row) => row.selected).map((row) => row.id)
  const confirmed = await browser.post('/dashboard/cloudflare/confirm', { planId: id, selected })
  expect(confirmed).toMatchObject({ status: 200, json: { applied: 2 } })
  const texts = world.emulator.state.records('example.com').filter(({ type }) => type === 'TXT')
  expect(texts.map(({ content, comment }) => [content, comment])).toEqual([
    ['"v=spf1 include:_spf.example.net ip4:192.0.2.1 -all"', 'mail'],
  ])

  const after = await browser.get(HEALTH)
  expect(after.json.findings.map(({ code }: ApiFinding) => code)).toEqual(['dmarc-missing'])
  expect(await browser.post(`${HEALTH}/plan`, { finding: first.id })).toMatchObject({
    status: 409,
    error: { code: 'CONFLICT' },
  })
})

test('Health is refused without a connection', async () => {
  await worldOf([])
  const ben = await world.signedIn('ben')
  expect(await ben.get(HEALTH)).toMatchObject({ status: 409, error: { code: 'NOT_CONNECTED' } })
  expect(await ben.post(`${HEALTH}/plan`, { finding: 'x' })).toMatchObject({ status: 409 })
  expect(await ben.post(`${HEALTH}/plan`, {})).toMatchObject({ status: 422, error: { field: 'finding' } })
})
