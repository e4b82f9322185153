import Database from 'better-sqlite3'

/** All rows of a table, some hundreds at a time, as its columns hold them. */
export type Rows = (table: string) => Iterable<readonly Readonly<Record<string, string | number | null>>[]>

const ROWS_AT_ONCE = 500

/** Reads a file as it is at one moment, beside whoever has it open. It is up to date already. */
export async function readingAll<Answer>(
  path: string,
  work: (rows: Rows) => Promise<Answer>,
): Promise<Answer> {
  const connection = new Database(path, { readonly: true })
  try {
    connection.exec('begin')
    return await work((table) => slicesOf(connection, table))
  } finally {
    connection.close()
  }
}

function* slicesOf(connection: Database.Database, table: string) {
  let slice: Record<string, string | number | null>[] = []
  for (const row of connection.prepare(`select * from ${table}`).iterate()) {
    slice.push(row as Record<string, string | number | null>)
    if (slice.length < ROWS_AT_ONCE) continue
    yield slice
    slice = []
  }
  if (slice.length > 0) yield slice
}
