import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { type BodyRoom, createBodyReader } from './bodies.ts'
import { RequestRefused } from './on-error.ts'

/** A request of which nothing but the header is here. */
function requestOf(announced?: number): IncomingMessage {
  const request = new IncomingMessage(new Socket())
  request.headers = announced === undefined ? {} : { 'content-length': String(announced) }
  return request
}

/** What became of the reading of each of these so far. */
async function ends(readings: readonly Promise<Buffer>[]): Promise<(string | number | undefined)[]> {
  const later = new Promise((resolve) => setImmediate(resolve)).then(() => undefined)
  return Promise.all(
    readings.map((reading) =>
      Promise.race([
        reading.then(
          (body) => body.toString(),
          (error: unknown) => (error instanceof RequestRefused ? error.refusal.status : 'mistake'),
        ),
        later,
      ]),
    ),
  )
}

function reader(room: Partial<BodyRoom> = {}) {
  return createBodyReader({ octets: 1_000_000, requests: 100, ...room })
}

test('a body is read as the octets that come', async () => {
  const request = requestOf(6)
  const reading = reader()(request)
  request.push('abc')
  request.push('def')
  request.push(null)
  expect(await ends([reading])).toEqual(['abcdef'])
})

test('where the octets announced are too many, whoever has waited longest makes way', async () => {
  const read = reader({ octets: 150_000 })
  const requests = [60_000, 60_000, 100, 60_000].map(requestOf)
  const readings = requests.map(read)
  expect(await ends(readings)).toEqual([503, undefined, undefined, undefined])
  for (const request of requests.slice(1)) {
    request.push('{}')
    request.push(null)
  }
  expect(await ends(readings)).toEqual([503, '{}', '{}', '{}'])
})

test('a body that says nothing of its size takes the room of the largest', async () => {
  const read = reader({ octets: 150_000 })
  expect(await ends([requestOf(), requestOf(), requestOf()].map(read))).toEqual([503, undefined, undefined])
})

test('where too many wait, whoever has waited longest makes way', async () => {
  const read = reader({ requests: 2 })
  expect(await ends([1, 1, 1, 1].map(requestOf).map(read))).toEqual([503, 503, undefined, undefined])
})

test('whoever has been read, cut off or refused takes no room', async () => {
  const read = reader({ octets: 65_536, requests: 1 })
  const whole = requestOf(2)
  const first = read(whole)
  whole.push('{}')
  whole.push(null)
  expect(await ends([first])).toEqual(['{}'])

  const cut = requestOf(2)
  const second = read(cut)
  cut.destroy()
  expect(await ends([second])).toEqual([400])

  const large = requestOf()
  const third = read(large)
  large.push(Buffer.alloc(65_537))
  expect(await ends([third])).toEqual([413])

  expect(await ends([read(requestOf())])).toEqual([undefined])
})
