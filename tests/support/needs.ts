import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { filesBelow, importsOf, root } from './imports.ts'

/** `gate`: decides whether a change may land. `nightly`: takes long, or draws fresh seeds. */
export type Ring = 'gate' | 'nightly'

export interface TestFile {
  /** From the repository's root. */
  readonly path: string
  readonly ring: Ring
  /** What it needs beside the packages of npm, in the words of scripts/tools.mjs. */
  readonly needs: ReadonlySet<string>
}

/** Every test file, in order. Its ring is in its name; what it needs, it or a module that it imports says. */
export function testFiles(): TestFile[] {
  return ['src', 'emulator', 'web', 'tests']
    .flatMap(filesBelow)
    .filter((path) => path.endsWith('.test.ts'))
    .map((path) => ({
      path,
      ring: path.endsWith('.nightly.test.ts') ? 'nightly' : 'gate',
      needs: new Set([...reachedFrom(path)].flatMap(needsSaidIn)),
    }))
}

/** A test and what it imports, as far as that is the tests' own: the program needs nothing but npm. */
function reachedFrom(file: string, reached = new Set<string>()): Set<string> {
  if (reached.has(file)) return reached
  reached.add(file)
  for (const to of importsWithin(file)) reachedFrom(to, reached)
  return reached
}

const known = new Map<string, readonly string[]>()

function importsWithin(file: string): readonly string[] {
  let found = known.get(file)
  if (found === undefined) {
    found = importsOf(file)
      .filter(({ isType, to }) => !isType && to?.startsWith('tests/') && to.endsWith('.ts'))
      .map(({ to }) => to!)
    known.set(file, found)
  }
  return found
}

function needsSaidIn(file: string): string[] {
  const said = /^\/\/ needs: (.+)$/m.exec(readFileSync(join(root, file), 'utf8'))
  return said ? said[1]!.split(', ') : []
}
