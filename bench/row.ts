/** One line of the results. */
export interface Row {
  readonly what: string
  readonly measured: string
  /** What others need for the same, where that was measured too. */
  readonly beside?: string
  readonly target?: string
  /** undefined: reported only. */
  readonly met?: boolean
}

/** A figure that must not be more than its target. */
export function atMost(target: number, value: number, what: string, unit = ''): Row {
  return { what, measured: `${rounded(value)}${unit}`, target: `≤ ${target}${unit}`, met: value <= target }
}

/** A figure that must not be less than its target. */
export function atLeast(target: number, value: number, what: string): Row {
  return { what, measured: rounded(value), target: `≥ ${target}`, met: value >= target }
}

/** A figure for orientation. */
export function reported(value: number, what: string, unit: string, target?: string): Row {
  return { what, measured: `${rounded(value)}${unit}`, ...(target && { target }) }
}

/** Whole from 100, with one digit from 1, with two below. */
function rounded(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(value >= 100 ? 0 : value >= 1 ? 1 : 2)
}
