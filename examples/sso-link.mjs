/**
 * Prints a link that signs a customer of the host platform in to the dashboard: good once, for two minutes.
 *
 *     SSO_SECRET=… node sso-link.mjs https://dns.example.com 42 owner@example.com shop.example.com 203.0.113.10
 *
 * The platform makes one for each click, for whoever is signed in there, and redirects to it. A JWT (RFC 7519) is three
 * texts in base64url with dots between them, the last of which signs the other two; no package is needed for that.
 */
import { createHmac, randomUUID } from 'node:crypto'

const [dashboard, subject, email, domain, address] = process.argv.slice(2)
const claims = {
  iss: 'https://host.example.com',
  sub: subject,
  aud: 'zonewright',
  jti: randomUUID(),
  exp: Math.floor(Date.now() / 1000) + 120,
  email,
  domain,
  ...(address && { target_ipv4: [address] }),
}
const base64url = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
const signed = `${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url(claims)}`
const signature = createHmac('sha256', process.env.SSO_SECRET).update(signed).digest('base64url')
console.log(`${dashboard}/dashboard/sso?token=${signed}.${signature}`)
