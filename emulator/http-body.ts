/** The body of an incoming request, whole. */
import type { IncomingMessage } from 'node:http'

const MAXIMUM_BODY = 32 * 1024 * 1024

/** Throws for more than 32 MiB. */
export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAXIMUM_BODY) throw new Error('the request is larger than the emulator takes')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
