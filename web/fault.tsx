import { useEffect, useState } from 'react'
import { type Fault, FaultError } from './api.ts'
import { useRecovery } from './recovery.ts'
import { Button } from './ui/button.tsx'
import { Notice } from './ui/notice.tsx'
import { words } from './words.ts'

/** Seconds until something may be tried again, counting down; `restart` when it was refused. */
export function useWait(): { readonly seconds: number; readonly restart: (fault: Fault) => void } {
  const [until, setUntil] = useState(0)
  const [seconds, setSeconds] = useState(0)
  useEffect(() => {
    if (until === 0) return
    const tick = () => setSeconds(Math.max(0, Math.ceil((until - Date.now()) / 1000)))
    tick()
    const timer = setInterval(tick, 250)
    return () => clearInterval(timer)
  }, [until])
  return {
    seconds,
    restart: ({ retryAfter }) => setUntil(retryAfter === undefined ? 0 : Date.now() + retryAfter * 1000),
  }
}

/** What was refused, where it was asked for, and when it may be tried again. */
export function FaultText({ fault, seconds }: { readonly fault: Fault; readonly seconds: number }) {
  return (
    <Notice kind={fault.status === 429 ? 'warning' : 'error'} urgent>
      <p>{withoutWait(fault)}</p>
      {fault.retryAfter !== undefined && (
        // The sentence was read out once; the seconds are for the eye.
        <p aria-live="off">{seconds > 0 ? words.faults.wait(seconds) : words.faults.ready}</p>
      )}
    </Notice>
  )
}

/** Where we count, the number that the server said would stand beside ours and grow old. */
function withoutWait({ message, retryAfter }: Fault): string {
  return retryAfter === undefined ? message : message.replace(/ *Try again in \d+ seconds?\.?$/, '')
}

/** A page that could not be loaded, with a way to try again. */
export function FaultPage({
  title,
  error,
  onRetry,
}: {
  readonly title: string
  readonly error: Error
  readonly onRetry: () => void
}) {
  const fault = error instanceof FaultError ? error.fault : undefined
  const recovers = useRecovery(fault, onRetry)
  const message = fault?.message ?? words.faults.broken
  return (
    <>
      <h1>{title}</h1>
      <Notice kind="error" urgent action={<Button onClick={onRetry}>{words.faults.tryAgain}</Button>}>
        <p>{message}</p>
        {recovers && <p>{words.faults.byItself}</p>}
      </Notice>
    </>
  )
}
