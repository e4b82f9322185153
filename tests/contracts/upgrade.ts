import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import type { SentEdit } from '#store/edits.ts'
import type { Store } from '#store/store.ts'

/**
 * What zonewright 0.1.0 had in its database (schema 7) when it was killed with a customer's edits and callers' sets under
 * way. SQL that either database reads.
 */
export const SCHEMA_7: readonly string[] = readFileSync(
  new URL('../vectors/database-of-schema-7.sql', import.meta.url),
  'utf8',
)
  .trimEnd()
  .split('\n')

const [COM, NET] = ['7623aa4e89ad933360741d964b871b7c', 'f61dd0443e702499233a807ea2822494'] as const

/** The tables of then, with how many rows each has to have now: those that it had, and what became of them. */
export const ROWS_KEPT: ReadonlyMap<string, number> = rowsKept()

function rowsKept(): ReadonlyMap<string, number> {
  const rows = new Map<string, number>()
  for (const statement of SCHEMA_7) {
    const [, table] = /^insert into (\w+)/.exec(statement) ?? []
    if (table) rows.set(table, (rows.get(table) ?? 0) + 1)
  }
  rows.delete('schema_migrations')
  // One edit was sent, one is being checked, and one that was found to be done may still arrive.
  return rows.set('dispatches', rows.get('dispatches')! + 3)
}

/** What is under way in it is so afterwards, and goes on. */
export async function mustGoOn(store: Store): Promise<void> {
  const log = async (zone: string) =>
    (await store.zoneState(zone)).dispatches.map(({ names, state, fenceUntil, edit }) => [
      names.join(),
      state,
      fenceUntil,
      edit ? (edit.hasEnded ? 'edit that ended' : 'edit') : 'sets',
    ])
  expect(await log(COM)).toEqual([
    ['old.example.com', 'fenced', 1785578522000, 'edit that ended'],
    ['fenced.example.com', 'fenced', 1785578542100, 'sets'],
    ['www.example.com', 'doubtful', 1785578564000, 'edit'],
    ['doubtful.example.com', 'doubtful', 1785578564100, 'sets'],
    ['sent.example.com', 'sent', 0, 'sets'],
  ])
  expect(await log(NET)).toEqual([['sent.example.net', 'sent', 0, 'edit']])
  const [checking, sent] = await store.edits.unsettledEdits()
  expect(checking).toMatchObject({
    changes: [{ kind: 'patch', to: { value: '192.0.2.2' } }],
    edit: { customerId: 'ann', zone: COM, kind: 'update', before: [{ value: '192.0.2.1' }] },
  })
  const told = (edit: SentEdit | undefined) => store.edits.editOf(edit!.edit, edit!.id)
  for (const edit of [checking, sent]) expect(await told(edit)).toMatchObject({ status: 'checking' })
  expect(await store.markUnknown(undefined, sent!, sent!.at, sent!.at + 120_000)).toBe(true)
  expect(await store.edits.failEdit(checking!, 'not carried out', checking!.fenceUntil)).toBe(true)
  expect(await told(checking)).toMatchObject({ status: 'failed' })
  expect((await store.waitingIntents(COM)).map(({ key }) => key.name)).toEqual(['waits.example.com'])
}
