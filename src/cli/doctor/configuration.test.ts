import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { readableConfig } from './configuration.ts'

const fileOf = (name: string) => fileURLToPath(new URL(`../../../tests/support/${name}.pem`, import.meta.url))
const ENV = {
  HMAC_SECRET: 'an-hmac-secret-of-32-octets-here',
  CLOUDFLARE_API_TOKEN: 'token',
  TLS_CERT_FILE: fileOf('loopback-cert'),
  TLS_KEY_FILE: fileOf('loopback-key'),
}

test.each([
  ['2026-11-21T00:00:00Z', 'fault', 'the certificate is not valid before 2026-11-21'],
  ['2126-10-01T00:00:00Z', 'good', 'the certificate is valid until 2126-10-28'],
  ['2126-10-20T00:00:00Z', 'warning', 'the certificate expires on 2126-10-28'],
  ['2126-10-29T00:00:00Z', 'fault', 'the certificate has expired on 2126-10-28'],
])('at %s a certificate is a %s', (now, level, words) => {
  const { findings } = readableConfig(ENV, (path) => readFileSync(path, 'utf8'), Date.parse(now))
  expect(findings.find(({ check }) => check === 'TLS')).toMatchObject({ level, words })
})
