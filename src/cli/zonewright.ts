import { readFileSync } from 'node:fs'
import { beginWithItsHeap } from './heap.ts'
import { run } from './run.ts'

const serves = process.argv[2] === 'serve'
if (serves) beginWithItsHeap()

// Whoever reads our output may stop reading; that is no fault of ours, and no reason for a server to end.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (serves) return
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
}

/** The program: what `bin/zonewright` starts. */
process.exitCode = await run(process.argv.slice(2), {
  stdout: (line) => void process.stdout.write(`${line}\n`),
  stderr: (line) => void process.stderr.write(`${line}\n`),
  env: process.env,
  readFile: (path) => readFileSync(path, 'utf8'),
  untilAskedToEnd,
  // Without somebody who listens, it would end the process.
  whenAskedToReload: (reload) => void process.on('SIGHUP', reload),
})
// Lines that nobody reads must not keep a server from its end.
if (serves && process.stdout.writableLength > 0) process.exit()

/** By SIGINT or SIGTERM; a second one ends the process at once, as it would have without us. */
function untilAskedToEnd(): Promise<void> {
  return new Promise((resolve) => {
    const asked = () => {
      for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, asked)
      resolve()
    }
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, asked)
  })
}
