import type { ReactNode } from 'react'

/** A short mark: a record's type, or what is done with it. */
export function Tag({
  tone = 'plain',
  children,
}: {
  readonly tone?: 'plain' | 'add' | 'change' | 'remove' | 'keep'
  readonly children: ReactNode
}) {
  return <span className={`tag tag-${tone}`}>{children}</span>
}
