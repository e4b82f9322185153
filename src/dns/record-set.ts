import type { Name } from './name.ts'
import { kindOf, type Parsed, type Problem, parsed, refused } from './problems.ts'
import { parseRecordType, type RecordType, rulesOf } from './record-type.ts'
import { parseTtl, type Ttl } from './ttl.ts'
import { parseValue, type Value, type ValueDefaults } from './value.ts'

/** What a record set is known by. */
export interface SetKey {
  readonly name: Name
  readonly type: RecordType
}

/** All records of one name and type (RFC 2181 §5): one TTL, and 1 to 100 values, each once, in the order of their text. */
export interface RecordSet extends SetKey {
  readonly ttl: Ttl
  readonly values: readonly Value[]
}

export interface RecordSetInput {
  /** Parsed already, so that its problems are told together with the others. */
  readonly name: Name | Parsed<Name>
  readonly type: string
  /** null or undefined: the default. */
  readonly ttl: unknown
  /** A list of texts. */
  readonly values: unknown
}

export interface SetDefaults extends ValueDefaults {
  readonly ttl: Ttl
}

/** Everything that is wrong at once: name, type, TTL and each value by its place, `values[2]`. */
export function parseRecordSet(input: RecordSetInput, defaults: SetDefaults): Parsed<RecordSet> {
  const name = typeof input.name === 'string' ? parsed(input.name) : input.name
  const type = parseRecordType(input.type)
  const ttl = parseTtl(input.ttl ?? defaults.ttl)
  const values = parseValues(type.ok ? type.value : undefined, input.values, defaults)

  if (name.ok && type.ok && ttl.ok && values.ok) {
    const set = { name: name.value, type: type.value, ttl: ttl.value, values: values.value }
    const problems = problemsIn(set)
    return problems.length === 0 ? parsed(set) : refused(...problems)
  }
  return refused(...[name, type, ttl, values].flatMap((field) => (field.ok ? [] : field.problems)))
}

/** One text for a set, for maps and messages: `www.example.com A`. */
export function keyOf({ name, type }: { readonly name: Name; readonly type: string }): string {
  return `${name} ${type}`
}

/** Records, or whatever has a name and a type, by their set, `keyOf`. */
export type BySet<Item> = ReadonlyMap<string, readonly Item[]>

/** Looks at each item once, however many sets are then asked for: whoever has many to look up in a list begins here. */
export function bySet<Item extends Parameters<typeof keyOf>[0]>(items: readonly Item[]): BySet<Item> {
  return Map.groupBy(items, keyOf)
}

/** What only shows when all values are seen together. */
export function problemsIn({ name, type, values }: RecordSet, path = 'values'): Problem[] {
  return rulesOf(type).problemsIn?.(values, name, path) ?? []
}

const MOST_VALUES = 100

/** Each value once, in order. Of a type that is not known only the form of the list can be judged. */
function parseValues(
  type: RecordType | undefined,
  texts: unknown,
  defaults: ValueDefaults,
): Parsed<readonly Value[]> {
  const path = 'values'
  if (!Array.isArray(texts) || texts.length === 0) return refused({ code: 'values-missing', path })
  if (texts.length > MOST_VALUES) {
    return refused({ code: 'values-too-many', path, count: texts.length, most: MOST_VALUES })
  }
  const values = new Set<Value>()
  const problems: Problem[] = []
  for (const [index, text] of texts.entries()) {
    const value = parseOne(type, text, defaults, `${path}[${index}]`)
    if (!value.ok) problems.push(...value.problems)
    else if (value.value !== undefined) values.add(value.value)
  }
  return problems.length === 0 ? parsed([...values].sort()) : refused(...problems)
}

function parseOne(
  type: RecordType | undefined,
  text: unknown,
  defaults: ValueDefaults,
  path: string,
): Parsed<Value | undefined> {
  if (typeof text !== 'string') return refused({ code: 'value-not-text', path, given: kindOf(text) })
  return type === undefined ? parsed(undefined) : parseValue(type, text, defaults, path)
}
