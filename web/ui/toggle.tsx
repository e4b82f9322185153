import { Switch } from '@cloudflare/kumo/components/switch'
import { useId } from 'react'

/** On or off, with what that means. */
export function Toggle({
  label,
  hint,
  checked,
  disabled = false,
  onChange,
}: {
  readonly label: string
  readonly hint: string
  readonly checked: boolean
  readonly disabled?: boolean
  readonly onChange: (checked: boolean) => void
}) {
  const id = useId()
  return (
    <div className="toggle">
      <Switch
        aria-labelledby={`${id}-label`}
        aria-describedby={`${id}-hint`}
        checked={checked}
        disabled={disabled}
        onCheckedChange={(next: boolean) => onChange(next)}
      />
      <div>
        <span id={`${id}-label`} className="field-label">
          {label}
        </span>
        <p id={`${id}-hint`} className="field-hint">
          {hint}
        </p>
      </div>
    </div>
  )
}
