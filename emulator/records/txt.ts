/** The content of a TXT record: kept as it was sent, read as character strings of at most 255 octets. */

/**
 * The strings that are served. Content that starts with a quote must be one or more quoted strings with white space
 * between them; anything else is one text, split every 255 octets. Undefined when it is neither: unbalanced or mixed
 * quotes, a quoted string over 255 octets, nothing at all.
 */
export function txtStrings(content: string): Buffer[] | undefined {
  if (content === '') return undefined
  return content.startsWith('"') ? quotedStrings(content) : splitOctets(Buffer.from(content, 'utf8'))
}

function quotedStrings(content: string): Buffer[] | undefined {
  const strings: Buffer[] = []
  let rest = content
  while (rest !== '') {
    const quoted = /^"((?:[^"\\]|\\[0-9]{3}|\\[^0-9])*)"(?:[ \t]+(?=")|$)/s.exec(rest)
    if (quoted === null) return undefined
    const octets = unescapedOctets(quoted[1]!)
    if (octets === undefined || octets.length > 255) return undefined
    strings.push(octets)
    rest = rest.slice(quoted[0].length)
  }
  return strings.every((octets) => octets.length === 0) ? undefined : strings
}

/** RFC 1035 section 5.1: `\DDD` is an octet, `\X` is X. */
function unescapedOctets(text: string): Buffer | undefined {
  const parts: Buffer[] = []
  for (const [piece, decimal, escaped] of text.matchAll(/\\([0-9]{3})|\\([\s\S])|[^\\]+/gu)) {
    if (decimal !== undefined) {
      if (Number(decimal) > 255) return undefined
      parts.push(Buffer.from([Number(decimal)]))
    } else parts.push(Buffer.from(escaped ?? piece, 'utf8'))
  }
  return Buffer.concat(parts)
}

function splitOctets(octets: Buffer): Buffer[] {
  const strings: Buffer[] = []
  for (let start = 0; start < octets.length; start += 255) strings.push(octets.subarray(start, start + 255))
  return strings
}
