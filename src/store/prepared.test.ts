import { describe, expect, test } from 'vitest'
import { prepared } from './prepared.ts'
import { type Build, postgresBuild, sqliteBuild } from './transaction.ts'

describe('a prepared query', () => {
  test('a prepared query is compiled once for each database, and takes other values each time', () => {
    let compiled = 0
    const named = prepared((build: Build, zone: string, names: readonly string[]) => {
      compiled += 1
      return build
        .selectFrom('record_sets')
        .select('type')
        .where('zone_id', '=', zone)
        .where('name', 'in', names)
    })
    const plain = (build: Build, zone: string, names: readonly string[]) =>
      build
        .selectFrom('record_sets')
        .select('type')
        .where('zone_id', '=', zone)
        .where('name', 'in', names)
        .compile()

    for (const build of [sqliteBuild, postgresBuild()]) {
      for (const names of [['a'], ['b'], ['c', 'd'], ['e', 'f']]) {
        const { sql, parameters } = named(build, 'z', names).compile()
        expect({ sql, parameters }).toMatchObject({
          sql: plain(build, 'z', names).sql,
          parameters: plain(build, 'z', names).parameters,
        })
      }
    }
    expect(compiled).toBe(2 * 2)
  })

  test('a prepared query keeps null, zero and its constants in place', () => {
    const ended = prepared((build: Build, rows: readonly { at: number; outcome: string; shown: number }[]) =>
      build.insertInto('intent_ends').values(rows.map((row) => ({ generation: 7, ...row }))),
    )
    const first = ended(sqliteBuild, [{ at: 0, outcome: 'x', shown: 1 }]).compile()
    const second = ended(sqliteBuild, [{ at: 5, outcome: 'y', shown: 0 }]).compile()
    expect(first.parameters).toEqual([7, 0, 'x', 1])
    expect(second.parameters).toEqual([7, 5, 'y', 0])
    const since = prepared((build: Build, at: number | null) =>
      build.updateTable('zones').set({ missing_since: at }),
    )
    expect(since(sqliteBuild, 3).compile().parameters).toEqual([3])
    expect(since(sqliteBuild, null).compile().parameters).toEqual([null])
  })

  test('a prepared query tells rows with other columns apart', () => {
    const added = prepared((build: Build, row: { at: number; shown?: number }) =>
      build.insertInto('intent_ends').values({ generation: 1, outcome: 'x', shown: 1, ...row }),
    )
    expect(added(sqliteBuild, { at: 2 }).compile().parameters).toEqual([1, 'x', 1, 2])
    expect(added(sqliteBuild, { at: 2, shown: 0 }).compile().parameters).toEqual([1, 'x', 0, 2])
  })

  test('a prepared query whose shape depends on a value throws', () => {
    const written = prepared((build: Build, budget: object, credential: string) =>
      build.updateTable('budgets').set({ budget: JSON.stringify(budget), credential: `${credential}!` }),
    )
    expect(() => written(sqliteBuild, { left: 3 }, 'c').compile()).toThrow('looks at a value')
  })

  test('a prepared query with a long list is compiled each time', () => {
    let compiled = 0
    const ends = prepared((build: Build, generations: readonly number[]) => {
      compiled += 1
      return build.deleteFrom('intents').where('generation', 'in', generations)
    })
    const many = Array.from({ length: 50 }, (_, index) => index)
    expect(ends(sqliteBuild, many).compile().parameters).toEqual(many)
    expect(ends(sqliteBuild, many).compile().parameters).toEqual(many)
    expect(compiled).toBe(2)
  })
})
