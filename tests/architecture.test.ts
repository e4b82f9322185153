import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { filesBelow, type Import, importsOf, root } from './support/imports.ts'

/**
 * The picture of the house, as a table: which room may import from which others. `server` builds
 * the rooms; beside it, only `connections` and the doctor may name a provider.
 */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  platform: [],
  dns: [],
  'edit-rules': ['dns'],
  onboarding: ['edit-rules', 'dns'],
  // Its facts are those of a zone as onboarding sees it.
  diagnostics: ['onboarding', 'dns'],
  verification: ['onboarding', 'dns', 'platform'],
  // The contract; who keeps it stands below.
  providers: ['dns'],
  'providers/cloudflare': ['providers', 'dns', 'platform'],
  store: ['dns', 'platform'],
  // Of onboarding the types alone: what a planner made is data, and the planner is handed in.
  engine: ['providers', 'store', 'onboarding', 'edit-rules', 'dns', 'platform'],
  accounts: ['store', 'dns', 'platform'],
  connections: ['accounts', 'providers/cloudflare', 'providers', 'store', 'dns', 'platform'],
  'faces/http': ['platform'],
  'faces/operator': ['faces/http', 'engine', 'dns', 'platform'],
  'faces/dashboard': [
    'faces/http',
    'engine',
    'accounts',
    'connections',
    'verification',
    'onboarding',
    'edit-rules',
    'diagnostics',
    'dns',
    'platform',
  ],
  config: ['faces/http', 'faces/operator', 'faces/dashboard', 'engine', 'verification', 'dns', 'platform'],
  // Builds the rooms; beside it only connections and the doctor name a provider.
  server: [
    'config',
    'faces/http',
    'faces/operator',
    'faces/dashboard',
    'engine',
    'accounts',
    'connections',
    'verification',
    'providers/cloudflare',
    'providers',
    'store',
    'onboarding',
    'edit-rules',
    'diagnostics',
    'dns',
    'platform',
  ],
  cli: [
    'server',
    'config',
    'faces/operator',
    'faces/dashboard',
    'engine',
    'accounts',
    'connections',
    'store',
    'onboarding',
    'edit-rules',
    'diagnostics',
    'dns',
    'platform',
    'emulator',
  ],
  web: ['faces/dashboard', 'edit-rules', 'onboarding', 'dns'],
  // It may not share our mistakes.
  emulator: [],
}

/** They ask nothing of the outside: no package, nothing of Node.js. */
const PURE = ['dns', 'edit-rules', 'onboarding', 'diagnostics']

const files = ['src', 'emulator', 'web', 'tests', 'bench']
  .filter((folder) => existsSync(`${root}${folder}`))
  .flatMap(filesBelow)
  .filter((file) => /\.tsx?$/.test(file))
const program = files.filter((file) => !isForTests(file))
const imports = files.flatMap(importsOf)
const arrows = imports.filter(({ from, to }) => !isForTests(from) && to !== undefined)

test('every file was looked at', () => {
  expect(files.length).toBeGreaterThan(80)
  expect(imports.length).toBeGreaterThan(300)
  expect(program.filter((file) => roomOf(file) === undefined)).toEqual([])
})

describe('the rooms', () => {
  test('import only along the arrows of the picture', () => {
    expect(arrows.flatMap((one) => faultIn(one) ?? [])).toEqual([])
  })

  test('of the engine import no planner: what one has made is data', () => {
    const planning = arrows.filter(
      ({ from, to, isType }) => roomOf(from) === 'engine' && roomOf(to!) === 'onboarding' && !isType,
    )
    expect(planning.map(({ from, specifier }) => `${from} imports ${specifier}`)).toEqual([])
  })

  test('that are pure ask nothing of the outside', () => {
    const asking = imports.filter(
      ({ from, to }) => !isForTests(from) && PURE.includes(roomOf(from)!) && to === undefined,
    )
    expect(asking.map(({ from, specifier }) => `${from} is pure and imports ${specifier}`)).toEqual([])
  })

  test('are imported by their names, and within a room by paths', () => {
    const crossing = arrows.filter(
      ({ from, to, specifier }) =>
        specifier.startsWith('.') && roomOf(from) !== roomOf(to!) && to !== 'package.json',
    )
    const roundabout = arrows.filter(
      ({ from, to, specifier }) => specifier.startsWith('#') && roomOf(from) === roomOf(to!),
    )
    const say = ({ from, specifier }: Import) => `${from} imports ${specifier}`
    expect(crossing.map(say)).toEqual([])
    expect(roundabout.map(say)).toEqual([])
  })

  test('never import what is there for tests', () => {
    const leaning = arrows.filter(({ to }) => isForTests(to!))
    expect(leaning.map(({ from, specifier }) => `${from} imports ${specifier}, which is for tests`)).toEqual(
      [],
    )
  })

  test('do not turn in circles: no file is needed before itself', () => {
    const needed = arrows.filter(
      ({ from, isDynamic, isType }) => from.startsWith('src/') && !isDynamic && !isType,
    )
    expect(circlesIn(needed)).toEqual([])
    const between = Object.entries(ARROWS).flatMap(([from, others]) => others.map((to) => ({ from, to })))
    expect(circlesIn(between)).toEqual([])
  })
})

describe('the emulator', () => {
  test('shares nothing with src, not even in its tests', () => {
    const sharing = imports.filter(({ from, to }) => from.startsWith('emulator/') && to?.startsWith('src/'))
    expect(sharing.map(({ from, specifier }) => `${from} imports ${specifier}`)).toEqual([])
  })

  test('is loaded only by the command that starts it, and only then', () => {
    const loading = arrows.filter(({ from, to }) => from.startsWith('src/') && to?.startsWith('emulator/'))
    expect(loading.filter(({ isDynamic, from }) => !isDynamic || !from.startsWith('src/cli/'))).toEqual([])
  })
})

test('every import means a file that is there', () => {
  const missing = imports.filter(({ to }) => to !== undefined && !existsSync(`${root}${to}`))
  expect(missing.map(({ from, specifier }) => `${from} imports ${specifier}`)).toEqual([])
})

test('no file knows the machine on which it was made', () => {
  const folders = [
    'bench',
    'bin',
    'decisions',
    'deploy',
    'docs',
    'emulator',
    'examples',
    'scripts',
    'src',
    'tests',
    'web',
    '.ci',
  ]
  const texts = [
    ...folders.filter((folder) => existsSync(`${root}${folder}`)).flatMap(filesBelow),
    ...[
      'README.md',
      'CHANGELOG.md',
      'CONTRIBUTING.md',
      'package.json',
      'biome.json',
      'vitest.config.ts',
    ].filter((file) => existsSync(`${root}${file}`)),
  ]
  const home = /(?:^|[\s"'`(=:])(?:\/(?:home|Users|root|work|workspace)\/[\w.-]+|[A-Z]:\\Users\\)/m
  const telling = texts.filter((file) => home.test(readFileSync(`${root}${file}`, 'utf8')))
  expect(telling).toEqual([])
})

/** A sentence about an import that the picture does not have. */
function faultIn({ from, to, specifier, isDynamic }: Import): string | undefined {
  if (to === 'package.json')
    return roomOf(from) === 'cli' ? undefined : `${from} imports package.json; only cli may`
  const [room, other] = [roomOf(from)!, roomOf(to!)]
  if (room === other || roomOf(from) === 'tests') return undefined
  if (other !== undefined && ARROWS[room]?.includes(other)) return undefined
  if (other?.startsWith('providers') && from.startsWith('src/cli/doctor')) return undefined
  const how = isDynamic ? 'loads' : 'imports'
  return `${from} ${how} ${specifier}: the picture has no arrow from ${room} to ${other ?? to}`
}

/**
 * `dns` for src/dns/name.ts, `faces/http` for src/faces/http/connection-throttle.ts, `emulator`, `web`, `tests`; undefined for what
 * has no place.
 */
function roomOf(file: string): string | undefined {
  const [folder, room, ...rest] = file.split('/')
  if (folder === 'tests' || folder === 'bench') return 'tests'
  if (folder !== 'src') return folder! in ARROWS ? folder : undefined
  if (rest.length === 0) return undefined
  const isFolderOfRooms = rest.length > 1 && (room === 'faces' || room === 'providers')
  const name = isFolderOfRooms ? `${room}/${rest[0]}` : room!
  return name in ARROWS ? name : undefined
}

function isForTests(file: string): boolean {
  return /(^|\/)(tests|bench)\/|\.test\.tsx?$|(^|\/)testing\.ts$/.test(file)
}

/** Each as the way around: `a.ts → b.ts → a.ts`. */
function circlesIn(arrows: readonly Pick<Import, 'from' | 'to'>[]): string[] {
  const next = new Map<string, string[]>()
  for (const { from, to } of arrows) next.set(from, [...(next.get(from) ?? []), to!])
  const done = new Set<string>()
  const circles: string[] = []
  const follow = (file: string, way: readonly string[]): void => {
    const start = way.indexOf(file)
    if (start >= 0) circles.push([...way.slice(start), file].join(' → '))
    if (start >= 0 || done.has(file)) return
    for (const other of next.get(file) ?? []) follow(other, [...way, file])
    done.add(file)
  }
  for (const file of next.keys()) follow(file, [])
  return circles
}
