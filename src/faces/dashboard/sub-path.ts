import type { FastifyInstance } from 'fastify'

/** The path of PUBLIC_URL without a slash at its end: `/dns`, or nothing. */
export function pathOf(publicUrl: string): string {
  return new URL(publicUrl).pathname.replace(/\/$/, '')
}

/** An address as the routes know it, whether or not the proxy in front has left the path in it. */
export function withoutPath(url: string, path: string): string {
  if (path === '' || !url.startsWith(path)) return url
  const rest = url.slice(path.length)
  if (rest.startsWith('/')) return rest
  return rest === '' || rest.startsWith('?') ? `/${rest}` : url
}

/** Sends browsers to addresses of ours with the path that they know us by. */
export function redirectBelow(app: FastifyInstance, path: string): void {
  if (path === '') return
  app.addHook('onSend', (_request, reply, payload, done) => {
    const location = reply.getHeader('location')
    if (typeof location === 'string' && location.startsWith('/')) reply.header('location', path + location)
    done(null, payload)
  })
}
