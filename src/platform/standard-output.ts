import { fstatSync, writeSync } from 'node:fs'
import type { LineSink } from './log.ts'

/** Octets that wait for a reader; beyond, lines are lost. */
const MOST_WAITING = 1024 * 1024

/**
 * Standard output as a place for lines of a log, which must neither stop the process nor hold it up: what cannot be
 * written, because the disk is full, the reader stands still or is gone, is lost, and the next line that can be says
 * how many were. A pipe is written to at once while its reader keeps up, so the last line before a crash is there.
 */
export function standardOutput(): LineSink {
  const { stdout } = process
  const isPiped = fstatSync(stdout.fd).isFIFO() || fstatSync(stdout.fd).isSocket()
  if (!stdout.listeners('error').includes(goOn)) stdout.on('error', goOn)
  return losing(isPiped ? toPipe(stdout) : toFile(stdout.fd))
}

/** What cannot be written is counted; without a listener it would end the process. */
function goOn(): void {}

/** Undefined: it cannot be taken now. */
type Taken = true | undefined

/** Says how many lines were lost, once one is taken again. */
export function losing(take: (line: string) => Taken): LineSink {
  let lost = 0
  return {
    write(line) {
      if (lost > 0 && take(lossOf(lost))) lost = 0
      if (lost > 0 || !take(line)) lost += 1
    },
  }
}

function lossOf(lost: number): string {
  const facts = { level: 'warn', time: new Date().toISOString(), lost }
  return `${JSON.stringify({ ...facts, msg: 'lines of this log could not be written' })}\n`
}

function toPipe(stdout: NodeJS.WriteStream): (line: string) => Taken {
  return (line) => {
    if (stdout.destroyed || stdout.writableLength > MOST_WAITING) return undefined
    stdout.write(line)
    return true
  }
}

/** Not through its stream, which would be over after the first error. */
function toFile(fd: number): (line: string) => Taken {
  return (line) => {
    try {
      writeSync(fd, line)
      return true
    } catch {
      return undefined
    }
  }
}
