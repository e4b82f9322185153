import { readdirSync, readFileSync, statSync } from 'node:fs'

/** One instruction, its lines joined: `{ word: 'RUN', text: 'npm ci' }`. */
export interface Instruction {
  readonly word: string
  readonly text: string
}

export interface Stage {
  readonly base: string
  readonly name: string | undefined
  readonly instructions: readonly Instruction[]
}

/** The stages of a Dockerfile, the last of which is the image (docs.docker.com, Dockerfile reference, 2026-11-21). */
export function stagesOf(text: string): Stage[] {
  const stages: { base: string; name: string | undefined; instructions: Instruction[] }[] = []
  for (const instruction of instructionsIn(text)) {
    if (instruction.word === 'FROM') {
      const [base = '', , name] = instruction.text.split(/\s+/)
      stages.push({ base, name, instructions: [] })
    } else {
      stages.at(-1)?.instructions.push(instruction)
    }
  }
  return stages
}

/** Flags, sources and destination of a COPY: `--from=build a b there`. */
export function copyParts(text: string): { flags: Record<string, string>; sources: string[]; to: string } {
  const words = text.split(/\s+/)
  const flags = words.filter((word) => word.startsWith('--')).map((flag) => flag.slice(2).split('='))
  const paths = words.filter((word) => !word.startsWith('--'))
  return { flags: Object.fromEntries(flags), sources: paths.slice(0, -1), to: paths.at(-1)! }
}

/** The files below `folder` that a .dockerignore lets into the build. The last pattern that fits decides. */
export function contextOf(folder: string, ignoreFile: string): string[] {
  const patterns = readFileSync(ignoreFile, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ lets: line.startsWith('!'), fits: regexOf(line.replace(/^!/, '')) }))
  // Walked only where something may be let in: the rest holds packages and whole databases.
  return readdirSync(folder)
    .filter((name) => patterns.findLast(({ fits }) => fits.test(name))?.lets)
    .flatMap((name) => (statSync(`${folder}${name}`).isDirectory() ? below(folder, name) : [name]))
    .filter((path) => patterns.findLast(({ fits }) => fits.test(path))?.lets ?? true)
}

function instructionsIn(text: string): Instruction[] {
  const lines = text.split('\n').filter((line) => !/^\s*(#|$)/.test(line))
  return lines
    .join('\n')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => {
      const [, word = '', rest = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? []
      return { word, text: rest }
    })
}

function below(folder: string, name: string): string[] {
  return readdirSync(`${folder}${name}`, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(folder.length))
}

/** A pattern fits a path, and everything below it. */
function regexOf(pattern: string): RegExp {
  const parts = pattern
    .split(/(\*\*\/|\*)/)
    .map((part) => (part === '**/' ? '(?:.*/)?' : part === '*' ? '[^/]*' : part.replace(/[.+]/g, '\\$&')))
  return new RegExp(`^${parts.join('')}(?:/|$)`)
}
