import { expect, test } from 'vitest'
import { printServer } from '#verification/address.ts'
import { readConfig, type Variables } from './config.ts'

function read(variables: Variables) {
  const SECRET_KEY = '0123456789abcdef0123456789abcdef'
  return readConfig({ SECRET_KEY, ...variables }, () => '', ['dashboard'])
}

function faultsOf(variables: Variables): string[] {
  const config = read(variables)
  return config.ok ? [] : config.faults.map(({ name, problem }) => `${name} ${problem}`)
}

function verificationOf(variables: Variables) {
  const config = read(variables)
  if (!config.ok) throw new Error(JSON.stringify(config.faults))
  const { resolvers, probeAllow } = config.value.dashboard!.verification
  return {
    resolvers: resolvers.map(printServer),
    probeAllow: [...probeAllow].map(([from, to]) => `${from} ${printServer(to)}`),
    warnings: config.value.warnings,
  }
}

test('without a word public resolvers are asked, and nothing but public addresses is gone to', () => {
  expect(verificationOf({})).toEqual({
    resolvers: ['1.1.1.1:53', '8.8.8.8:53', '9.9.9.9:53'],
    probeAllow: [],
    warnings: [],
  })
})

test('resolvers are one\u2019s own, with ports, or none', () => {
  const { resolvers } = verificationOf({ DNS_RESOLVERS: '10.0.0.53, 192.0.2.53:5353 [2001:DB8::53]:5353' })
  expect(resolvers).toEqual(['10.0.0.53:53', '192.0.2.53:5353', '[2001:db8::53]:5353'])
  expect(verificationOf({ DNS_RESOLVERS: 'none' }).resolvers).toEqual([])
  expect(faultsOf({ DNS_RESOLVERS: '192.0.2.53, dns.example.com' })).toEqual([
    'DNS_RESOLVERS has "dns.example.com"',
  ])
})

test('a demonstration may go to this machine in place of an address, and is warned about', () => {
  const { probeAllow, warnings } = verificationOf({
    PROBE_ALLOW: '203.0.113.10:80=127.0.0.1:3000, [2001:db8::10]:443=[::1]:3443',
  })
  expect(probeAllow).toEqual(['203.0.113.10:80 127.0.0.1:3000', '[2001:db8::10]:443 [::1]:3443'])
  expect(warnings).toEqual([expect.stringMatching(/^PROBE_ALLOW is set/)])
})

test.each([
  '203.0.113.10=127.0.0.1:3000',
  '203.0.113.10:80=127.0.0.1',
  '203.0.113.10:80=10.0.0.1:80',
  '203.0.113.10:80=169.254.169.254:80',
  '203.0.113.10:80=localhost:80',
  '203.0.113.10:80',
  '203.0.113.10:80=127.0.0.1:1=127.0.0.1:2',
])('%s is refused: nobody probes another machine by configuration', (text) => {
  expect(faultsOf({ PROBE_ALLOW: text })).toEqual([`PROBE_ALLOW has "${text}"`])
})
