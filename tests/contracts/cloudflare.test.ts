import { describe } from 'vitest'
import { createEmulator } from '#emulator/emulator.ts'
import { emulatorFetch } from '#emulator/fetch.ts'
import { cloudflareApi, type Ground } from './cloudflare.ts'
import type { Connect, Reached } from './drivers/driver.ts'
import { plainDriver } from './drivers/plain.ts'
import { sdkDriver } from './drivers/sdk.ts'

const CLIENTS: Readonly<Record<string, Connect>> = {
  'a plain client': plainDriver,
  'the official SDK': sdkDriver,
}

const { CLOUDFLARE_TEST_TOKEN: token = '', CLOUDFLARE_TEST_ZONE: zoneName = '' } = process.env

for (const [title, connect] of Object.entries(CLIENTS)) {
  describe(`the emulator, asked by ${title}:`, () => cloudflareApi(async () => inEmulator(connect)))

  if (token === '' || zoneName === '') continue
  describe(`Cloudflare itself, asked by ${title}:`, () => {
    const reached = { apiUrl: 'https://api.cloudflare.com/client/v4', fetch }
    cloudflareApi(async () => groundOf(connect, reached, token, zoneName))
  })
}

function inEmulator(connect: Connect): Ground {
  const own = 'token-of-the-contract-0123456789-0123456789'
  const emulator = createEmulator({
    zones: [{ name: 'example.com' }, { name: 'example.net' }],
    credentials: [{ kind: 'token', token: own }],
  })
  const reached = { apiUrl: 'https://cloudflare.example/client/v4', fetch: emulatorFetch(emulator) }
  return groundOf(connect, reached, own, 'example.com')
}

function groundOf(connect: Connect, reached: Reached, own: string, zoneName: string): Ground {
  return {
    zoneName,
    driver: () => connect(reached, own),
    driverWith: (other) => connect(reached, other),
  }
}
