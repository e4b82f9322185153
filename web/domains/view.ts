import type { ApiRecord } from '#faces/dashboard/api.ts'

export type Column = 'type' | 'name' | 'content' | 'proxied'

export const COLUMNS: readonly Column[] = ['type', 'name', 'content', 'proxied']

export interface View {
  readonly search: string
  /** '' is every type. */
  readonly type: string
  readonly column: Column
  readonly descending: boolean
}

export const firstView: View = { search: '', type: '', column: 'name', descending: false }

/** In the order of a view. To compare thousands of names takes longer than to search them, so it is done apart. */
export function inOrder(
  records: readonly ApiRecord[],
  { column, descending }: Pick<View, 'column' | 'descending'>,
): ApiRecord[] {
  const keys = new Map(records.map((record) => [record, keysOf(record, column)]))
  const sign = descending ? -1 : 1
  return [...records].sort((a, b) => sign * compare(keys.get(a)!, keys.get(b)!))
}

/** Those that match, in the order they are in. A search is for a part of the name or of the content, whatever its case. */
export function matching(
  records: readonly ApiRecord[],
  view: Pick<View, 'search' | 'type'>,
): readonly ApiRecord[] {
  const wanted = view.search.trim().toLowerCase()
  if (wanted === '' && view.type === '') return records
  return records.filter(
    ({ type, name, content }) =>
      (view.type === '' || type === view.type) &&
      (wanted === '' || name.includes(wanted) || content.toLowerCase().includes(wanted)),
  )
}

/** The view that an address asks for; what it does not know is left at its first. */
export function viewIn(search: string): View {
  const asked = new URLSearchParams(search)
  const sort = asked.get('sort') ?? ''
  const column = COLUMNS.find((each) => sort === each || sort === `-${each}`)
  return {
    search: asked.get('q') ?? firstView.search,
    type: asked.get('type') ?? firstView.type,
    column: column ?? firstView.column,
    descending: column !== undefined && sort.startsWith('-'),
  }
}

/** `?q=mail&type=MX&sort=-name`, to be opened and shared; nothing for the first view. */
export function searchOf({ search, type, column, descending }: View): string {
  const asked = new URLSearchParams()
  if (search.trim() !== '') asked.set('q', search)
  if (type !== firstView.type) asked.set('type', type)
  if (column !== firstView.column || descending) asked.set('sort', `${descending ? '-' : ''}${column}`)
  return asked.size === 0 ? '' : `?${asked}`
}

/** The types that there are, and how many of each. */
export function typesIn(records: readonly ApiRecord[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { type } of records) counts.set(type, (counts.get(type) ?? 0) + 1)
  return new Map([...counts].sort(([a], [b]) => collator.compare(a, b)))
}

/** What is looked at first, then what decides among equals. */
function keysOf(record: ApiRecord, column: Column): readonly string[] {
  const name = hierarchical(record.name)
  const { type, content } = record
  switch (column) {
    case 'type':
      return [type, name, content]
    case 'name':
      return [name, type, content]
    case 'content':
      return [content, name, type]
    case 'proxied':
      return [record.proxied ? '0' : record.proxiable ? '1' : '2', name, type, content]
  }
}

/** Labels from the right, so that a zone comes before what is below it, and what belongs together stands together. */
function hierarchical(name: string): string {
  return name.split('.').reverse().join(' ')
}

function compare(a: readonly string[], b: readonly string[]): number {
  for (const [index, key] of a.entries()) {
    const order = collator.compare(key, b[index]!)
    if (order !== 0) return order
  }
  return 0
}

const collator = new Intl.Collator('en', { numeric: true })
