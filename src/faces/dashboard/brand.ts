import type { FastifyInstance, FastifyReply } from 'fastify'

/** What the platform has the pages called and coloured; what is left out is as it was built. */
export interface Brand {
  readonly name?: string
  /** An SVG, whole. */
  readonly logo?: string
  /** `#rrggbb` */
  readonly accent?: string
  readonly supportUrl?: string
}

/**
 * The built page as it is served below `path`, `` or `/dns`: with addresses that begin there, and with what the pages have to
 * know before they ask anything. They read it from `meta`, for their policy allows no script in the page.
 */
export function brandedHtml(html: string, path: string, { name, logo, accent, supportUrl }: Brand): string {
  const base = `${path}/dashboard`
  const meta = (key: string, content: string | undefined) =>
    content === undefined ? '' : `<meta name="${key}" content="${escaped(content)}" />`
  const head = [
    meta('base', path === '' ? undefined : base),
    meta('brand', name),
    meta('logo', logo && `${base}${LOGO}`),
    meta('support', supportUrl),
    // After the built styles, whose colour it takes the place of.
    accent === undefined ? '' : `<link rel="stylesheet" href="${base}${STYLE}" />`,
  ].join('')
  // Not as a pattern of `replace`, where `$&` in a name would mean something.
  return html.replaceAll('="/dashboard/', () => `="${base}/`).replace('</head>', () => `${head}</head>`)
}

/** Logo and colour, as files of their own. */
export function brandRoutes(app: FastifyInstance, { logo, accent }: Brand): void {
  if (logo !== undefined) {
    app.get(`/dashboard${LOGO}`, (_request, reply) => send(reply, 'image/svg+xml', logo))
  }
  if (accent !== undefined) {
    const style = `:root{--accent:${accent};--accent-hover:color-mix(in oklab,${accent} 86%,black)}`
    app.get(`/dashboard${STYLE}`, (_request, reply) => send(reply, 'text/css; charset=utf-8', style))
  }
}

const LOGO = '/brand/logo.svg'
const STYLE = '/brand/style.css'

/** Another one is there within minutes of a restart. */
function send(reply: FastifyReply, type: string, body: string): FastifyReply {
  return reply.header('cache-control', 'public, max-age=300').type(type).send(body)
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
}
