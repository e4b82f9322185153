import type { IncomingMessage } from 'node:http'
import { BODY_LIMIT } from './http-server.ts'
import { OVERLOADED, PAYLOAD_TOO_LARGE } from './limits.ts'
import { invalidRequest, RequestRefused } from './on-error.ts'

/** What may be held for requests whose bodies are on their way. */
export interface BodyRoom {
  /** Octets, as their headers announce them. */
  readonly octets: number
  readonly requests: number
}

/**
 * Reads the body of a request, whole; rejects with `RequestRefused`.
 *
 * Bodies on their way, which nobody has vouched for before they are here. Where there is no room, whoever has waited
 * longest makes way: a caller sends head and body at once, and whoever wants to fill the room has to be slow.
 */
export function createBodyReader(room: BodyRoom): (raw: IncomingMessage) => Promise<Buffer> {
  const waiting = new Set<Waiting>()
  let octets = 0

  function makeRoom(): void {
    for (const oldest of waiting) {
      const isFull = octets > room.octets || waiting.size > room.requests
      if (!isFull) return
      oldest.giveUp(new RequestRefused(OVERLOADED))
    }
  }

  return (raw) =>
    new Promise((resolve, reject) => {
      const chunks: Buffer[] = []
      let length = 0
      const announced = Number(raw.headers['content-length'] ?? BODY_LIMIT)
      const entry: Waiting = {
        giveUp(why) {
          leave()
          // What still comes is read and dropped, until the connection ends with the answer.
          raw.resume()
          reject(why)
        },
      }
      const take = (chunk: Buffer) => {
        length += chunk.length
        chunks.push(chunk)
        if (length > BODY_LIMIT) entry.giveUp(new RequestRefused(PAYLOAD_TOO_LARGE))
      }
      const finish = () => {
        leave()
        resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length))
      }
      const cut = () => entry.giveUp(new RequestRefused(invalidRequest('The body could not be read')))
      const leave = () => {
        if (!waiting.delete(entry)) return
        octets -= announced
        raw.off('data', take).off('end', finish).off('close', cut)
      }

      waiting.add(entry)
      octets += announced
      raw.on('data', take).on('end', finish).on('close', cut)
      makeRoom()
    })
}

interface Waiting {
  giveUp(why: RequestRefused): void
}
