import type { CompiledQuery } from 'kysely'
import type { Build } from './transaction.ts'

/** A query as Kysely and we give it. */
export interface Compilable<Row> {
  compile(): CompiledQuery<Row>
}

/**
 * A query that Kysely compiles once for each database, and that takes other values each time:
 *
 *     const stateOf = prepared((build: Build, zone: ZoneId) =>
 *       build.selectFrom('zone_states').selectAll().where('zone_id', '=', zone))
 *
 * `shape` is called with stand-ins for its values, which it may hand to Kysely and must not look at: a question about
 * one throws. A list, of values or of rows with the same columns, is compiled once for each length up to
 * `LONGEST_KEPT`; functions are handed through, and are always the same for one `build`.
 */
export function prepared<Values extends readonly unknown[], Row>(
  shape: (build: Build, ...values: Values) => Compilable<Row>,
): (build: Build, ...values: Values) => Compilable<Row> {
  const known = new WeakMap<Build, Map<string, CompiledQuery<Row>>>()

  function knownFor(build: Build): Map<string, CompiledQuery<Row>> {
    const ofBuild = known.get(build) ?? new Map()
    known.set(build, ofBuild)
    return ofBuild
  }

  function compiled(build: Build, values: Values): CompiledQuery<Row> {
    const form = formOf(values)
    if (form === undefined) return shape(build, ...values).compile()
    const forms = known.get(build) ?? knownFor(build)
    let query = forms.get(form)
    if (query === undefined) {
      query = shape(build, ...(values.map((value, index) => standIn(value, [index])) as never)).compile()
      forms.set(form, query)
    }
    const parameters = query.parameters.map((one) => (one instanceof StandIn ? one.valueIn(values) : one))
    return { ...query, parameters }
  }

  return (build, ...values) => ({ compile: () => compiled(build, values) })
}

/** Longer lists come in any length, and each would be a statement to keep. */
const LONGEST_KEPT = 8

/** What tells two compiled forms apart: how long the lists are, and the columns of rows. undefined: not worth keeping. */
function formOf(values: readonly unknown[]): string | undefined {
  let form = ''
  for (const value of values) {
    if (typeof value !== 'object' || value === null) continue
    const rows = Array.isArray(value) ? value : [value]
    if (rows.length > LONGEST_KEPT) return undefined
    form += `${rows.length} ${typeof rows[0] === 'object' ? Object.keys(rows[0]) : ''};`
  }
  return form
}

type Path = readonly (string | number)[]

/** The place of a value among the arguments. */
class StandIn {
  readonly #path: Path

  constructor(path: Path) {
    this.#path = path
  }

  valueIn(values: readonly unknown[]): unknown {
    return this.#path.reduce<unknown>(
      (value, step) => (value as Record<string | number, unknown>)[step],
      values,
    )
  }

  toJSON(): never {
    throw new Error('the shape of a prepared query looks at a value')
  }

  [Symbol.toPrimitive](): never {
    throw new Error('the shape of a prepared query looks at a value')
  }
}

function standIn(value: unknown, path: Path): unknown {
  if (typeof value === 'function') return value
  if (Array.isArray(value)) return value.map((one, index) => standIn(one, [...path, index]))
  if (value === null || typeof value !== 'object') return new StandIn(path)
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, standIn(one, [...path, name])]))
}
