// needs: bind9-utils
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aName, anyRecordOf, expectParsed, standingIn } from '#dns/testing.ts'
import { parseZoneFile, type ZoneFile } from '#dns/zone-file.ts'
import { printZoneFile } from '#dns/zone-file-print.ts'

const zone = aName('example.com')
const cloudflare = { name: zone, nameServers: ['ada.ns.cloudflare.com', 'bob.ns.cloudflare.com'] }
const NOON = Date.UTC(2026, 10, 22, 12)

test('a zone file of ours is a zone to BIND, which means the same by it', () => {
  fc.assert(
    fc.property(fc.array(anyRecordOf(zone), { maxLength: 12 }), (some) => {
      const records = standingIn(zone, some).map((each) => ({ ...each, comment: null }))
      const text = printZoneFile(cloudflare, records, NOON)
      const normalised = read(compiled(text))
      const plain = (file: ZoneFile) =>
        file.sets.flatMap(({ name, type, records: held }) =>
          held.map(({ value }) => `${name} ${type} ${value}`),
        )
      expect(plain(normalised).sort()).toEqual(plain(read(text)).sort())
      expect(normalised.ownLines).toHaveLength(3)
    }),
    { numRuns: 40 },
  )
}, 120_000)

/** What BIND makes of a zone file; throws with its words where that is no zone to it. */
function compiled(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'zone-file-'))
  const file = join(folder, 'zone')
  writeFileSync(file, text)
  // Checks beyond the format are for zones that are served: a server without an address, sets of mixed TTLs.
  const lax = ['-i', 'none', ...['-k', '-r', '-n', '-m', '-M', '-S'].flatMap((each) => [each, 'ignore'])]
  const env = { PATH: `${process.env.PATH}:/usr/sbin` }
  try {
    return execFileSync('named-compilezone', [...lax, '-s', 'full', '-o', '-', zone, file], {
      encoding: 'utf8',
      stdio: 'pipe',
      env,
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function read(text: string): ZoneFile {
  return expectParsed(parseZoneFile(text, zone))
}
