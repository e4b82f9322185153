import { words } from './words.ts'

/** `5 minutes`; 1 is Cloudflare's own choice. */
export function ttlInWords(ttl: number): string {
  return ttl === 1 ? words.form.automatic : (words.form.ttls[ttl] ?? words.form.seconds(ttl))
}
