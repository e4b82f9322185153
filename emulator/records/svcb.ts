/** The parameters of HTTPS and SVCB records (RFC 9460): from their text to what is sent. */
import { isIPv4, isIPv6 } from 'node:net'

export interface ServiceParameter {
  readonly key: number
  readonly value: Buffer
}

/**
 * `alpn="h2,h3" port=8443` in the order of the keys, as the wire wants it (section 2.2). Undefined for what is no list
 * of parameters: a key twice, a value that its key cannot have, quotes that do not close.
 */
export function serviceParameters(text: string): ServiceParameter[] | undefined {
  const found = new Map<number, Buffer>()
  let rest = text.trim()
  while (rest !== '') {
    const match = /^([a-z0-9-]+)(?:=(?:"((?:[^"\\]|\\.)*)"|([^\s"]*)))?(?:\s+|$)/.exec(rest)
    if (match === null) return undefined
    const [whole, name, quoted, bare] = match
    const key = keyOf(name!)
    const value =
      key === undefined ? undefined : octetsOf(key, (quoted ?? bare ?? '').replace(/\\(.)/g, '$1'))
    if (key === undefined || value === undefined || found.has(key)) return undefined
    found.set(key, value)
    rest = rest.slice(whole.length)
  }
  return [...found].map(([key, value]) => ({ key, value })).sort((left, right) => left.key - right.key)
}

/** Section 14.3.2. */
const KEYS = ['mandatory', 'alpn', 'no-default-alpn', 'port', 'ipv4hint', 'ech', 'ipv6hint']

function keyOf(name: string): number | undefined {
  const index = KEYS.indexOf(name)
  if (index >= 0) return index
  const number = /^key(0|[1-9][0-9]{0,4})$/.exec(name)?.[1]
  return number !== undefined && Number(number) < 65_536 ? Number(number) : undefined
}

function octetsOf(key: number, text: string): Buffer | undefined {
  const parts = text.split(',')
  switch (KEYS[key]) {
    case 'mandatory': {
      const keys = parts.map(keyOf)
      if (keys.some((each) => each === undefined)) return undefined
      return Buffer.concat((keys as number[]).sort((left, right) => left - right).map(twoOctets))
    }
    case 'alpn': {
      if (parts.some((id) => id === '' || Buffer.byteLength(id) > 255)) return undefined
      return Buffer.concat(parts.flatMap((id) => [Buffer.of(Buffer.byteLength(id)), Buffer.from(id)]))
    }
    case 'no-default-alpn':
      return text === '' ? Buffer.alloc(0) : undefined
    case 'port':
      return /^[0-9]{1,5}$/.test(text) && Number(text) < 65_536 ? twoOctets(Number(text)) : undefined
    case 'ipv4hint':
      return parts.every(isIPv4)
        ? Buffer.from(parts.flatMap((part) => part.split('.').map(Number)))
        : undefined
    case 'ech':
      return /^[A-Za-z0-9+/]+=*$/.test(text) ? Buffer.from(text, 'base64') : undefined
    case 'ipv6hint':
      return parts.every((part) => isIPv6(part)) ? Buffer.concat(parts.map(sixteenOctets)) : undefined
    default:
      return Buffer.from(text)
  }
}

function twoOctets(number: number): Buffer {
  return Buffer.of(number >> 8, number & 255)
}

function sixteenOctets(address: string): Buffer {
  const text = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [head = '', tail = ''] = text.split('::')
  const before = head.split(':').filter(Boolean)
  const after = text.includes('::') ? tail.split(':').filter(Boolean) : []
  const zeros = Array<string>(8 - before.length - after.length).fill('0')
  return Buffer.concat([...before, ...zeros, ...after].map((group) => twoOctets(parseInt(group, 16))))
}
