import { expect, test } from 'vitest'
import type { Change } from '#dns/plan.ts'
import { foreign, post, record } from '../../../tests/support/samples.ts'
import { assertEditable } from './decide.ts'

const www = record('r1 www A 192.0.2.1')
const around = { zone: www.name, records: [www], keptBy: new Map([['www.example.com A', 'shop']]) }

test.each<[string, Change]>([
  ['deletes', { kind: 'delete', record: www }],
  ['changes', { kind: 'patch', record: www, to: { ...www, value: record('r2 www A 192.0.2.2').value } }],
  ['adds to', post(record('r2 www A 192.0.2.2'))],
  ['moves a record into', { kind: 'patch', record: record('r3 ftp A 192.0.2.1'), to: www }],
])('a plan that %s what a caller has declared is refused', (_, change) => {
  expect(() => assertEditable([change], around)).toThrow(/kept by shop/)
})

test('a plan that touches a record of another product is refused, and any other is accepted', () => {
  const locked = record('r4 @ MX 10 mail.example.com', { readOnly: true })
  expect(() => assertEditable([{ kind: 'delete', record: locked }], around)).toThrow(
    /another Cloudflare product/,
  )
  const free: Change[] = [
    { kind: 'delete', record: foreign('r5 www HTTPS 1 .') },
    { kind: 'delete', record: record('r6 www AAAA 2001:db8::1') },
    post(record('r7 ftp A 192.0.2.1')),
  ]
  expect(() => assertEditable(free, around)).not.toThrow()
})
