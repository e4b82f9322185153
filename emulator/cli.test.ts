import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DEMO_CLIENT, EMULATOR_TOKEN, emulatorUsage, runEmulator } from './cli.ts'

async function run(...argv: string[]) {
  const out: string[] = []
  const err: string[] = []
  const ended = await runEmulator(argv, {
    stdout: (text) => out.push(text),
    stderr: (text) => err.push(text),
  })
  if (typeof ended !== 'number') await ended.close()
  return { code: typeof ended === 'number' ? ended : undefined, out: out.join('\n'), err: err.join('\n') }
}

const ANY = ['--port', '0', '--dns-port', '0', '--control-port', '0'] as const

describe('zonewright emulator', () => {
  test('says where it listens, and the token to use', async () => {
    const { out } = await run(...ANY)
    expect(out).toMatch(/http:\/\/127\.0\.0\.1:\d+\/client\/v4/)
    expect(out).toContain(EMULATOR_TOKEN)
    expect(out).toContain('example.com, example.net')
    expect(out).toContain(`client   zonewright-demo, secret ${DEMO_CLIENT.secret}`)
  })

  test('takes OAuth clients: one with a secret, one without, one with two redirect URIs', async () => {
    const client = (text: string) => ['--oauth-client', text]
    const { out } = await run(
      ...ANY,
      ...client('shop:secret:http://localhost:4000/back'),
      ...client('tool::http://localhost:4000/back'),
      ...client('shop:secret:https://shop.example.org/back?a=b:c'),
      '--design-urls',
    )
    expect(out).toContain('client   shop, secret secret\n')
    expect(out).toContain('client   tool, public\n')
    expect((await run(...ANY, ...client('shop:secret:http://shop.example.org/'))).code).toBe(1)
  })

  test('prints its usage for --help', async () => {
    expect(await run('--help')).toEqual({ code: 0, out: emulatorUsage(), err: '' })
  })

  test.each([
    [['--port', 'http'], '--port is a whole number from 0 to 65535'],
    [['--port', '65536'], '--port'],
    [['--plan', 'gold'], '--plan is free or pro'],
    [['--oauth-client', 'shop'], '--oauth-client is ID:SECRET:REDIRECT_URI'],
    [['--token-life', 'long'], '--token-life'],
    [['--faults', '1.5'], '--faults is a number from 0 to 1'],
    [['--colour'], '--colour'],
    [['extra'], 'extra'],
    [['--seed', 'zones.yaml'], 'JSON files only'],
    [['--seed', '/nonexistent/zones.json'], 'ENOENT'],
  ])('exits 2 for %j, and says why', async (argv, words) => {
    const { code, err } = await run(...argv)
    expect(code).toBe(2)
    expect(err).toContain(words)
  })

  test('reads zones and credentials from a JSON file, and names a record it would refuse', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'emulator-'))
    const file = join(folder, 'zones.json')
    try {
      const records = [{ type: 'A', name: 'www', content: '192.0.2.1' }]
      await writeFile(file, JSON.stringify({ zones: [{ name: 'example.org', records }] }))
      expect((await run(...ANY, '--seed', file)).out).toContain('zones    example.org')
      await writeFile(
        file,
        JSON.stringify({ zones: [{ name: 'example.org', records: [...records, ...records] }] }),
      )
      const { code, err } = await run(...ANY, '--seed', file)
      expect(code).toBe(1)
      expect(err).toContain('81058')
      await writeFile(file, '{}')
      expect((await run('--seed', file)).code).toBe(2)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
