import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** How to start zonewright: its arguments come after these. */
export interface Program {
  readonly command: string
  readonly args: readonly string[]
}

export interface RunningProcess {
  readonly pid: number
  /** Waits until it has printed something of this pattern. Rejects with its last words if it ends before. */
  says(pattern: RegExp): Promise<RegExpExecArray>
  /** The last 64 KiB of what it printed. */
  printed(): string
  /** Ends it, and resolves when it has ended, to its exit code; null: by a signal. */
  end(signal?: 'SIGTERM' | 'SIGKILL'): Promise<number | null>
}

export interface RunningWebhook extends RunningProcess {
  readonly port: number
  readonly metricsPort: number
}

export interface RunningEmulator extends RunningProcess {
  readonly apiUrl: string
  readonly controlUrl: string
}

/** `zonewright serve operator` on free ports of the loopback, once it is listening. */
export async function startWebhook(
  program: Program,
  env: Readonly<Record<string, string>>,
): Promise<RunningWebhook> {
  const ports = { HOST: '127.0.0.1', PORT: '0', METRICS_HOST: '127.0.0.1', METRICS_PORT: '0' }
  const running = start(program, ['serve', 'operator'], { ...ports, ...env })
  const listening = await running.says(/^.*"msg":"listening".*$/m)
  const { operator, metrics } = JSON.parse(listening[0])
  return { ...running, port: operator.port, metricsPort: metrics.port }
}

/** `zonewright emulator` on free ports, once it is listening. */
export async function startEmulatorProcess(
  program: Program,
  ...options: readonly string[]
): Promise<RunningEmulator> {
  const ports = ['--port', '0', '--dns-port', '0', '--control-port', '0']
  const running = start(program, ['emulator', ...ports, ...options], {})
  const [, apiUrl] = await running.says(/API +(\S+)/)
  const [, controlUrl] = await running.says(/control +(\S+)/)
  await running.says(/zones +\S+.*\n/)
  return { ...running, apiUrl: apiUrl!, controlUrl: controlUrl! }
}

const PATIENCE_MS = 20_000

/** Starts a program with nothing of our own environment but the path. It does not outlive us. */
export function start(
  { command, args }: Program,
  more: readonly string[],
  env: Readonly<Record<string, string>>,
): RunningProcess {
  const child = spawn(command, [...args, ...more], {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (words: string) => {
      text = (text + words).slice(-65_536)
      child.emit('said')
    })
  }
  const killWithUs = () => child.kill('SIGKILL')
  process.once('exit', killWithUs)
  let isOver = false
  const over = once(child, 'close').then(([code]) => {
    isOver = true
    process.off('exit', killWithUs)
    child.emit('said')
    return code as number | null
  })

  async function says(pattern: RegExp): Promise<RegExpExecArray> {
    const patience = AbortSignal.timeout(PATIENCE_MS)
    for (;;) {
      const match = pattern.exec(text)
      if (match) return match
      if (isOver || patience.aborted) throw new Error(`It never said ${pattern}, but:\n${text}`)
      await once(child, 'said', { signal: patience }).catch(() => {})
    }
  }

  return {
    pid: child.pid!,
    says,
    printed: () => text,
    end: (signal = 'SIGTERM') => {
      child.kill(signal)
      return over
    },
  }
}
