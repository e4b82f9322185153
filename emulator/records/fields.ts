/** The fields of a record in a request: checked for their JSON types only. What is wrong with the DNS comes later. */
import { known } from '../errors.ts'

/** A field that is absent or null is undefined; fields the emulator does not know are ignored, as Cloudflare does. */
export interface RecordFields {
  readonly name?: string | undefined
  readonly type?: string | undefined
  readonly content?: string | undefined
  readonly priority?: number | undefined
  readonly data?: JsonObject | undefined
  readonly ttl?: number | undefined
  readonly proxied?: boolean | undefined
  readonly comment?: string | undefined
  readonly tags?: readonly string[] | undefined
  readonly settings?: JsonObject | undefined
}

export type JsonObject = Readonly<Record<string, unknown>>

export interface BatchRequest {
  readonly deletes: readonly Identified[]
  readonly patches: readonly Identified[]
  readonly puts: readonly Identified[]
  readonly posts: readonly RecordFields[]
}

export interface Identified {
  readonly id: string
  readonly fields: RecordFields
}

/** 9207 when a field has the wrong JSON type: content as an array, a numeric name, a ttl in quotes. */
export function recordFields(body: unknown): RecordFields {
  const object = asObject(body)
  return {
    name: field(object, 'name', isString),
    type: field(object, 'type', isString),
    content: field(object, 'content', isString),
    priority: field(object, 'priority', isWhole),
    data: field(object, 'data', isObject),
    ttl: field(object, 'ttl', isWhole),
    proxied: field(object, 'proxied', isBoolean),
    comment: field(object, 'comment', isString),
    tags: field(object, 'tags', isStrings),
    settings: field(object, 'settings', isObject),
  }
}

/** The four lists of a batch; a missing one is empty. 9207 for any other shape. */
export function batchRequest(body: unknown): BatchRequest {
  const object = asObject(body)
  return {
    deletes: identifiedList(object.deletes),
    patches: identifiedList(object.patches),
    puts: identifiedList(object.puts),
    posts: list(object.posts).map(recordFields),
  }
}

/** The JSON in a body. 9207 for what is no JSON, not UTF-8, or not declared as JSON. */
export function parseBody(body: Uint8Array | string | undefined, contentType: string | undefined): unknown {
  if (!/^application\/json\s*(;|$)/i.test(contentType ?? '')) {
    throw known('contentType')
  }
  try {
    return JSON.parse(
      typeof body === 'string' ? body : new TextDecoder('utf-8', { fatal: true }).decode(body),
    )
  } catch {
    throw known('malformedBody')
  }
}

function asObject(value: unknown): JsonObject {
  if (!isObject(value)) throw known('malformedBody')
  return value
}

function list(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw known('malformedBody')
  return value
}

function identifiedList(value: unknown): Identified[] {
  return list(value).map((entry) => {
    const { id } = asObject(entry)
    if (!isString(id)) throw known('malformedBody')
    return { id, fields: recordFields(entry) }
  })
}

function field<T>(object: JsonObject, key: string, is: (value: unknown) => value is T): T | undefined {
  const value = object[key]
  if (value === undefined || value === null) return undefined
  if (!is(value)) throw known('malformedBody')
  return value
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isString(value: unknown): value is string {
  return typeof value === 'string'
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isString)
}

function isWhole(value: unknown): value is number {
  return Number.isInteger(value)
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean'
}
