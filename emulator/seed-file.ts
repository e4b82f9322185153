/** `--seed FILE`: zones, credentials and OAuth clients as JSON or YAML, or one zone as a zone file. */
import { readFile } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { parse } from 'yaml'
import type { CredentialSeed, OAuthClientSeed, ZoneSeed } from './emulator.ts'
import { readZoneFile } from './zone-file/read.ts'

export interface Seeds {
  readonly zones: readonly ZoneSeed[]
  readonly credentials?: readonly CredentialSeed[]
  readonly oauthClients?: readonly OAuthClientSeed[]
}

/**
 * By the file's name: `.json`, `.yaml` and `.yml`, and anything else is a zone file. A zone file is of the zone that its
 * SOA or first $ORIGIN names; without either, of the one that the file is named for (`example.com.zone`).
 * Throws an Error that begins with the file's name. What the zones cannot hold is told later, when they are made.
 */
export async function readSeedFile(file: string): Promise<Seeds> {
  try {
    const text = await readFile(file, 'utf8')
    const type = extname(file).toLowerCase()
    if (type === '.json') return seedsIn(JSON.parse(text))
    if (type === '.yaml' || type === '.yml') return seedsIn(parse(text))
    return { zones: [zoneIn(text, basename(file, extname(file)))] }
  } catch (problem) {
    throw new Error(`${file}: ${(problem as Error).message}`)
  }
}

/** All of several files; a list that none of them has is absent. */
export function joinedSeeds(all: readonly Seeds[]): Seeds {
  const credentials = all.flatMap((seeds) => seeds.credentials ?? [])
  const oauthClients = all.flatMap((seeds) => seeds.oauthClients ?? [])
  return {
    zones: all.flatMap(({ zones }) => zones),
    ...(all.some((seeds) => seeds.credentials !== undefined) && { credentials }),
    ...(all.some((seeds) => seeds.oauthClients !== undefined) && { oauthClients }),
  }
}

const LISTS = ['zones', 'credentials', 'oauthClients']

function seedsIn(value: unknown): Seeds {
  const seeds = (value ?? {}) as Partial<Record<string, unknown>>
  if (!Array.isArray(seeds.zones)) throw new Error('no list "zones" in it')
  const strange = Object.keys(seeds).find((key) => !LISTS.includes(key))
  if (strange !== undefined) throw new Error(`"${strange}" is none of ${LISTS.join(', ')}`)
  for (const list of LISTS) {
    if (seeds[list] !== undefined && !Array.isArray(seeds[list])) throw new Error(`"${list}" is no list`)
  }
  return seeds as unknown as Seeds
}

function zoneIn(text: string, fileName: string): ZoneSeed {
  const namesItself = /^\s*\$ORIGIN\s|\sSOA\s/im.test(text)
  const { zone, records } = readZoneFile(text, namesItself ? undefined : fileName)
  if (zone === undefined) throw new Error('it names no zone')
  return { name: zone, records }
}
