/**
 * What we compare ourselves with: nothing but `node:http`, the same HMAC over the same octets, a comparison in constant
 * time, JSON in and JSON out. It checks no timestamp, remembers no nonce, validates nothing and knows no record.
 */
import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

const key = createSecretKey(Buffer.from(process.env.HMAC_SECRET ?? ''))

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const body = Buffer.concat(chunks)
    const reply = isGenuine(request, body)
      ? JSON.stringify({
          success: true,
          record: JSON.parse(body.toString()).record,
          message: 'Record is up to date',
        })
      : JSON.stringify({ success: false })
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(reply),
    })
    response.end(reply)
  })
})
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port))

function isGenuine({ method, url, headers }: IncomingMessage, body: Buffer): boolean {
  const mac = createHmac('sha256', key)
    .update(`${method}\n${url}\n${headers['x-dns-timestamp']}\n${headers['x-dns-nonce']}\n`)
    .update(body)
    .digest()
  const given = Buffer.from(String(headers['x-dns-signature']), 'hex')
  return given.length === mac.length && timingSafeEqual(mac, given)
}
