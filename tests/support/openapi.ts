import { z } from 'zod'

/** An answer, as whoever wrote it to the socket knows it. */
export interface DescribedAnswer {
  readonly method: string
  /** Of the document, such as `/records/{type}/{domain}/{subdomain}`; undefined: none of it. */
  readonly path: string | undefined
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

/** What of an OpenAPI document is looked at here. */
export interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> }
}

/** Says what is wrong with answers in the light of a document; undefined where nothing is. */
export function describedBy(document: Description): (answer: DescribedAnswer) => string | undefined {
  const schemas = new Map<string, z.ZodType>()
  const good = new Set<string>()

  /** What the schema says, compiled once; `$ref` is read within the document. */
  function schemaOf(key: string, schema: unknown): z.ZodType {
    const known = schemas.get(key)
    if (known !== undefined) return known
    const made = z.fromJSONSchema(resolved(schema) as Parameters<typeof z.fromJSONSchema>[0])
    schemas.set(key, made)
    return made
  }

  function resolved(part: unknown): unknown {
    if (Array.isArray(part)) return part.map(resolved)
    if (typeof part !== 'object' || part === null) return part
    if ('$ref' in part) return resolved(at(document, String(part.$ref).slice(2).split('/')))
    return Object.fromEntries(Object.entries(part).map(([name, value]) => [name, resolved(value)]))
  }

  return ({ method, path, status, headers, body }) => {
    const where = `${method} ${path ?? 'elsewhere'} ${status}`
    if (!/^application\/json(;|$)/.test(String(headers['content-type']))) return `${where} is no JSON`
    if (headers['x-request-id'] === undefined) return `${where} has no id`
    const operation = path && at(document.paths, [path, method.toLowerCase()])
    const described = operation ? at(operation, ['responses', String(status)]) : GENERAL.get(status)
    if (described === undefined) return `${where} is not described`
    if ((status === 405) !== (headers.allow !== undefined)) return `${where} and its Allow`
    if (method === 'HEAD') return undefined
    const schema = operation
      ? at(described, ['content', 'application/json', 'schema'])
      : at(document, ['components', 'schemas', 'Refusal'])
    if (good.has(`${where} ${body}`)) return undefined
    const read = schemaOf(operation ? where : 'elsewhere', schema).safeParse(JSON.parse(body))
    if (!read.success) return `${where} is ${body}: ${read.error.message}`
    if (good.size < MOST_REMEMBERED) good.add(`${where} ${body}`)
    return undefined
  }
}

/** The same few refusals are given thousands of times. */
const MOST_REMEMBERED = 1_000

/** What the document says of all other requests. */
const GENERAL = new Map([400, 404, 405, 503].map((status) => [status, {}]))

function at(from: unknown, [first, ...rest]: readonly string[]): unknown {
  if (first === undefined) return from
  if (typeof from !== 'object' || from === null) return undefined
  return at((from as Readonly<Record<string, unknown>>)[first], rest)
}
