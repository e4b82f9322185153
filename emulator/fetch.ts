/** The emulator as a `fetch`, without a socket: for clients that let their caller choose one. */
import type { Emulator } from './emulator.ts'
import type { PlainReply } from './wire.ts'

/**
 * Every request goes to the emulator, whatever host its address names. A reset, and the end of a wait that its signal
 * sets, reject as `fetch` does; a drip comes whole.
 */
export function emulatorFetch(emulator: Pick<Emulator, 'handle'>): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init)
    request.signal.throwIfAborted()
    const { pathname, search } = new URL(request.url)
    const reply = await emulator.handle({
      method: request.method,
      target: `${pathname}${search}`,
      headers: Object.fromEntries(request.headers),
      body: new Uint8Array(await request.arrayBuffer()),
    })
    if (reply.kind === 'hang') return endOf(request.signal)
    const plain = reply.kind === 'drip' ? reply.reply : reply
    if (plain.delayMs !== undefined) await wait(plain.delayMs, request.signal)
    if (plain.kind === 'reset')
      throw new TypeError('fetch failed', { cause: new Error('the connection was reset') })
    return responseOf(plain)
  }
}

function responseOf({ status, headers, body }: PlainReply): Response {
  const isEmpty = status === 204 || status === 304
  return new Response(isEmpty ? null : Buffer.from(body), { status, headers })
}

function endOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const waited = new Promise((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([waited, endOf(signal)]).finally(() => clearTimeout(timer))
}
