import { EDITABLE_TYPES, type EditableType } from '#edit-rules/editing.ts'
import { ttlInWords } from '../ttl.ts'
import { Select, TextArea, TextField } from '../ui/field.tsx'
import { Toggle } from '../ui/toggle.tsx'
import { words } from '../words.ts'
import { canBeProxied, type Draft, type FieldName, isWhole } from './draft.ts'

const said = words.form

/** In the order in which they are shown. */
export const FIELDS: readonly FieldName[] = ['type', 'name', 'content', 'priority', 'proxied', 'ttl']

/** What may be typed into a record; each field says what is wrong with it. */
export function RecordFields({
  draft,
  zone,
  isNew,
  isBusy,
  currentTtl,
  errorOf,
  onChange,
  onTidy,
  onLeave,
}: {
  readonly draft: Draft
  readonly zone: string
  /** Only a new record may choose its type. */
  readonly isNew: boolean
  readonly isBusy: boolean
  /** Seconds; it stays among the choices. */
  readonly currentTtl: number
  readonly errorOf: (field: FieldName) => string | undefined
  readonly onChange: (changes: Partial<Draft>) => void
  readonly onTidy: () => void
  readonly onLeave: (field: FieldName) => void
}) {
  const proxiable = canBeProxied(draft)
  return (
    <>
      {isNew && (
        <Select
          label={said.type}
          name="type"
          value={draft.type}
          disabled={isBusy}
          options={EDITABLE_TYPES.map((type) => ({ value: type, label: `${type} – ${said.types[type]}` }))}
          onChange={(type) => onChange({ type: type as EditableType })}
        />
      )}
      <TextField
        label={said.name}
        name="name"
        isCode
        disabled={isBusy}
        hint={said.nameHint}
        error={errorOf('name')}
        value={draft.name}
        suffix={isWhole(draft.name, zone) ? undefined : `.${zone}`}
        onChange={(name) => onChange({ name })}
        onBlur={() => onLeave('name')}
      />
      <div className={draft.type === 'MX' ? 'beside-each-other' : ''}>
        {draft.type === 'TXT' ? (
          <TextArea
            label={said.content.TXT}
            name="content"
            disabled={isBusy}
            hint={said.example.TXT}
            error={errorOf('content')}
            value={draft.content}
            onChange={(content) => onChange({ content })}
            onBlur={() => onLeave('content')}
          />
        ) : (
          <TextField
            label={said.content[draft.type]}
            name="content"
            isCode
            disabled={isBusy}
            hint={said.example[draft.type]}
            error={errorOf('content')}
            value={draft.content}
            onChange={(content) => onChange({ content })}
            onBlur={() => {
              onTidy()
              onLeave('content')
            }}
          />
        )}
        {draft.type === 'MX' && (
          <TextField
            label={said.priority}
            name="priority"
            inputMode="numeric"
            disabled={isBusy}
            hint={said.priorityHint}
            error={errorOf('priority')}
            value={draft.priority}
            onChange={(priority) => onChange({ priority })}
            onBlur={() => onLeave('priority')}
          />
        )}
      </div>
      {draft.type !== 'MX' && draft.type !== 'TXT' && (
        <Toggle
          label={said.proxied}
          hint={errorOf('proxied') ?? (proxiable ? said.proxiedHint : said.proxiedNot)}
          checked={draft.proxied && proxiable}
          disabled={!proxiable || isBusy}
          onChange={(proxied) => onChange({ proxied })}
        />
      )}
      <Select
        label={said.ttl}
        name="ttl"
        disabled={isBusy || (draft.proxied && proxiable)}
        hint={draft.proxied && proxiable ? said.ttlProxied : said.ttlHint}
        error={errorOf('ttl')}
        value={draft.proxied && proxiable ? '1' : `${draft.ttl}`}
        options={ttlOptions(currentTtl)}
        onChange={(ttl) => onChange({ ttl: Number(ttl) })}
      />
    </>
  )
}

/** The usual ones, and the one that the record has. */
function ttlOptions(current: number): { value: string; label: string }[] {
  const usual = Object.keys(said.ttls).map(Number)
  const all = usual.includes(current) || current === 1 ? usual : [...usual, current].sort((a, b) => a - b)
  return [
    { value: '1', label: said.automatic },
    ...all.map((ttl) => ({ value: `${ttl}`, label: ttlInWords(ttl) })),
  ]
}
