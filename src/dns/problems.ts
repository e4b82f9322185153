import type { RecordType } from './record-type.ts'

/** What is wrong with something that was asked for, as data. `path` names the field: `name`, `ttl`, `values[0]`, … */
export type Problem =
  // names (RFC 1035 §2.3.4, RFC 1123 §2.1, RFC 5891)
  | At<'name-empty'>
  | At<'name-too-long', { octets: number }>
  | At<'name-outside', { name: string; domain: string }>
  | At<'label-empty', { text: string }>
  | At<'label-too-long', { label: string; octets: number }>
  | At<'label-character', { label: string; character: string }>
  | At<'label-hyphen', { label: string }>
  | At<'label-not-idna', { label: string }>
  | At<'wildcard-position', { label: string }>
  // types and TTLs
  | At<'type-unknown', { type: string; supported: readonly RecordType[] }>
  | At<'ttl-not-whole', { given: string }>
  | At<'ttl-out-of-range', { ttl: number }>
  // values
  | At<'address-malformed', { text: string; family: 4 | 6 }>
  | At<'address-of-other-family', { text: string; family: 4 | 6 }>
  | At<'host-is-address', { text: string }>
  | At<'host-is-wildcard', { text: string }>
  | At<'host-underscore', { label: string }>
  | At<'number-out-of-range', { field: string; text: string; most: number }>
  | At<'mx-form', { text: string }>
  | At<'null-mx-priority', { priority: number }>
  | At<'null-mx-not-alone'>
  | At<'srv-form', { text: string }>
  | At<'caa-form', { text: string }>
  | At<'caa-tag', { tag: string }>
  | At<'caa-value', { text: string }>
  | At<'text-empty'>
  | At<'text-too-long', { octets: number; most: number }>
  | At<'text-quoting', { text: string }>
  | At<'text-not-unicode'>
  // sets
  | At<'values-missing'>
  | At<'values-too-many', { count: number; most: number }>
  | At<'value-not-text', { given: string }>
  | At<'cname-not-single', { count: number }>
  | At<'cname-to-itself', { name: string }>
  // neighbours at a name
  | At<'set-in-the-way', { name: string; type: RecordType; with: RecordType }>
  | At<'cname-beside', { name: string; type: RecordType; with: RecordType }>
  // drafts of single records
  | At<'name-doubled', { name: string; meant: string }>
  | At<'content-missing'>
  | At<'comment-too-long', { most: number }>
  | At<'comment-not-plain'>
  | At<'address-local', { text: string }>
  | At<'address-private', { text: string }>
  | At<'type-not-proxied', { type: RecordType }>
  // zone text
  | At<'zone-text', { fault: ZoneTextFault; text: string }>
  | At<'records-too-many', { count: number; most: number }>

export type ProblemCode = Problem['code']

/** What can be wrong with a line of zone text, apart from its names, TTLs and values. */
export type ZoneTextFault =
  | 'quote-open'
  | 'parenthesis'
  | 'directive'
  | 'include'
  | 'generate'
  | 'type'
  | 'owner-missing'
  | 'class'
  | 'incomplete'

/** A value, or everything that is wrong with what was given. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[] }

export function parsed<T>(value: T): Parsed<T> {
  return { ok: true, value }
}

export function refused(...problems: readonly Problem[]): { ok: false; problems: readonly Problem[] } {
  return { ok: false, problems }
}

/** What was given instead, for a sentence: `a text`, `null`. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  const kinds: Record<string, string> = { string: 'a text', number: 'a number', boolean: 'true or false' }
  return kinds[typeof value] ?? 'an object'
}

/** One plain sentence that says what is wrong and what to do. Text that was given is quoted, and cut when long. */
export function describeProblem(problem: Problem): string {
  switch (problem.code) {
    case 'name-empty':
      return 'A name is needed; give at least one label, such as www.example.com.'
    case 'name-too-long':
      return `The name has ${problem.octets} octets; a name may have at most 253, so shorten it.`
    case 'name-outside':
      return `${quoted(problem.name)} is not within ${quoted(problem.domain)}; leave out the last dot to make it relative, or give a name inside the domain.`
    case 'label-empty':
      return `${quoted(problem.text)} has an empty label; remove the extra dot.`
    case 'label-too-long':
      return `The label ${quoted(problem.label)} has ${problem.octets} octets; a label may have at most 63, so shorten it.`
    case 'label-character':
      return `The label ${quoted(problem.label)} holds ${quoted(problem.character)}; use letters, digits, hyphens and underscores only.`
    case 'label-hyphen':
      return `The label ${quoted(problem.label)} begins or ends with a hyphen; remove it.`
    case 'label-not-idna':
      return `The label ${quoted(problem.label)} is not a valid internationalised label (IDNA); correct its spelling or its xn-- form.`
    case 'wildcard-position':
      return `The label ${quoted(problem.label)} holds an asterisk; a wildcard is the whole leftmost label, such as *.example.com.`
    case 'type-unknown':
      return `${quoted(problem.type)} is not a record type that can be managed here; use one of ${problem.supported.join(', ')}.`
    case 'ttl-not-whole':
      return `The TTL must be a whole number, not ${problem.given}; give seconds from 60 to 86400, or 1 for automatic.`
    case 'ttl-out-of-range':
      return `The TTL ${problem.ttl} is out of range; give seconds from 60 to 86400, or 1 for automatic.`
    case 'address-malformed':
      return problem.family === 4
        ? `${quoted(problem.text)} is not an IPv4 address; write four decimal numbers from 0 to 255 without leading zeros, such as 192.0.2.1.`
        : `${quoted(problem.text)} is not an IPv6 address; write it like 2001:db8::1, without brackets or a zone index.`
    case 'address-of-other-family':
      return problem.family === 4
        ? `${quoted(problem.text)} is an IPv4 address; put it in an A record, or give an IPv6 address.`
        : `${quoted(problem.text)} is an IPv6 address; put it in an AAAA record, or give an IPv4 address.`
    case 'host-is-address':
      return `${quoted(problem.text)} is an IP address, but a host name is needed here; give a name that has an A or AAAA record.`
    case 'host-is-wildcard':
      return `${quoted(problem.text)} is a wildcard; a record can only point to one name, so give that name.`
    case 'host-underscore':
      return `The label ${quoted(problem.label)} holds an underscore, which host names may not; give a name of letters, digits and hyphens.`
    case 'number-out-of-range':
      return `The ${problem.field} ${quoted(problem.text)} is not a whole number from 0 to ${problem.most}.`
    case 'mx-form':
      return `${quoted(problem.text)} is not an MX value; write priority and mail server, such as "10 mail.example.com", or the mail server alone.`
    case 'null-mx-priority':
      return `The mail server "." means that the domain takes no mail, and needs priority 0 instead of ${problem.priority}; write "0 ." (RFC 7505).`
    case 'null-mx-not-alone':
      return 'The value "0 ." means that the domain takes no mail; remove it or every other MX value (RFC 7505).'
    case 'srv-form':
      return `${quoted(problem.text)} is not an SRV value; write four fields, priority, weight, port and target, such as "10 5 443 host.example.com".`
    case 'caa-form':
      return `${quoted(problem.text)} is not a CAA value; write flags, tag and value, such as 0 issue "letsencrypt.org".`
    case 'caa-tag':
      return `The CAA tag ${quoted(problem.tag)} may hold letters and digits only; common tags are issue, issuewild and iodef.`
    case 'caa-value':
      return `${quoted(problem.text)} is not the value of a CAA record; write printable ASCII, in double quotes if it holds blanks, and ";" to allow nobody.`
    case 'text-empty':
      return 'The text is empty; a TXT record needs at least one octet.'
    case 'text-too-long':
      return `The text takes ${problem.octets} octets; a TXT record may take at most ${problem.most}, so shorten it.`
    case 'text-quoting':
      return `${quoted(problem.text)} begins with a double quote but is not a row of quoted strings; close each quote, separate strings by a blank, and write \\" and \\\\ inside them.`
    case 'text-not-unicode':
      return 'The text holds half of a surrogate pair, which is not Unicode text; correct its encoding.'
    case 'values-missing':
      return 'Values are needed: a list of at least one text.'
    case 'values-too-many':
      return `There are ${problem.count} values; a record set may have at most ${problem.most} here.`
    case 'value-not-text':
      return `A value must be a text, not ${problem.given}.`
    case 'cname-not-single':
      return `A CNAME has exactly one value, not ${problem.count}; keep one, or use A and AAAA records.`
    case 'cname-to-itself':
      return `The CNAME ${quoted(problem.name)} points to itself; give another target.`
    case 'set-in-the-way':
      return `${quoted(problem.name)} already has ${problem.with} records, and ${problem.type} cannot stand beside them; delete the ${problem.with} set first.`
    case 'cname-beside':
      return `${quoted(problem.name)} has a CNAME together with ${problem.type === 'CNAME' ? problem.with : problem.type} records; Cloudflare allows it, but resolvers may follow the CNAME instead, so prefer A and AAAA records there (RFC 1034, section 3.6.2).`
    case 'name-doubled':
      return `${quoted(problem.name)} holds the name of the domain twice; write ${quoted(problem.meant)}.`
    case 'content-missing':
      return 'Content is needed; say what the record is to hold.'
    case 'comment-too-long':
      return `A comment may have at most ${problem.most} characters; shorten it.`
    case 'comment-not-plain':
      return 'A comment is one line of text without control characters; remove line breaks and tabs.'
    case 'address-local':
      return `${quoted(problem.text)} leads every visitor to their own machine or link; give a public address.`
    case 'address-private':
      return `${quoted(problem.text)} is a private address, which Cloudflare's proxy cannot reach; give a public address, or switch the proxy off.`
    case 'type-not-proxied':
      return `${problem.type} records cannot be proxied; switch the proxy off.`
    case 'records-too-many':
      return `There are ${problem.count} records; a zone file may have at most ${problem.most} here, so bring them in parts.`
    case 'zone-text':
      return `${zoneTextFaults[problem.fault]}: ${quoted(problem.text)}.`
  }
}

const zoneTextFaults: Record<ZoneTextFault, string> = {
  'quote-open': 'A quoted string does not end on its line; close the quote',
  parenthesis: 'A parenthesis has no partner; add or remove one',
  directive: 'This directive is not supported; use $ORIGIN with a name and $TTL with seconds only',
  include: '$INCLUDE reads another file, which is not here; put its records into this one',
  generate: '$GENERATE stands for many records; write them out',
  type: 'There is no such record type; correct it',
  'owner-missing': 'The first record has no owner name; begin the line with one',
  class: 'Only the class IN is supported; remove the other class',
  incomplete: 'A record needs owner, type and value; complete the line',
}

type At<Code extends string, Facts extends object = object> = {
  readonly code: Code
  readonly path: string
} & Readonly<Facts>

/** In double quotes with everything unprintable escaped, at most 60 characters of it. */
function quoted(text: string): string {
  const characters = [...text]
  return JSON.stringify(characters.length > 60 ? `${characters.slice(0, 59).join('')}…` : text)
}
