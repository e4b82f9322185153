import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
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
    [['--plan', 'gold'], '--plan is free, pro, business or enterprise'],
    [['--oauth-client', 'shop'], '--oauth-client is ID:SECRET:REDIRECT_URI'],
    [['--token-life', 'long'], '--token-life'],
    [['--faults', '1.5'], '--faults is a number from 0 to 1'],
    [['--colour'], '--colour'],
    [['extra'], 'extra'],
    [['--seed', '/nonexistent/zones.yaml'], 'ENOENT'],
    [['--seed', '/nonexistent/zones.json'], 'ENOENT'],
  ])('exits 2 for %j, and says why', async (argv, words) => {
    const { code, err } = await run(...argv)
    expect(code).toBe(2)
    expect(err).toContain(words)
  })

  describe('reads seeds', () => {
    let folder: string
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'emulator-'))
    })
    afterEach(() => rm(folder, { recursive: true }))

    async function seeded(name: string, text: string, ...more: string[]) {
      const file = join(folder, name)
      await writeFile(file, text)
      return run(...ANY, ...more, '--seed', file)
    }

    const records = [{ type: 'A', name: 'www', content: '192.0.2.1' }]

    test('from JSON, and names a record that it would refuse', async () => {
      const zones = [{ name: 'example.org', records }]
      expect((await seeded('zones.json', JSON.stringify({ zones }))).out).toContain('zones    example.org')
      const twice = [{ name: 'example.org', records: [...records, ...records] }]
      const { code, err } = await seeded('zones.json', JSON.stringify({ zones: twice }))
      expect(code).toBe(1)
      expect(err).toContain('81058')
    })

    test('from YAML and from zone files, several at once', async () => {
      const zoneFile = join(folder, 'example.net.zone')
      await writeFile(zoneFile, 'www 300 A 192.0.2.1\n')
      const { out } = await seeded('zones.yaml', 'zones:\n  - name: example.org\n', '--seed', zoneFile)
      expect(out).toContain('zones    example.net, example.org')
      expect(out).toContain(EMULATOR_TOKEN)
    })

    test.each([
      ['zones.json', '{}', 'no list "zones"'],
      ['zones.yaml', 'zones: [', 'zones.yaml: '],
      ['zones.yaml', 'zones: []\ntokens: []', '"tokens" is none of zones, credentials, oauthClients'],
      ['zones.yaml', 'zones: []\ncredentials: x', '"credentials" is no list'],
      ['example.net.zone', 'www A', 'example.net.zone: line 1: a A has not 0 fields'],
    ])('and says what is wrong with %s: %j', async (name, text, words) => {
      const { code, err } = await seeded(name, text)
      expect(code).toBe(2)
      expect(err).toContain(words)
    })
  })
})
