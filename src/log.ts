import pino from 'pino'
import type { LogLevel } from './config.ts'
import type { Log } from './world.ts'

/** Where lines go; standard output if not said otherwise. */
export interface LineSink {
  write(line: string): void
}

/**
 * JSON lines: `time` as RFC 3339, `level` as a word, the facts, and `msg`. An error under `err` keeps its stack.
 * Written at once, so that the last line before a crash is there to be read.
 */
export function createLog(level: LogLevel, sink: LineSink = pino.destination({ dest: 1, sync: true })): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      // Nobody logs headers. Should somebody begin to, these do not get out.
      redact: { paths: SECRET_HEADERS.map((name) => `headers["${name}"]`), censor: '[secret]' },
    },
    sink,
  )
}

const SECRET_HEADERS = [
  'authorization',
  'x-auth-key',
  'x-auth-email',
  'x-dns-signature',
  'cookie',
  'set-cookie',
]
