import { Component, type ReactNode } from 'react'
import { Button } from './ui/button.tsx'
import { Notice } from './ui/notice.tsx'
import { words } from './words.ts'

/** Says so, where a page would otherwise be empty: a mistake of ours, or a part of it that could not be loaded. */
export class Boundary extends Component<{ readonly children: ReactNode }, { readonly isBroken: boolean }> {
  override state = { isBroken: false }

  static getDerivedStateFromError(): { isBroken: boolean } {
    return { isBroken: true }
  }

  override render(): ReactNode {
    if (!this.state.isBroken) return this.props.children
    const reload = <Button onClick={() => window.location.reload()}>{words.faults.reload}</Button>
    return (
      <Notice kind="error" urgent action={reload}>
        <p>{words.faults.crashed}</p>
      </Notice>
    )
  }
}
