/** Forms with files (RFC 7578), as far as an import needs them: text fields by name. */

/** Undefined for a body that is no such form. The text is read as UTF-8. */
export function formFields(
  body: Uint8Array | string | undefined,
  contentType: string | undefined,
): ReadonlyMap<string, string> | undefined {
  const boundary = /^multipart\/form-data\s*;.*\bboundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType ?? '')
  if (boundary === null) return undefined
  const text = Buffer.from(body ?? '').toString('utf8')
  const parts = `\r\n${text}`.split(`\r\n--${boundary[1] ?? boundary[2]}`)
  if (parts.length < 2 || !parts.at(-1)!.startsWith('--')) return undefined
  const fields = new Map<string, string>()
  for (const part of parts.slice(1, -1)) {
    const end = part.indexOf('\r\n\r\n')
    const name = /content-disposition:[^\r\n]*;\s*name="([^"]*)"/i.exec(part.slice(0, end))?.[1]
    if (end < 0 || name === undefined) return undefined
    fields.set(name, part.slice(end + 4))
  }
  return fields
}
