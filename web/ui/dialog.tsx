import {
  DialogDescription,
  DialogRoot,
  DialogTitle,
  Dialog as KumoDialog,
} from '@cloudflare/kumo/components/dialog'
import type { ReactNode } from 'react'

export interface DialogProps {
  readonly title: string
  readonly description?: string
  readonly children: ReactNode
  /** Escape, or a press beside it. */
  readonly onClose: () => void
  /** A question that wants an answer: a press beside it does not close it. */
  readonly isQuestion?: boolean
}

/** Open for as long as it is rendered. Keeps the focus inside, and gives it back. */
export function Dialog({ title, description, children, onClose, isQuestion = false }: DialogProps) {
  return (
    <DialogRoot
      open
      role={isQuestion ? 'alertdialog' : 'dialog'}
      onOpenChange={(open: boolean) => {
        if (!open) onClose()
      }}
    >
      <KumoDialog className="dialog" size="lg">
        <DialogTitle className="dialog-title">{title}</DialogTitle>
        {description !== undefined && (
          <DialogDescription className="dialog-description">{description}</DialogDescription>
        )}
        {children}
      </KumoDialog>
    </DialogRoot>
  )
}
