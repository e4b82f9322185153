/** `--state FILE`: what the emulator holds outlives it. The file is whole at every moment: written beside, then renamed. */
import { open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Emulator } from './emulator.ts'
import { parseState, type SavedState } from './saved-state.ts'

/** Undefined when there is no such file yet. Throws an Error that names the file, for one that is no state. */
export async function readStateFile(file: string): Promise<SavedState | undefined> {
  try {
    return parseState(await readFile(file, 'utf8'))
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new Error(`${file}: ${(problem as Error).message}`)
  }
}

/**
 * The promise of `keep()` resolves when what the emulator held as it was called is on the disk. Those who ask while a
 * write is under way share the next one. It rejects when the file cannot be written.
 */
export function createKeeper(file: string, emulator: Pick<Emulator, 'saved'>): { keep(): Promise<void> } {
  let written: readonly string[] = []
  let running: Promise<void> = Promise.resolve()
  let next: Promise<void> | undefined

  async function write(): Promise<void> {
    next = undefined
    const pieces = emulator.saved()
    if (pieces.length === written.length && pieces.every((piece, index) => piece === written[index])) return
    await writeWhole(file, pieces)
    written = pieces
  }

  return {
    keep() {
      if (next === undefined) {
        next = running.then(write, write)
        running = next
      }
      return next
    },
  }
}

async function writeWhole(file: string, pieces: readonly string[]): Promise<void> {
  const beside = `${file}.new`
  // Tokens and refresh tokens are in it.
  const handle = await open(beside, 'w', 0o600)
  try {
    await handle.writeFile(pieces.join(''))
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(beside, file)
  const folder = await open(dirname(file), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
