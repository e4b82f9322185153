/** What somebody was about to send when the session ended: theirs again after signing in. Never leaves this page. */
export interface Unsent<T> {
  keep(customerId: string, value: T): void
  /** Theirs, if the last that was kept is. */
  of(customerId: string): T | undefined
  forget(): void
}

export function createUnsent<T>(): Unsent<T> {
  let kept: { readonly customerId: string; readonly value: T } | undefined
  return {
    keep(customerId, value) {
      kept = { customerId, value }
    },
    of: (customerId) => (kept?.customerId === customerId ? kept.value : undefined),
    forget() {
      kept = undefined
    },
  }
}
