import { CheckCircleIcon } from '@phosphor-icons/react/dist/csr/CheckCircle'
import { InfoIcon } from '@phosphor-icons/react/dist/csr/Info'
import { WarningIcon } from '@phosphor-icons/react/dist/csr/Warning'
import { WarningCircleIcon } from '@phosphor-icons/react/dist/csr/WarningCircle'
import type { ReactNode } from 'react'

export type NoticeKind = 'info' | 'success' | 'warning' | 'error'

/** Something to know, where it matters. `urgent`: it is read out at once. */
export function Notice({
  kind,
  heading,
  urgent = false,
  action,
  children,
}: {
  readonly kind: NoticeKind
  readonly heading?: string
  readonly urgent?: boolean
  readonly action?: ReactNode
  readonly children?: ReactNode
}) {
  const Icon = ICONS[kind]
  return (
    <div className={`notice notice-${kind}`} {...(urgent && { role: 'alert' })}>
      <Icon className="notice-icon" size={20} weight="fill" aria-hidden="true" />
      <div className="notice-text">
        {heading !== undefined && <p className="notice-heading">{heading}</p>}
        {children}
      </div>
      {action !== undefined && <div className="notice-action">{action}</div>}
    </div>
  )
}

const ICONS = {
  info: InfoIcon,
  success: CheckCircleIcon,
  warning: WarningIcon,
  error: WarningCircleIcon,
} as const
