import { type FocusEvent, type ReactNode, useId } from 'react'

interface FieldProps {
  readonly label: string
  readonly hint?: string | undefined
  readonly error?: string | undefined
  /** Known to a screen reader only. */
  readonly hidesLabel?: boolean
}

interface Control {
  readonly id: string
  readonly 'aria-describedby'?: string
  readonly 'aria-invalid'?: true
}

/** A label, a control and what is to be said about it. */
export function Field({
  label,
  hint,
  error,
  hidesLabel = false,
  children,
}: FieldProps & { readonly children: (control: Control) => ReactNode }) {
  const id = useId()
  const said = error ?? hint
  const control: Control = {
    id,
    ...(said !== undefined && { 'aria-describedby': `${id}-said` }),
    ...(error !== undefined && { 'aria-invalid': true }),
  }
  return (
    <div className="field">
      <label htmlFor={id} className={hidesLabel ? 'for-screen-readers' : 'field-label'}>
        {label}
      </label>
      {children(control)}
      {said !== undefined && (
        <p id={`${id}-said`} className={error === undefined ? 'field-hint' : 'field-error'}>
          {said}
        </p>
      )}
    </div>
  )
}

interface TextProps extends FieldProps {
  readonly value: string
  readonly onChange: (value: string) => void
  readonly onBlur?: () => void
  readonly name: string
  readonly type?: 'text' | 'email' | 'password' | 'search'
  readonly autoComplete?: string
  readonly inputMode?: 'numeric'
  readonly placeholder?: string
  readonly suffix?: string | undefined
  readonly disabled?: boolean
  /** Names and values, not prose. */
  readonly isCode?: boolean
}

export function TextField({
  label,
  hint,
  error,
  hidesLabel = false,
  onChange,
  onBlur,
  suffix,
  isCode = false,
  autoComplete = 'off',
  ...rest
}: TextProps) {
  return (
    <Field label={label} hint={hint} error={error} hidesLabel={hidesLabel}>
      {(control) => (
        <div className="with-suffix">
          <input
            {...control}
            {...rest}
            autoComplete={autoComplete}
            {...(isCode && { spellCheck: false, autoCapitalize: 'none' })}
            className="control"
            onChange={(event) => onChange(event.target.value)}
            onBlur={leaving(onBlur)}
          />
          {suffix !== undefined && <span className="suffix">{suffix}</span>}
        </div>
      )}
    </Field>
  )
}

export function TextArea({
  label,
  hint,
  error,
  onChange,
  onBlur,
  isReadOnly = false,
  rows = 4,
  ...rest
}: FieldProps & {
  readonly value: string
  readonly rows?: number
  /** To be copied from. */
  readonly isReadOnly?: boolean
  readonly onChange?: (value: string) => void
  readonly onBlur?: () => void
  readonly name: string
  readonly disabled?: boolean
}) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(control) => (
        <textarea
          {...control}
          {...rest}
          rows={rows}
          readOnly={isReadOnly}
          spellCheck={false}
          autoCapitalize="none"
          className="control text-area"
          onChange={(event) => onChange?.(event.target.value)}
          onBlur={leaving(onBlur)}
        />
      )}
    </Field>
  )
}

/** The browser's own: it is at home on a phone. */
export function Select({
  label,
  hint,
  error,
  hidesLabel = false,
  options,
  onChange,
  ...rest
}: FieldProps & {
  readonly value: string
  readonly options: readonly { readonly value: string; readonly label: string }[]
  readonly onChange: (value: string) => void
  readonly name: string
  readonly disabled?: boolean
}) {
  return (
    <Field label={label} hint={hint} error={error} hidesLabel={hidesLabel}>
      {(control) => (
        <select {...control} {...rest} className="control" onChange={(event) => onChange(event.target.value)}>
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}

/** Not on the way to a button: what appears here would push it from under the pointer, and the press would be lost. */
function leaving(onBlur: (() => void) | undefined) {
  return ({ relatedTarget }: FocusEvent) => {
    if (!(relatedTarget instanceof HTMLButtonElement)) onBlur?.()
  }
}
