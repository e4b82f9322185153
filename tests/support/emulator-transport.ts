import type { Emulator } from '#emulator/emulator.ts'
import type { Clock } from '#platform/ports.ts'
import { type Transport, TransportError } from '#providers/cloudflare/transport.ts'

export const EMULATOR_URL = 'https://cloudflare.example/client/v4'

/** As the transport over sockets has it. */
const MOST_BYTES = 2 * 1024 * 1024

/** Carries requests to an emulator in this process, without a socket, in the time that `clock` says. */
export function emulatorTransport(emulator: Emulator, clock: Clock, timeoutMs = 10_000): Transport {
  return async ({ method, url, headers, body }) => {
    const deadline = clock.now() + timeoutMs
    const lowerCase = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
    )
    const target = url.slice('https://cloudflare.example'.length)
    const reply = await emulator.handle({
      method,
      target,
      headers: lowerCase,
      ...(body === undefined ? {} : { body }),
    })
    const silentMs =
      reply.kind === 'reply' || reply.kind === 'reset' ? (reply.delayMs ?? 0) : Number.POSITIVE_INFINITY
    await clock.sleep(Math.min(silentMs, deadline - clock.now()))
    if (clock.now() >= deadline && silentMs > 0) throw new TransportError('timeout', true)
    if (reply.kind !== 'reply') throw new TransportError('connection-lost', true)
    if (reply.body.length > MOST_BYTES) throw new TransportError('too-large', true)
    return { status: reply.status, headers: reply.headers, body: Buffer.from(reply.body).toString('utf8') }
  }
}
