import pino from 'pino'
import type { Log, LogLevel } from './ports.ts'
import { standardOutput } from './standard-output.ts'

/** Where lines go; standard output if not said otherwise. */
export interface LineSink {
  write(line: string): void
}

/**
 * JSON lines: `time` as RFC 3339, `level` as a word, the facts, and `msg`. An error under `err` keeps its stack.
 */
export function createLog(level: LogLevel, sink: LineSink = standardOutput()): Log {
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
