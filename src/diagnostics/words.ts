import type { Name } from '#dns/name.ts'
import { listed, someOf } from '#onboarding/words.ts'
import type { Finding } from './finding.ts'

/** For the owner of a domain: what is the matter, what comes of it, what to do. */
type Words = Pick<Finding, 'message' | 'consequence' | 'remedy'>

export const diagnosticWords = {
  spfTwice: (name: Name, count: number): Words => ({
    message: `${name} has ${count} SPF records. Only one is allowed.`,
    consequence: 'Other mail servers then believe none of them, and mail from you may be taken for spam.',
    remedy: 'Put all senders into one SPF record and delete the others.',
  }),
  spfLookUps: (name: Name, count: number, isLeast: boolean): Words => ({
    message: `The SPF record of ${name} needs ${isLeast ? 'at least ' : ''}${count} look-ups. Ten are allowed.`,
    consequence: 'Other mail servers then stop reading it, and mail from you may be taken for spam.',
    remedy: 'Take out senders that you no longer use: every include, a, mx, ptr, exists and redirect counts.',
  }),
  dmarcMissing: (zone: Name): Words => ({
    message: `${zone} has no DMARC record.`,
    consequence:
      'Nobody tells other mail servers what to do with mail that only pretends to come from you, and some large providers take less mail from domains without one.',
    remedy:
      'Add one that only asks to be told (p=none). It changes nothing about how your mail is delivered.',
  }),
  mxCname: (name: Name, server: Name): Words => ({
    message: `Mail for ${name} goes to ${server}, which is only another name (CNAME) for its server.`,
    consequence: 'Some mail servers do not deliver to such a name, so mail to you may be lost.',
    remedy: 'Let the MX record name the server itself.',
  }),
  mxAddress: (name: Name, address: string): Words => ({
    message: `Mail for ${name} goes to ${address}. An MX record has to name a server, not an IP address.`,
    consequence: 'Other mail servers cannot deliver to it.',
    remedy: 'Give the server a name with an A record, not proxied, and let the MX record name that.',
  }),
  mxProxied: (name: Name, server: Name): Words => ({
    message: `Mail for ${name} goes to ${server}, which is behind Cloudflare's proxy. The proxy does not carry mail.`,
    consequence:
      'Mail may not arrive, and Cloudflare shows the address of the server under another name to let it through.',
    remedy:
      'Switch the proxy off for the name of the mail server, or give the mail server a name of its own.',
  }),
  caaForbids: (name: Name, allowed: readonly string[], issuers: readonly string[]): Words => ({
    message:
      allowed.length === 0
        ? `The CAA records of ${name} let nobody issue a certificate.`
        : `The CAA records of ${name} only let ${someOf(allowed)} issue certificates.`,
    consequence: `${
      issuers.length > 0
        ? `Your host gets certificates from ${listed(issuers)}`
        : 'Hosts rarely get certificates there'
    }, so the padlock of your site may be missing after its certificate has run out.`,
    remedy:
      issuers.length > 0
        ? `Add a CAA record at Cloudflare: 0 issue "${issuers[0]}".`
        : 'Ask your host which certificate authority it uses, and add a CAA record for it at Cloudflare.',
  }),
  ttlMixed: (name: Name, type: string): Words => ({
    message: `The ${type} records of ${name} have different TTLs.`,
    consequence:
      'After a change some visitors may keep only a part of the old records, for as long as the longest TTL.',
    remedy: 'Give all of them the same TTL.',
  }),
  originExposed: (name: Name, twin: Name, isMail: boolean): Words => ({
    message: `${name} shows the address that Cloudflare's proxy hides for ${twin}.`,
    consequence: 'Whoever looks it up can go to your server directly, past the protection of the proxy.',
    remedy: isMail
      ? 'A mail server cannot be hidden. To hide your site, let another server take the mail.'
      : `Switch the proxy on for ${name} if only browsers use it, or delete it if nobody does.`,
  }),
  /** Why a row of the review is there. */
  fixes: {
    oneSpf: 'All senders are in one SPF record.',
    dmarc: 'It only asks to be told about mail in your name.',
    mailName: 'Mail goes to the same server, by its name.',
    mailEnd: 'Mail goes to the same server, without the detour.',
    inTheOpen: "Mail does not pass Cloudflare's proxy.",
    oneTtl: 'All records of the name get the same TTL, the shortest one.',
    hidden: "Cloudflare's proxy stands in front of it.",
  },
} as const
