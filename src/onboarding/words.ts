import type { Name } from '#dns/name.ts'
import type { Blocked } from './review.ts'

/** Sentences for the owner of a shop: short, no blame, and what to do where there is something to do. */

/** `a`, `a and b`, `a, b and c`. */
export function listed(texts: readonly string[]): string {
  const [last = '', ...rest] = [...texts].reverse()
  return rest.length === 0 ? last : `${rest.reverse().join(', ')} and ${last}`
}

/** As `listed`, the first few: enough to see what is meant. */
export function someOf(texts: readonly string[]): string {
  const more = texts.length - MOST_SAID
  return listed(more > 0 ? [...texts.slice(0, MOST_SAID), `${more} more`] : texts)
}

/** `5 minutes`, `24 hours`, `2 days`; rounded up. */
export function duration(seconds: number): string {
  const [size, unit] =
    seconds < 2 * HOUR ? [60, 'minute'] : seconds <= 36 * HOUR ? [HOUR, 'hour'] : [24 * HOUR, 'day']
  const count = Math.ceil(seconds / Number(size))
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

export const reasons = {
  pointed: (name: Name) => `Points ${name} at your server.`,
  followed: (name: Name, to: Name) => `Lets ${name} follow ${to}.`,
  extraAddress: 'It would still send some visitors to the old server.',
  sharedAddress: (ours: number, all: number) =>
    `Today only ${ours} in ${all} visitors ${ours === 1 ? 'reaches' : 'reach'} your store; this sends the others elsewhere.`,
  leftOverIpv6: 'It would still send visitors with IPv6 to the old server.',
  inTheWay: 'It makes room for the new record at this name.',
  hints: 'It tells browsers to go to the old server.',
  alreadyOurs: 'It already points at your server.',
  alreadyFollows: (to: Name) => `It already follows ${to}.`,
  mail: 'Your mail is not touched.',
  text: 'It is not about where visitors go, so it stays as it is.',
  nameServers: 'It says who answers for this name, and stays as it is.',
  acme: 'It proves your domain to a certificate authority, and stays as it is.',
  wildcard: 'It answers for names without records of their own, and stays as it is.',
  follows: (to: Name) => `It follows ${to} and will lead to your server too.`,
  readOnly: 'Another Cloudflare product manages it, so it can only be changed there.',
  untouched: 'It is not part of this change.',
  otherName: 'It is another name, and stays as it is.',
  mailServer: 'Keeps your mail on the server that handles it today.',
  wildcardMail: (wildcard: Name) =>
    `Until now ${wildcard} answered for mail too; a name with records of its own needs its own.`,
  mailProgram: 'Lets mail programs go on finding the server that handles your mail today.',
  mailMoved: (server: Name) =>
    `Sends mail to ${server}, so that it stays on the server that handles it today.`,
  senderAllowed: 'Lets your old server go on sending mail for you.',
  pinned: (name: Name, to: Name) => `Optional: leaves ${name} on the old server instead of following ${to}.`,
} as const

export const zoneWords = {
  notFound: (
    name: Name,
    tried: string,
    where: 'unknown' | 'cloudflare' | 'elsewhere',
    live: string,
  ): Blocked => ({
    code: 'zone-not-found',
    message: `Domain not found. Make sure ${name} is added to your Cloudflare account.`,
    remedy: {
      unknown: `We looked for ${tried}.`,
      cloudflare: `We looked for ${tried}. The domain is on Cloudflare, but in another account or outside what this connection may see; connect with that account or a wider token.`,
      elsewhere: `We looked for ${tried}. The domain's DNS is at ${live}, not on Cloudflare; add it to Cloudflare, or change its records there.`,
    }[where],
  }),
  ambiguous: (zone: Name, count: number): Blocked => ({
    code: 'zone-ambiguous',
    message: `${zone} is in ${count} of the Cloudflare accounts that you connected.`,
    remedy: 'Connect again, and allow only the account whose name servers your registrar uses.',
  }),
  partial: (zone: Name, byHand: string): Blocked => ({
    code: 'zone-partial',
    message: `The DNS of ${zone} is at another provider, and Cloudflare only serves parts of it, so a change here would not show.`,
    remedy: `Set this at your DNS provider: ${byHand}.`,
  }),
  secondary: (zone: Name): Blocked => ({
    code: 'zone-secondary',
    message: `Cloudflare only holds a copy of ${zone}, which cannot be changed here.`,
    remedy: 'Change the records at the DNS provider that Cloudflare copies them from.',
  }),
  internal: (zone: Name): Blocked => ({
    code: 'zone-internal',
    message: `${zone} is an internal zone, which visitors from the internet never see.`,
    remedy: `Add ${zone} to Cloudflare as a public domain.`,
  }),
  initializing: (zone: Name): Blocked => ({
    code: 'zone-initializing',
    message: `${zone} is not set up at Cloudflare yet.`,
    remedy: 'Finish adding the domain at Cloudflare by choosing a plan, then come back.',
  }),
  moved: (zone: Name, live: string): Blocked => ({
    code: 'zone-moved',
    message: `${zone} no longer uses Cloudflare's name servers, so a change here would not show.`,
    remedy: `${live === '' ? '' : `It uses ${live} today. `}Set Cloudflare's name servers at your registrar again, or change the records where they are served.`,
  }),
  deleted: (zone: Name): Blocked => ({
    code: 'zone-deleted',
    message: `${zone} was removed from this Cloudflare account.`,
    remedy: `Add ${zone} to Cloudflare again, then come back.`,
  }),
  unknownStatus: (zone: Name, status: string): Blocked => ({
    code: 'zone-status-unknown',
    message: `Cloudflare says that ${zone} is "${status}", which we do not know, so we leave it alone.`,
    remedy: 'Look at the domain in the Cloudflare dashboard, and tell your host what it says there.',
  }),
  dnssecBroken: (zone: Name): Blocked => ({
    code: 'dnssec-broken',
    message: `The DNSSEC entry of ${zone} at your registrar does not match Cloudflare, so many visitors cannot reach the domain at all.`,
    remedy: 'Remove the DS record at your registrar, or replace it by the one that Cloudflare shows.',
  }),
  quotaExceeded: (zone: Name, quota: number): Blocked => ({
    code: 'quota-exceeded',
    message: `${zone} may hold ${quota} records, and this change would need more.`,
    remedy: 'Delete records that you no longer need, or choose a larger Cloudflare plan.',
  }),
  quotaNear: (zone: Name, quota: number, left: number) =>
    `${zone} may hold ${quota} records; after this change there is room for ${left} more.`,
  pending: (zone: Name, wanted: string, live: string) =>
    `This takes effect when your registrar names ${wanted} as the name servers of ${zone}${live === '' ? '' : ` instead of ${live}`}; Cloudflare may drop the domain after 28 days without.`,
  paused: (zone: Name) =>
    `Cloudflare is paused for ${zone}, so visitors go straight to the server, without its proxy.`,
  proxyOff: 'Your Cloudflare account switches its proxy off, so visitors go straight to the server.',
  flattened: 'Cloudflare answers with addresses in place of CNAMEs here, so a look-up shows addresses.',
} as const

export const nameWords = {
  noTarget: (name: Name): Blocked => ({
    code: 'no-target',
    message: `We do not know yet which server ${name} should point to.`,
    remedy: 'Ask your host to enter the address of your store.',
  }),
  delegated: (name: Name, cut: Name, servers: string): Blocked => ({
    code: 'delegated',
    message: `${cut} is handed over to ${servers}, so a change of ${name} here would not show.`,
    remedy: 'Change the records there, or remove the NS records first.',
  }),
  managed: (name: Name, product: string): Blocked => ({
    code: 'managed-by-product',
    message: `${name} belongs to ${product}, which decides where its visitors go.`,
    remedy: `Remove ${name} from ${product} in the Cloudflare dashboard, then come back.`,
  }),
  wouldHide: (name: Name, types: string): Blocked => ({
    code: 'cname-would-hide',
    message: `${name} has ${types} records, which would no longer be seen beside the CNAME that your host needs.`,
    remedy: 'Ask your host for an address, or move those records to another name.',
  }),
  placeholder: (name: Name) =>
    `A rule at Cloudflare seems to serve ${name}, and may go on doing so after this change; look there before you select it.`,
  wwwInUse: (name: Name, where: string) =>
    `${name} shows a site at ${where} today; after this change it shows your store.`,
  wwwNotServed: (name: Name) => `Your server does not answer for ${name}, so we leave that name alone.`,
  leftAlone: (name: Name, why: string) => `We leave ${name} alone: ${why}`,
  apexOptional: (apex: Name, www: Name) =>
    `${apex} stays as it is; select it if it should lead to ${www} too.`,
  longTtl: (name: Name, seconds: number) =>
    `Some visitors may reach the old server of ${name} for up to ${duration(seconds)}; to shorten that, lower the TTL first and switch later.`,
  otherOwner: (name: Name, owner: string) => `${owner} seems to manage ${name}, and may change it back.`,
  wildcard: (name: Name, wildcard: Name) =>
    `Until now ${wildcard} answered for ${name}; if you delete the new record later, it will again.`,
  liveDiffers: (name: Name, live: string, held: string) =>
    `The public sees ${live} for ${name}, but Cloudflare holds ${held}; a change here may not show.`,
} as const

export const dependantWords = {
  mailProtected: (domains: string) =>
    `Mail for ${domains} is handled by the server you are moving away from; the rows about mail keep it there.`,
  mailUnprotected: (domain: string, server: string) =>
    `Mail for ${domain} goes to ${server}, which moves with this change; ask your mail provider where it should go.`,
  mailWithoutMx: (name: Name) =>
    `${name} has no MX record, so mail for it goes to the server that ${name} leads to, and moves with this change; if you use mail there, add an MX record for its server first.`,
  mailProxied: (domain: Name, server: string) =>
    `Mail for ${domain} goes to ${server}, which is behind Cloudflare's proxy; Cloudflare then shows the server's address to everyone.`,
  mailManaged: (domain: string) =>
    `Mail for ${domain} is managed by Cloudflare Email Routing; its records can only be changed there.`,
  spf: (domain: Name) =>
    `If your old server still sends mail for ${domain}, select its SPF record, so that the mail is not taken for spam.`,
  spfKept: (domain: Name) =>
    `Your old server goes on handling mail for ${domain}; its SPF record goes on naming it, so that the mail is not taken for spam.`,
  follows: (names: string, to: string) => `What follows ${to} will lead to your server too: ${names}.`,
  caaForbids: (name: Name, issuers: string, record: string) =>
    `The CAA records for ${name} do not let your host get a certificate from ${issuers}; add a CAA record: ${record}.`,
  caaForbidsUsual: (name: Name) =>
    `The CAA records for ${name} let no usual authority issue a certificate; ask your host where its certificates come from, and add a CAA record for that.`,
  caaRestricts: (name: Name, issuer: string) =>
    `The CAA records for ${name} let ${issuer} issue certificates only under conditions; ask your host whether it meets them.`,
} as const

export const choiceWords = {
  unknown: 'The list of changes is not the one we made; reload it and choose again.',
  half: (names: string) =>
    `The changes of ${names} belong together, because a part of them would break it; select all of them or none.`,
  leftBehind: (name: Name, target: Name) =>
    `${name} is to follow ${target}, which would stay on the old server; select ${target} too, or neither.`,
  overQuota: (quota: number) =>
    `The domain may hold ${quota} records, and this choice needs more; select less, or delete records that you no longer need.`,
} as const

export const undoWords = {
  asBefore: 'It is put back as it was before.',
  changedSince:
    'It was changed again since; this puts it back as it was before both changes. Tick it if that is what you want.',
  notRestorable: (type: string, name: Name) =>
    `The ${type} records of ${name} cannot be put back from here; set them at Cloudflare.`,
} as const

export const importWords = {
  asInFile: 'So that it is as the file has it.',
  own: (lines: string) =>
    `SOA and the name servers of the domain itself are Cloudflare's own, so they are left out (${lines}).`,
  others: (records: string) =>
    `Records of these types can only be added at Cloudflare, so they are left out: ${records}.`,
} as const

const HOUR = 3_600

const MOST_SAID = 8
