import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { openPractice } from './testing.ts'
import { connectionTrouble } from './trouble.ts'

const CERT_FILE = fileURLToPath(new URL('../../../tests/support/loopback-cert.pem', import.meta.url))
const KEY_FILE = fileURLToPath(new URL('../../../tests/support/loopback-key.pem', import.meta.url))

const practice = openPractice()

describe('the network', () => {
  const seen = async (CLOUDFLARE_API_BASE_URL: string) => {
    const { code, wrong } = await practice.doctor({ CLOUDFLARE_API_BASE_URL })
    expect(code).toBe(1)
    return wrong.find((line) => line.startsWith('✗ network'))
  }

  test('where nobody listens, where TLS is none, and where another answers has its words', async () => {
    expect(await seen('http://127.0.0.1:1/client/v4')).toMatch(
      /nobody listens there \(ECONNREFUSED\); correct/,
    )
    expect(await seen(`https://127.0.0.1:${practice.emulator.port}/client/v4`)).toMatch(
      /it does not speak TLS \(/,
    )
    expect(await seen(`http://127.0.0.1:${await practice.other(404, 'nothing')}`)).toMatch(
      /answers with status 404, and not as Cloudflare's API; correct CLOUDFLARE_API_BASE_URL/,
    )
    expect(await seen(`http://127.0.0.1:${await practice.other(502, '<html>')}`)).toMatch(/cloudflarestatus/)
  })

  test("whose certificate nobody trusts says so, and the clock of this machine is held against Cloudflare's", async () => {
    const { PORT } = await practice.serving({ TLS_CERT_FILE: CERT_FILE, TLS_KEY_FILE: KEY_FILE })
    expect(await seen(`https://localhost:${PORT}`)).toMatch(
      /its certificate is not trusted \(DEPTH_ZERO_SELF/,
    )
    await practice.startCloudflare({ now: () => Date.now() - 600_000 })
    const { code, wrong } = await practice.doctor()
    expect(code).toBe(1)
    expect(wrong).toContainEqual(
      expect.stringMatching(/^✗ clock: this machine is (599|600|601) s ahead of Cloudflare; keep/),
    )
  })
})

test.each([
  [{ code: 'ENOTFOUND' }, /not found in DNS.*; see to this machine's resolver/],
  [{ code: 'EAI_AGAIN' }, /not found in DNS/],
  [{ code: 'ETIMEDOUT' }, /nothing comes back.*firewall/],
  [{ reason: 'timeout' }, /nothing comes back/],
  [{ code: 'CERT_HAS_EXPIRED' }, /not valid now.*clock/],
  [{ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }, /not trusted.*NODE_EXTRA_CA_CERTS/],
  [{ code: 'ERR_TLS_CERT_ALTNAME_INVALID' }, /for another name.*; ask for it by a name/],
  [{ code: 'ECONNRESET' }, /was cut.*begin with https/],
  [{ code: 'ESOMETHING' }, /cannot be reached \(ESOMETHING\)/],
])('a connection that fails with %j has its words', (facts, words) => {
  const cause = Object.assign(new Error('it failed'), facts)
  const { words: said, remedy } = connectionTrouble(new Error('Cloudflare could not be reached.', { cause }))
  expect(`${said}; ${remedy}`).toMatch(words)
})
