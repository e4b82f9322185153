import { readFileSync } from 'node:fs'
import { run } from './run.ts'

// Whoever reads our output may stop reading; that is no fault of ours.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
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
})

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
