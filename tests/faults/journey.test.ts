import { expect, test } from 'vitest'
import type { Answer, Browser } from '#faces/dashboard/testing.ts'
import { createDashboardWorld, type DashboardWorld, TOKEN } from '../support/dashboard-world.ts'

/** Answers that are late, lost, refused or in doubt: nobody else's hands in the zone, and nothing for good. */
const PASSING = ['F1', 'F2', 'F3', 'F4', 'F5', 'F7', 'F8', 'F9', 'F10', 'F33']
const SEEDS = [1, 2, 3, 4]

const BEFORE = [
  { type: 'A', name: '@', content: '198.51.100.1', proxied: true, comment: 'old shop' },
  { type: 'AAAA', name: '@', content: '2001:db8::1' },
  { type: 'CNAME', name: 'www', content: 'old.example.net' },
  { type: 'CNAME', name: 'mail', content: 'example.com' },
  { type: 'MX', name: '@', content: 'example.com', priority: 10 },
  { type: 'TXT', name: '@', content: '"v=spf1 a -all"' },
  { type: 'TXT', name: '_dmarc', content: '"v=DMARC1; p=none"' },
] as const
const AFTER = [
  '_dmarc.example.com TXT "v=DMARC1; p=none"',
  'example.com A 192.0.2.10 proxied old shop',
  'example.com MX 10 mail.example.com',
  'example.com TXT "v=spf1 ip4:198.51.100.1 ip6:2001:db8::1 a -all"',
  'mail.example.com A 198.51.100.1',
  'mail.example.com AAAA 2001:db8::1',
  'www.example.com CNAME example.com',
]

const DOORS = {
  async token(_world: DashboardWorld, browser: Browser): Promise<Answer> {
    return browser.post('/dashboard/api/cloudflare/token', { token: TOKEN })
  },
  async oauth({ emulator }: DashboardWorld, browser: Browser): Promise<Answer> {
    const away = await browser.get('/dashboard/cloudflare/connect')
    const back = new URL(emulator.state.consent(String(away.headers.location)))
    const answer = await browser.get(`${back.pathname}${back.search}`)
    await browser.session()
    return answer
  },
}

test.each(SEEDS.flatMap((seed) => (['token', 'oauth'] as const).map((door) => [door, seed] as const)))(
  'a domain is connected by the door of %s, taken over and given back while Cloudflare stumbles (%i)',
  async (door, seed) => {
    const zones = [{ name: 'example.com', records: BEFORE }]
    const world = await createDashboardWorld({
      zones,
      inSteps: true,
      faults: { rate: 0.15, only: PASSING, seed },
    })
    const browser = await world.signedIn('anna')
    const held = () => linesOf(world)
    const before = held()

    await patiently(world, async () => {
      await DOORS[door](world, browser)
      const { json } = await browser.get('/dashboard/api/dns/records')
      return json.connection.status === 'review_pending'
    })
    await patiently(world, () =>
      advisedIsDone(world, browser, () => browser.get('/dashboard/api/cloudflare/plan')),
    )
    expect(held()).toEqual(AFTER)

    const { entries } = (await browser.get('/dashboard/api/dns/history')).json
    const [{ id }] = entries.filter(({ actor }: { actor: { kind: string } }) => actor.kind === 'customer')
    await patiently(world, () =>
      advisedIsDone(world, browser, () => browser.post(`/dashboard/api/dns/history/${id}/undo`)),
    )
    expect(held()).toEqual(before)
    expect(world.emulator.faults.hits().length).toBeGreaterThan(0)
    await world.end()
  },
)

/** As somebody does who waits a while and tries again; the limits of customers are theirs, too. */
async function patiently(world: DashboardWorld, attempt: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 20; tries++) {
    if (await attempt()) return
    await world.clock.pass(30_000)
  }
  expect.unreachable('twenty tries were not enough')
}

/** Asks for a review and does all that it proposes by default; true once there is nothing left to do. */
async function advisedIsDone(
  world: DashboardWorld,
  browser: Browser,
  ask: () => Promise<Answer>,
): Promise<boolean> {
  const { json, status } = await ask()
  if (status !== 200) return false
  const rows: { id: string; action: string; selected: boolean }[] = json.plan.changes
  const selected = rows.flatMap(({ id, selected }) => (selected ? [id] : []))
  const isLeft = rows.some((row) => row.selected && row.action !== 'keep')
  const confirmed = await browser.post('/dashboard/cloudflare/confirm', { planId: json.plan.id, selected })
  if (confirmed.status === 202) await world.clock.pass(120_000)
  return confirmed.status === 200 && !isLeft
}

function linesOf({ emulator }: DashboardWorld): string[] {
  return emulator.state
    .records('example.com')
    .map(({ name, type, priority, content, proxied, comment }) =>
      [name, type, priority, content, proxied ? 'proxied' : '', comment].filter(Boolean).join(' '),
    )
    .sort()
}
