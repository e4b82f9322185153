/** Domain names as the emulator holds them: lower case, A-labels, no trailing dot. Its own helper, on purpose. */
import { domainToASCII } from 'node:url'

/**
 * The full name of a record that was asked for as `text` in `zone`: `@` is the zone, and a name that does not end
 * in the zone gets it appended (`mail.other.tld` in `z.tld` becomes `mail.other.tld.z.tld`).
 * Undefined when it is no name: a label of 0 or over 63 octets, over 253 in all, white space, `*` not leftmost.
 */
export function ownerName(text: string, zone: string): string | undefined {
  if (text === '@') return zone
  const given = asciiName(text)
  if (given === undefined) return undefined
  const name = isWithin(given, zone) ? given : `${given}.${zone}`
  const wildcardInside = labelsOf(name).some(
    (label, index) => label.includes('*') && (index > 0 || label !== '*'),
  )
  return wildcardInside || !fits(name) || /["\\@]/.test(name) ? undefined : name
}

/** The host that a content names (`Mail.Example.COM.` is `mail.example.com`); undefined when it is none. */
export function hostName(text: string): string | undefined {
  const name = asciiName(text)
  if (name === undefined || !fits(name) || !/^[a-z0-9._-]+$/.test(name)) return undefined
  return /^[0-9.]+$/.test(name) ? undefined : name
}

/** By labels, never by suffix; a name is within itself. */
export function isWithin(name: string, zone: string): boolean {
  return name === zone || name.endsWith(`.${zone}`)
}

export function labelsOf(name: string): string[] {
  return name.split('.')
}

/** `example.com` for `www.example.com`; undefined for a name of one label. */
export function parentOf(name: string): string | undefined {
  const dot = name.indexOf('.')
  return dot < 0 ? undefined : name.slice(dot + 1)
}

/** Lower case, A-labels, trailing dot gone; undefined when a label cannot be converted or is empty. */
function asciiName(text: string): string | undefined {
  const unified = text.replace(/[。．｡]/g, '.')
  const labels = (unified.endsWith('.') ? unified.slice(0, -1) : unified).split('.').map(asciiLabel)
  return labels.some((label) => label === '') ? undefined : labels.join('.')
}

function asciiLabel(label: string): string {
  // domainToASCII drops tabs and line breaks instead of refusing them.
  if (/[\s\p{Cc}]/u.test(label)) return ''
  return /^[\x21-\x7e]*$/.test(label) ? label.toLowerCase() : domainToASCII(label)
}

function fits(name: string): boolean {
  return name.length <= 253 && labelsOf(name).every((label) => label.length <= 63)
}
