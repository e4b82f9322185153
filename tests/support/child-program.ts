import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { build } from 'rolldown'

/** A program of ours in a process of its own, to be killed, starved and run twice. */
export interface ChildProgram {
  /** Its next line; undefined when it has ended. */
  line(): Promise<string | undefined>
  /** All lines up to its end. */
  rest(): Promise<string[]>
  /** At once, without a chance to tidy up. */
  kill(): Promise<void>
  /** Closes its input and waits for its end. */
  end(): Promise<void>
}

const root = fileURLToPath(new URL('../../', import.meta.url))

/** One file that Node.js runs as it is. It lies in the repository, so that it finds our packages. */
export async function bundled(entry: URL): Promise<string> {
  const file = `${root}.zonewright/tests/${process.pid}-${entry.pathname.replace(/^.*\/|\.ts$/g, '')}.mjs`
  await build({
    input: fileURLToPath(entry),
    platform: 'node',
    external: ['better-sqlite3', '@node-rs/argon2'],
    output: { file, format: 'esm', codeSplitting: false },
    logLevel: 'silent',
  })
  return file
}

/** `largestFile`: in blocks of 512 bytes; to write beyond it fails, as on a full disk. */
export function startProgram(
  file: string,
  args: readonly string[],
  { largestFile }: { largestFile?: number } = {},
): ChildProgram {
  const limit = largestFile === undefined ? '' : `ulimit -f ${largestFile}; `
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(
    '/bin/sh',
    ['-c', `${limit}exec "$0" "$@"`, process.execPath, file, ...args],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  const exited = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()

  async function line(): Promise<string | undefined> {
    const next = await lines.next()
    return next.done ? undefined : next.value
  }

  return {
    line,
    async rest() {
      const all: string[] = []
      for (let next = await line(); next !== undefined; next = await line()) all.push(next)
      await exited
      return all
    },
    async kill() {
      child.kill('SIGKILL')
      await exited
    },
    async end() {
      child.stdin.end()
      await exited
    },
  }
}
