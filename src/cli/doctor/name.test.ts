import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ZoneSeed } from '#emulator/emulator.ts'
import { openPractice } from './testing.ts'

const practice = openPractice()

describe('a name', () => {
  test('is held by its labels, and zones that resemble its end are named', async () => {
    const zones: ZoneSeed[] = [{ name: 'example.com' }, { name: 'shop.example.com', status: 'pending' }]
    await practice.startCloudflare({ zones })
    const told = async (name: string) => (await examined(name)).lines.at(-1)
    expect(await told('WWW.Example.com.')).toBe('✓ name: www.example.com is in the zone example.com.')
    expect(await told('a.shop.example.com')).toMatch(
      /^✗ name: a\.shop\.example\.com is in the zone shop\.example\.com, which is pending/,
    )
    expect(await told('notexample.com')).toMatch(/is in no zone .*; did you mean example\.com\?/)
    expect(await told('www.exmaple.com')).toMatch(/is in no zone .*; did you mean example\.com\?/)
    expect(await told('example.org')).toMatch(
      /is in no zone that the credential sees; add its zone at Cloudflare/,
    )
  })

  test('that one caller may change is not held against the others', async () => {
    const told = async (name: string) =>
      examined(name, { CONFIG_FILE: shopsAndOffice(), HMAC_SECRET: undefined })
    expect(await told('a.shops.example.com')).toEqual({
      code: 0,
      lines: [
        '✓ name (shops): a.shops.example.com is in the zone example.com.',
        expect.stringMatching(
          /^! name \(office\): a\.shops\.example\.com is in no zone that the credential sees/,
        ),
      ],
    })
    expect(await told('www.example.com')).toEqual({
      code: 1,
      lines: [
        '✓ name (shops): www.example.com is in the zone example.com.',
        "✗ name: the caller shops: www.example.com is not among the names that this caller may change (allow.names in the server's CONFIG_FILE); widen its allow, or choose another name.",
        expect.stringMatching(/^✗ name \(office\): www\.example\.com is in no zone/),
      ],
    })
  })

  test('for one type alone is free for a caller of that type', async () => {
    const { code } = await examined('_dmarc.shops.example.com', {
      CONFIG_FILE: shopsAndOffice('names: ["_dmarc.shops.example.com"], types: [TXT]'),
      HMAC_SECRET: undefined,
    })
    expect(code).toBe(0)
  })
})

async function examined(name: string, change = {}) {
  const { code, lines } = await practice.doctor(change, '--name', name)
  return { code, lines: lines.filter((line) => /^. name/.test(line)) }
}

/** The shops see example.com and have names below shops.example.com there; the office sees example.net. */
function shopsAndOffice(shops = 'names: ["**.shops.example.com"]'): string {
  const { state } = practice.emulator.emulator
  const caller = (id: string, zone: string, allow: string) => {
    const token = id.padEnd(40, '-')
    state.addCredential({ kind: 'token', token, zones: [zone] })
    return `  - { id: ${id}, secret: a-secret-of-32-octets-for-${id}-000, credential: { token: ${token} }, allow: { ${allow} } }\n`
  }
  const file = join(mkdtempSync(join(tmpdir(), 'zonewright-')), 'callers.yaml')
  const office = caller('office', 'example.net', 'zones: [example.net]')
  writeFileSync(file, `callers:\n${caller('shops', 'example.com', shops)}${office}`)
  return file
}
