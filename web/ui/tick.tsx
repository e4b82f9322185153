import { Checkbox } from '@cloudflare/kumo/components/checkbox'

/** A box to tick; a locked one shows what is settled. */
export function Tick({
  label,
  checked,
  locked = false,
  describedBy,
  onChange,
}: {
  readonly label: string
  readonly checked: boolean
  readonly locked?: boolean
  readonly describedBy?: string
  readonly onChange: (checked: boolean) => void
}) {
  return (
    <Checkbox
      aria-label={label}
      {...(describedBy !== undefined && { 'aria-describedby': describedBy })}
      checked={checked}
      disabled={locked}
      onCheckedChange={(next: boolean) => onChange(next)}
    />
  )
}
