import { readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Brand, brandedHtml } from './brand.ts'

/** Addresses that are pages of the one application. */
export const PAGES = [
  '/dashboard/login',
  '/dashboard/arrival',
  '/dashboard/domains',
  '/dashboard/cloudflare/confirm',
  '/dashboard/history',
  '/dashboard/history/:entry/undo',
  '/dashboard/account',
  '/dashboard/live',
  '/dashboard/health',
  '/dashboard/health/mend',
  '/dashboard/zone-file',
  '/dashboard/zone-file/review',
] as const

export const START = '/dashboard/domains'

/** Asks whether to go on as somebody else. */
export const ARRIVAL = '/dashboard/arrival'

/** The pages as they were built: read once, for their scripts carry names that change with them. */
export interface BuiltPages {
  readonly folder: string
  readonly html: string
}

/** As they are served below `path`, `` or `/dns`. undefined: there is nothing to serve in `folder`. */
export function builtPages(folder: string, path: string, brand: Brand): BuiltPages | undefined {
  try {
    const html = readFileSync(join(folder, 'index.html'), 'utf8')
    return { folder, html: brandedHtml(html, path, brand) }
  } catch {
    return undefined
  }
}

/**
 * Serves the pages and what they bring: every file there is has a route of its own, and no other path reaches the disk.
 * Files under `assets/` carry a hash in their name and never change.
 */
export async function pageRoutes(app: FastifyInstance, pages: BuiltPages | undefined): Promise<void> {
  for (const path of ['/', '/dashboard', '/dashboard/']) {
    app.get(path, (_request, reply) => reply.redirect(START, 302))
  }
  if (pages === undefined) {
    for (const path of PAGES) app.get(path, (_request, reply) => sendUnbuilt(reply))
    return
  }
  await app.register(fastifyStatic, {
    root: pages.folder,
    prefix: '/dashboard/',
    wildcard: false,
    decorateReply: false,
    index: false,
    cacheControl: false,
    setHeaders(reply, path) {
      const isHashed = path.startsWith(join(pages.folder, 'assets') + sep)
      reply.header('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-store')
    },
  })
  for (const path of PAGES) app.get(path, (_request, reply) => sendPage(reply, pages))
}

/** The pages' own "not found", for a browser that looks for a page; false: it is none, or there are no pages. */
export function sendMissingPage(
  request: FastifyRequest,
  reply: FastifyReply,
  pages: BuiltPages | undefined,
): boolean {
  const [path = ''] = request.url.split('?', 1)
  const isPage = path.startsWith('/dashboard/') && !path.startsWith('/dashboard/api/')
  const wantsPage = request.method === 'GET' && (request.headers.accept ?? '').includes('text/html')
  if (pages === undefined || !isPage || !wantsPage) return false
  sendPage(reply.code(404), pages)
  return true
}

function sendPage(reply: FastifyReply, { html }: BuiltPages): FastifyReply {
  return reply.header('cache-control', 'no-store').type('text/html; charset=utf-8').send(html)
}

function sendUnbuilt(reply: FastifyReply): FastifyReply {
  return reply
    .code(503)
    .header('cache-control', 'no-store')
    .type('text/plain; charset=utf-8')
    .send('The pages are not built. Run `npm run build`.\n')
}
