import type { FastifyHelmetOptions } from '@fastify/helmet'

/**
 * The headers of every answer. Nothing is allowed but what the pages bring themselves: no inline script or style, no
 * other origin, no frame but those that `frameAncestors` names (`frame-ancestors` of CSP Level 3, §6.4.2).
 */
export function securityHeaders({
  frameAncestors,
  isHttps,
}: {
  frameAncestors: string
  isHttps: boolean
}): FastifyHelmetOptions {
  const own = ["'self'"]
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: own,
        styleSrc: own,
        imgSrc: own,
        fontSrc: own,
        connectSrc: own,
        formAction: own,
        baseUri: ["'none'"],
        frameAncestors: frameAncestors.split(' '),
      },
    },
    // An older header, which knows no origins: where some are allowed to frame us, it cannot say so.
    xFrameOptions: frameAncestors === "'none'" ? { action: 'deny' } : false,
    strictTransportSecurity: isHttps && { maxAge: 365 * 86_400, includeSubDomains: false },
    // Addresses of ours hold codes and ids.
    referrerPolicy: { policy: 'no-referrer' },
  }
}
