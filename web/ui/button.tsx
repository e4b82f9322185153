import type { ReactNode, Ref } from 'react'

type Look = 'primary' | 'secondary' | 'quiet' | 'danger' | 'quiet-danger'

/** Ours and not the kit's, which brings its tooltips along: 60 kB that a button does not need. */
export function Button({
  children,
  look = 'secondary',
  type = 'button',
  icon,
  label,
  isSmall = false,
  busy = false,
  disabled = false,
  onClick,
  ref,
}: {
  readonly children: ReactNode
  readonly look?: Look
  readonly type?: 'button' | 'submit'
  readonly icon?: ReactNode
  /** Says to a screen reader what the text alone does not. */
  readonly label?: string
  readonly isSmall?: boolean
  /** Working: it cannot be pressed, and shows it. */
  readonly busy?: boolean
  readonly disabled?: boolean
  readonly onClick?: () => void
  readonly ref?: Ref<HTMLButtonElement>
}) {
  return (
    <button
      ref={ref}
      type={type}
      className={`${classes(look)}${isSmall ? ' button-small' : ''}`}
      aria-label={label}
      disabled={disabled || busy}
      onClick={onClick}
    >
      {busy ? <span className="spinner" aria-hidden="true" /> : icon}
      {children}
    </button>
  )
}

/** Looks like a button and goes to an address. */
export function ButtonLink({
  href,
  look = 'secondary',
  newTab = false,
  wholeWindow = false,
  children,
}: {
  readonly href: string
  readonly look?: Look
  readonly newTab?: boolean
  /** Out of the frame that the pages may be in: there are addresses that let nobody frame them. */
  readonly wholeWindow?: boolean
  readonly children: ReactNode
}) {
  const elsewhere = newTab
    ? { target: '_blank', rel: 'noopener noreferrer' }
    : wholeWindow
      ? { target: '_top' }
      : {}
  return (
    <a href={href} className={classes(look)} {...elsewhere}>
      {children}
    </a>
  )
}

/** For links within the pages. */
export const primaryLink = classes('primary')

function classes(look: Look): string {
  return `button button-${look}`
}
