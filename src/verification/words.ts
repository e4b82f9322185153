import type { Name } from '#dns/name.ts'
import { listed, zoneWords } from '#onboarding/words.ts'
import type { CertificateFault } from './probe.ts'

/** Sentences for the owner of a shop: what is waited for, or what to do. */
export interface Hint {
  readonly code: HintCode
  readonly message: string
  /** What the owner can do; left out where waiting is enough. */
  readonly remedy?: string
}

export type HintCode =
  | 'not-pointed'
  | 'partly-pointed'
  | 'domain-unknown'
  | 'registrar'
  | 'registrar-partly'
  | 'dnssec-broken'
  | 'zone-pending'
  | 'being-served'
  | 'remembered'
  | 'slow-resolvers'
  | 'no-answer'
  | 'not-passed-on'
  | 'certificate'
  | 'no-https'
  | 'redirect-circle'
  | 'server-unreachable'
  | 'no-server'
  | 'not-public'
  | 'proxy-off'

/** A name that was opened. `isProxied`: Cloudflare answered for its server. */
export interface Visited {
  readonly name: Name
  readonly zone: Name
  readonly isProxied: boolean
}

export const hints = {
  proxyOff: (name: Name): Hint => ({
    code: 'proxy-off',
    message: `${name} is set to stand behind Cloudflare's proxy, but its visitors go straight to your server: the domain is paused, or your account switches the proxy off.`,
    remedy: 'Look at the domain in the Cloudflare dashboard, if the proxy is to be on.',
  }),
  notPointed: (name: Name, ends: readonly string[]): Hint => ({
    code: 'not-pointed',
    message:
      ends.length === 0
        ? `Cloudflare holds no record that leads ${name} to your store.`
        : `At Cloudflare, ${name} leads to ${listed(ends)}, not to your store.`,
    remedy: 'Review the DNS changes and confirm them, if this name is to show your store.',
  }),
  partlyPointed: (name: Name): Hint => ({
    code: 'partly-pointed',
    message: `At Cloudflare, ${name} leads to your store and to another server, so some visitors arrive elsewhere.`,
    remedy: 'Review the DNS changes and confirm them.',
  }),
  unknownDomain: (zone: Name): Hint => ({
    code: 'domain-unknown',
    message: `Nobody on the internet knows ${zone} at the moment: it is not registered, has expired, or names no name servers.`,
    remedy: 'Look at the domain where you registered it.',
  }),
  registrar: (zone: Name, found: readonly string[], wanted: readonly string[], isSigned: boolean): Hint => ({
    code: 'registrar',
    message: `Your registrar still points ${zone} at ${listed(found)}, not at Cloudflare, so visitors do not see what is saved there.`,
    remedy: `${isSigned ? 'Switch DNSSEC off where you registered the domain. Then' : 'Where you registered the domain,'} set its name servers to ${listed(wanted)}. It can take a day until that is seen everywhere.`,
  }),
  registrarPartly: (zone: Name, others: readonly string[]): Hint => ({
    code: 'registrar-partly',
    message: `Your registrar names ${listed(others)} for ${zone} beside Cloudflare's name servers, so some visitors are sent elsewhere.`,
    remedy: `Where you registered the domain, remove ${listed(others)}.`,
  }),
  dnssecBroken: (zone: Name): Hint => {
    const { message, remedy } = zoneWords.dnssecBroken(zone)
    return { code: 'dnssec-broken', message, remedy }
  },
  pending: (zone: Name, wanted: readonly string[], isDelegated: boolean): Hint => ({
    code: 'zone-pending',
    message: isDelegated
      ? `Your registrar names Cloudflare's name servers for ${zone}. Cloudflare has not noticed yet; it looks again every few hours.`
      : `Cloudflare waits until your registrar names ${listed(wanted)} as the name servers of ${zone}.`,
  }),
  beingServed: (name: Name): Hint => ({
    code: 'being-served',
    message: `Cloudflare's name servers do not all show the change of ${name} yet. Most of the time that takes seconds.`,
  }),
  remembered: (name: Name): Hint => ({
    code: 'remembered',
    message: `Some visitors' internet providers may still remember where ${name} led before.`,
  }),
  slowResolvers: (name: Name): Hint => ({
    code: 'slow-resolvers',
    message: `Some resolvers still answer for ${name} as before. They keep answers for longer than they should, and will follow.`,
  }),
  noAnswer: (name: Name): Hint => ({
    code: 'no-answer',
    message: `We cannot ask about ${name} at the moment: no name server answers us. We go on trying.`,
  }),
  notPassedOn: (name: Name): Hint => ({
    code: 'not-passed-on',
    message: `Whether visitors of ${name} arrive at your store we cannot see from here; open it and look.`,
  }),
  certificate: (visited: Visited, fault: CertificateFault): Hint => ({
    code: 'certificate',
    message: `${visited.name} is not ready for https, which browsers open: ${faults[fault]}.`,
    remedy: certificateRemedy(visited, fault),
  }),
  noHttps: (visited: Visited): Hint => ({
    code: 'no-https',
    message: `${visited.name} answers by http, but not by https, which browsers open.`,
    remedy: certificateRemedy(visited, 'none'),
  }),
  circle: (name: Name): Hint => ({
    code: 'redirect-circle',
    message: `${name} sends browsers round in a circle: Cloudflare fetches your store without encryption, and the server sends it back.`,
    remedy: 'In the Cloudflare dashboard, under SSL/TLS, choose "Full" or "Full (strict)".',
  }),
  behindProxy: (name: Name, status: number): Hint => ({
    code: 'server-unreachable',
    message: `Visitors of ${name} arrive at Cloudflare, which ${
      OF_ITS_CERTIFICATE.includes(status)
        ? `finds no good certificate for this name at your server`
        : `gets no answer from your server`
    } (error ${status}).`,
    remedy: 'Tell your host, with the number of the error.',
  }),
  noServer: (name: Name): Hint => ({
    code: 'no-server',
    message: `${name} leads to your server, which does not answer.`,
    remedy: 'If this is still here in some minutes, tell your host.',
  }),
  notPublic: (name: Name): Hint => ({
    code: 'not-public',
    message: `${name} leads to an address that visitors from the internet cannot reach.`,
    remedy: 'Ask your host for the address of your store.',
  }),
} as const

/** Cloudflare docs, "Cloudflare 5xx errors", 2026: the handshake with the server failed, or its certificate is not good. */
const OF_ITS_CERTIFICATE: readonly number[] = [525, 526]

const faults: Readonly<Record<CertificateFault, string>> = {
  none: 'there is no certificate for this name',
  'other-name': 'the certificate is for another name',
  expired: 'the certificate has expired',
  untrusted: 'the certificate is of no authority that browsers trust',
}

/**
 * Who makes it, and how long to wait. Behind the proxy it is Cloudflare, for the zone and one label below, within a day
 * (Cloudflare docs, "Universal SSL" and its limitations, 2026).
 */
function certificateRemedy({ name, zone, isProxied }: Visited, fault: CertificateFault): string {
  if (!isProxied) {
    return fault === 'expired'
      ? 'Your host has to renew it: tell your host.'
      : 'Your host makes the certificate, most of the time within some minutes. If this is still here after an hour, tell your host.'
  }
  if (name.split('.').length > zone.split('.').length + 1) {
    return `Cloudflare's free certificate covers ${zone} and one label below it, and ${name} is deeper. Order an advanced certificate at Cloudflare, or switch the proxy off for this name, so that your host makes the certificate.`
  }
  return 'Cloudflare makes the certificate, within 24 hours after the domain became active there. If this is still here after that, look at SSL/TLS, "Edge Certificates", in the Cloudflare dashboard.'
}
