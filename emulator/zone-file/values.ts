/** The value of a record in a zone file, type by type, in the fields that the API takes for it. */

export interface ZoneFileValue {
  readonly content?: string
  readonly priority?: number
  readonly data?: object
}

/** `absolute` completes a name, and takes its dot. Throws an Error for a value that the type cannot have. */
export function valueIn(
  type: string,
  words: readonly string[],
  absolute: (text: string) => string,
): ZoneFileValue {
  const read = READERS[type]
  if (read === undefined) throw new Error(`the emulator has no ${type} records`)
  const [least, most] = COUNTS[type] ?? [1, 1]
  if (words.length < least || words.length > most) throw new Error(`a ${type} has not ${words.length} fields`)
  return read(words, absolute)
}

type Reader = (words: readonly string[], absolute: (text: string) => string) => ZoneFileValue

/** How many words; one where it is not said. */
const COUNTS: Readonly<Record<string, readonly [number, number]>> = {
  CAA: [3, 3],
  DS: [4, 20],
  HTTPS: [2, 40],
  MX: [2, 2],
  SRV: [4, 4],
  SSHFP: [3, 20],
  SVCB: [2, 40],
  TLSA: [4, 60],
  TXT: [1, 300],
  URI: [3, 3],
}

const address: Reader = ([text]) => ({ content: text! })
const host: Reader = ([name], absolute) => ({ content: absolute(name!) })
const service: Reader = ([priority, target, ...parameters], absolute) => {
  const name = absolute(target!)
  return {
    data: {
      priority: whole(priority!),
      target: name === '.' ? '.' : `${name}.`,
      value: parameters.join(' '),
    },
  }
}

const READERS: Readonly<Record<string, Reader>> = {
  A: address,
  AAAA: address,
  CAA: ([flags, tag, value]) => ({ data: { flags: whole(flags!), tag, value: unquoted(value!) } }),
  CNAME: host,
  DS: ([key_tag, algorithm, digest_type, ...digest]) => ({
    data: {
      key_tag: whole(key_tag!),
      algorithm: whole(algorithm!),
      digest_type: whole(digest_type!),
      digest: digest.join(''),
    },
  }),
  HTTPS: service,
  MX: ([priority, exchange], absolute) => ({ priority: whole(priority!), content: absolute(exchange!) }),
  NS: host,
  PTR: host,
  SRV: ([priority, weight, port, target], absolute) => ({
    data: {
      priority: whole(priority!),
      weight: whole(weight!),
      port: whole(port!),
      target: absolute(target!),
    },
  }),
  SSHFP: ([algorithm, type, ...fingerprint]) => ({
    data: { algorithm: whole(algorithm!), type: whole(type!), fingerprint: fingerprint.join('') },
  }),
  SVCB: service,
  TLSA: ([usage, selector, matching_type, ...certificate]) => ({
    data: {
      usage: whole(usage!),
      selector: whole(selector!),
      matching_type: whole(matching_type!),
      certificate: certificate.join(''),
    },
  }),
  TXT: (words) => ({ content: words.map((word) => (word.startsWith('"') ? word : `"${word}"`)).join(' ') }),
  URI: ([priority, weight, target]) => ({
    priority: whole(priority!),
    data: { weight: whole(weight!), target: unquoted(target!) },
  }),
}

function whole(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new Error(`"${text}" is no whole number`)
  return Number(text)
}

function unquoted(word: string): string {
  const inner = word.startsWith('"') ? word.slice(1, -1) : word
  return inner.replace(/\\(.)/g, '$1')
}
