import { expect, test } from 'vitest'
import { startWebhook } from '../../tests/support/processes.ts'
import { zonewright } from '../../tests/support/program.ts'
import { heapFlags, heapMiBFor, memoryAllowed } from './heap.ts'

const MIB = 2 ** 20
const MACHINE = 24_576 * MIB

test('the heap is half of what is allowed, at least 48 MiB, at most 512', () => {
  expect([64, 96, 128, 192, 512, 1_024, 24_576].map(heapMiBFor)).toEqual([48, 48, 64, 96, 256, 512, 512])
})

test('a cgroup allows less than the machine has, or nobody limits anything', () => {
  expect(memoryAllowed(MACHINE, 128 * MIB)).toEqual({ allowedMiB: 128, allowedBy: 'cgroup' })
  const unlimited = { allowedMiB: 24_576, allowedBy: 'machine' }
  // Nothing known, version 2 without a limit, and version 1, whose limit is then a very large number.
  for (const constrained of [0, 2 ** 64, 2 ** 63]) {
    expect(memoryAllowed(MACHINE, constrained)).toEqual(unlimited)
  }
})

test('whoever has said how large the heap is to be is left alone', () => {
  expect(heapFlags(128, ['--enable-source-maps'], '--use-openssl-ca')).toContain('--max-old-space-size=64')
  for (const flag of [
    '--max-old-space-size=99',
    '--max_old_space_size=99',
    '--max-heap-size=99',
    '--max-semi-space-size=1',
  ]) {
    expect(heapFlags(128, [flag], '')).toBeUndefined()
    expect(heapFlags(128, [], `--use-openssl-ca ${flag}`)).toBeUndefined()
  }
})

test('a server says at its start how large its heap may be, and is the process that was started', async () => {
  const started = async (nodeOptions = '') => {
    const { printed, end } = await startWebhook(await zonewright(), {
      HMAC_DISABLED: 'true',
      CLOUDFLARE_API_TOKEN: 'token',
      CLOUDFLARE_API_BASE_URL: 'http://127.0.0.1:9/client/v4',
      DATABASE_URL: 'sqlite::memory:',
      NODE_OPTIONS: nodeOptions,
    })
    const line = JSON.parse(/^.*"msg":"memory".*$/m.exec(printed())![0])
    // It is listening under the number that we know it by: this is who answers the signal.
    expect(await end()).toBe(0)
    return line
  }
  const { allowedMiB } = memoryAllowed()
  // The young generation is three times its semi-space, which `--optimize-for-size` makes 1 MiB.
  expect(await started()).toMatchObject({ allowedMiB, heapMiB: heapMiBFor(allowedMiB) + 3 })
  const { heapMiB } = await started('--max-old-space-size=150 --max-semi-space-size=2')
  expect(heapMiB).toBe(150 + 6)
}, 60_000)
