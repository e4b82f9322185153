import {
  DialogDescription,
  DialogRoot,
  DialogTitle,
  Dialog as KumoDialog,
} from '@cloudflare/kumo/components/dialog'
import { type ReactNode, useEffect, useEffectEvent } from 'react'

export interface DialogProps {
  readonly title: string
  readonly description?: string
  readonly children: ReactNode
  /** Escape, or a press beside it. */
  readonly onClose: () => void
  /** A question that wants an answer: a press beside it does not close it. */
  readonly isQuestion?: boolean
}

/** Open for as long as it is rendered. Keeps the focus inside, and gives it back. The browser's way back closes it. */
export function Dialog({ title, description, children, onClose, isQuestion = false }: DialogProps) {
  useWayBack(onClose)
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

/**
 * Resolves once the browser has gone back from a window that is about to close, and has put the page where it stood
 * before: until then it may still scroll it.
 */
export function goneBack(): Promise<void> {
  return new Promise((resolve) => {
    window.addEventListener('popstate', () => requestAnimationFrame(() => resolve()), { once: true })
  })
}

/** A window is a step of its own in the browser's history, so that the way back leaves the page behind it alone. */
function useWayBack(onClose: () => void): void {
  const close = useEffectEvent(onClose)
  useEffect(() => {
    const step = () => window.history.pushState({ window: true }, '')
    const onBack = () => {
      // It may stay open, with a question.
      step()
      close()
    }
    step()
    window.addEventListener('popstate', onBack)
    return () => {
      window.removeEventListener('popstate', onBack)
      // Not where the page behind it has been left as well.
      if (window.history.state?.window === true) window.history.back()
    }
  }, [])
}
