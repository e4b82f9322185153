import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type ContainerOptions, runInside } from './container.ts'
import { contextOf, copyParts, type Instruction, type Stage, stagesOf } from './dockerfile.ts'
import { root as checkout } from './manifests.ts'

/** What a Dockerfile makes: a folder with the files of its last stage, and how to start it. */
export interface Image {
  readonly root: string
  readonly env: Readonly<Record<string, string>>
  readonly workdir: string
  readonly user: string
  readonly exposed: readonly string[]
  readonly healthcheck: readonly string[]
  readonly entrypoint: readonly string[]
  readonly command: readonly string[]
  readonly bases: readonly string[]
}

/**
 * Carries out the Dockerfile of the checkout in clean folders below `folder`, step by step, as a builder would, with
 * this machine's system and Node in place of the base image. Two steps are not done again here: Debian packages have
 * to be installed already, and packages of npm are linked from the checkout once `npm ci` has tried its lockfile,
 * since to fetch them takes long. A step that nobody knows is an error.
 */
export function buildImage(folder: string): Image {
  rmSync(folder, { recursive: true, force: true })
  const stages = stagesOf(readFileSync(`${checkout}Dockerfile`, 'utf8'))
  const context = join(folder, 'context')
  for (const file of contextOf(checkout, `${checkout}.dockerignore`)) {
    cpSync(checkout + file, join(context, file), { recursive: true })
  }
  const roots = new Map<string | undefined, string>()
  const built = stages.map((stage, number) => {
    const root = join(folder, `stage-${number}`)
    roots.set(stage.name, root)
    return buildStage(stage, root, (from) => (from === undefined ? context : roots.get(from)!))
  })
  return { ...built.at(-1)!, bases: stages.map(({ base }) => base) }
}

interface Building {
  root: string
  env: Record<string, string>
  workdir: string
  user: string
  exposed: string[]
  healthcheck: string[]
  entrypoint: string[]
  command: string[]
}

function buildStage(
  { instructions }: Stage,
  root: string,
  rootOf: (stage: string | undefined) => string,
): Building {
  for (const name of ['root', 'tmp', 'app']) mkdirSync(join(root, name), { recursive: true })
  const stage: Building = {
    root,
    env: {},
    workdir: '/',
    user: '0:0',
    exposed: [],
    healthcheck: [],
    entrypoint: [],
    command: [],
  }
  for (const { word, text } of instructions) {
    const carryOut = STEPS[word]
    if (carryOut === undefined) throw new Error(`Nobody knows how to carry out: ${word} ${text}`)
    carryOut(stage, text, rootOf)
  }
  return stage
}

type Step = (stage: Building, text: string, rootOf: (stage: string | undefined) => string) => void

const STEPS: Readonly<Record<Instruction['word'], Step>> = {
  WORKDIR(stage, text) {
    stage.workdir = text
    mkdirSync(join(stage.root, text), { recursive: true })
  },
  ENV(stage, text) {
    const [, name = '', value = ''] = /^(\w+)=(\S*)$/.exec(text) ?? []
    stage.env[name] = value
  },
  COPY: copy,
  RUN(stage, text) {
    if (text.startsWith('apt-get update ')) requireDebianPackages(text)
    else if (text.startsWith('npm ci ')) installFromCheckout(stage, text)
    else runInside(stage, ['/bin/sh', '-c', text], { ...stage.env, HOME: '/root' })
  },
  USER(stage, text) {
    stage.user = text
  },
  EXPOSE(stage, text) {
    stage.exposed = text.split(/\s+/)
  },
  HEALTHCHECK(stage, text) {
    stage.healthcheck = JSON.parse(text.slice(text.indexOf('CMD ') + 4))
  },
  ENTRYPOINT(stage, text) {
    stage.entrypoint = JSON.parse(text)
  },
  CMD(stage, text) {
    stage.command = JSON.parse(text)
  },
}

/** A folder's content goes into the destination, a file into it if it ends with a slash or is a folder. */
function copy(stage: Building, text: string, rootOf: (stage: string | undefined) => string): void {
  const { flags, sources, to } = copyParts(text)
  const destination = join(stage.root, to.startsWith('/') ? to : join(stage.workdir, to))
  for (const source of sources) {
    const found = join(rootOf(flags.from), source)
    // What an earlier stage has of its base image is this machine's.
    const from = existsSync(found) || flags.from === undefined ? found : source
    const isFolder = lstatSync(from).isDirectory()
    const target = !isFolder && /\/$/.test(to) ? join(destination, basename(source)) : destination
    mkdirSync(dirname(target), { recursive: true })
    cpSync(from, target, { recursive: true, dereference: !isFolder })
    if (flags.chown !== undefined) chown(flags.chown, target)
  }
}

/** Where we are not root everything is ours anyway, and the container runs as we do. */
function chown(owner: string, path: string): void {
  if (process.getuid?.() === 0) spawnSync('chown', ['--recursive', owner, path])
}

function requireDebianPackages(text: string): void {
  const [, names = ''] = /apt-get install -y --no-install-recommends ([^&]+)/.exec(text) ?? []
  const missing = names
    .trim()
    .split(/\s+/)
    .filter((name) => spawnSync('dpkg-query', ['--show', name]).status !== 0)
  if (names === '') throw new Error(`No packages could be read from: ${text}`)
  if (missing.length > 0) {
    throw new Error(`The image is tried with Debian's packages: apt-get install -y ${missing.join(' ')}`)
  }
}

function installFromCheckout(stage: Building & ContainerOptions, text: string): void {
  const inside = `${stage.root}${stage.workdir}`
  const given = readdirSync(inside).sort()
  if (given.join(' ') !== 'package-lock.json package.json') throw new Error(`npm ci would see ${given}`)
  runInside(stage, ['/bin/sh', '-c', `${text} --dry-run --offline`], { HOME: '/root' })
  // Hard links: another build of the same packages costs neither time nor space.
  const linked = spawnSync('cp', ['--archive', '--link', `${checkout}node_modules`, inside], {
    encoding: 'utf8',
  })
  if (linked.status !== 0) throw new Error(linked.stderr)
}
