/** Authorities that hosting platforms and Cloudflare get certificates from (Cloudflare docs, "CAA records", 2026). */
export const USUAL_AUTHORITIES: readonly string[] = [
  'letsencrypt.org',
  'pki.goog',
  'ssl.com',
  'sectigo.com',
  'comodoca.com',
  'digicert.com',
  'globalsign.com',
  'amazon.com',
  'amazontrust.com',
  'awstrust.com',
  'amazonaws.com',
  'zerossl.com',
  'buypass.com',
  'godaddy.com',
  'entrust.net',
]
