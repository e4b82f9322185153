import { Select, TextField } from '../ui/field.tsx'
import { words } from '../words.ts'
import type { Column, View } from './view.ts'

/** Search, type and order; says how many records are left. */
export function Toolbar({
  view,
  types,
  shown,
  all,
  sorts,
  onChange,
}: {
  readonly view: View
  readonly types: ReadonlyMap<string, number>
  readonly shown: number
  readonly all: number
  /** Where the list has no columns to press. */
  readonly sorts: boolean
  readonly onChange: (view: View) => void
}) {
  const said = words.records
  return (
    <search className="toolbar">
      <div className="toolbar-search">
        <TextField
          label={said.search}
          hidesLabel
          name="search"
          type="search"
          placeholder={said.searchHint}
          isCode
          value={view.search}
          onChange={(search) => onChange({ ...view, search })}
        />
      </div>
      <Select
        label={said.filter}
        hidesLabel
        name="type"
        value={view.type}
        options={[
          { value: '', label: said.filterAll },
          ...[...types].map(([type, count]) => ({ value: type, label: `${type} (${count})` })),
        ]}
        onChange={(type) => onChange({ ...view, type })}
      />
      {sorts && (
        <Select
          label={said.sort}
          hidesLabel
          name="sort"
          value={`${view.column} ${view.descending ? 'down' : 'up'}`}
          options={SORTS}
          onChange={(value) => {
            const [column, direction] = value.split(' ')
            onChange({ ...view, column: column as Column, descending: direction === 'down' })
          }}
        />
      )}
      <p className="toolbar-count" role="status">
        {said.count(shown, all)}
      </p>
    </search>
  )
}

const COLUMNS: readonly Column[] = ['name', 'type', 'content', 'proxied']

const SORTS = COLUMNS.flatMap((column) =>
  [false, true].map((descending) => ({
    value: `${column} ${descending ? 'down' : 'up'}`,
    label: words.records.sorted(words.records.columns[column], descending),
  })),
)
