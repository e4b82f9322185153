import { parseIpv4 } from '#dns/ip.ts'
import type { Name } from '#dns/name.ts'
import type { Value } from '#dns/value.ts'
import { planToWire } from '#faces/dashboard/wire.ts'
import { planOnboarding } from '#onboarding/plan.ts'
import { recordFromWire } from '#providers/cloudflare/wire.ts'
import { atMost, type Row } from './row.ts'
import { ZONE } from './setting.ts'

const RECORDS = 3_500
const ROUNDS = 12

/** A review of the largest zone of a usual plan: what it costs the thread that the webhook shares. */
export async function reviews(): Promise<Row[]> {
  const page = JSON.stringify(Array.from({ length: RECORDS }, (_, index) => recordBody(index)))
  const reading: number[] = []
  const planning: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const records = timed(reading, () => (JSON.parse(page) as unknown[]).map(recordFromWire))
    timed(planning, () => {
      const plan = planOnboarding({ store: STORE, zone: TAKEN, records })
      JSON.stringify(planToWire({ id: 'a', plan, expiresAt: 0 }))
    })
  }
  const what = `a zone of ${RECORDS.toLocaleString('en')} records`
  return [
    atMost(100, Math.min(...planning), `${what}: its review, processor time`, ' ms'),
    atMost(100, Math.min(...reading), `${what}: reading its list, processor time`, ' ms'),
  ]
}

const STORE = {
  name: ZONE as Name,
  ipv4: [parseIpv4('203.0.113.7') as string as Value],
  ipv6: [],
  servesWww: true,
}
const TAKEN = {
  id: '0'.repeat(32),
  name: ZONE as Name,
  status: 'active',
  type: 'full',
  paused: false,
  plan: 'pro',
  nameServers: [],
}
const DKIM_KEY = 'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA'.repeat(8)

/** As Cloudflare lists it: addresses, aliases, mail servers, and more text than most zones have. */
function recordBody(index: number): unknown {
  const named = (name: string) => ({
    id: index.toString(16).padStart(32, '0'),
    name: `${name}-${index}.${ZONE}`,
    ttl: 300,
    proxied: false,
    comment: null,
    meta: {},
  })
  const kinds = [
    { ...named('host'), type: 'A', content: `192.0.2.${index % 250}` },
    { ...named('alias'), type: 'CNAME', content: ZONE },
    { ...named('mail'), type: 'MX', content: `mail.${ZONE}`, priority: 10 },
    { ...named('key._domainkey'), type: 'TXT', content: `v=DKIM1; k=rsa; p=${DKIM_KEY}` },
    { ...named('sender'), type: 'TXT', content: '"v=spf1 a mx include:example.net -all"' },
    { ...named('said'), type: 'TXT', content: `"one \\"word\\" of Zoë ${index}"` },
  ]
  return kinds[index % kinds.length]
}

/** Notes the processor time (ms). */
function timed<Result>(times: number[], work: () => Result): Result {
  const before = process.cpuUsage()
  const result = work()
  const { user, system } = process.cpuUsage(before)
  times.push((user + system) / 1_000)
  return result
}
