import { useEffect, useEffectEvent, useSyncExternalStore } from 'react'
import type { Fault } from './api.ts'
import { useDesk } from './session.tsx'

/** Whether the browser believes that there is a network. */
export function useOnline(): boolean {
  return useSyncExternalStore(
    (changed) => {
      window.addEventListener('online', changed)
      window.addEventListener('offline', changed)
      return () => {
        window.removeEventListener('online', changed)
        window.removeEventListener('offline', changed)
      }
    },
    () => navigator.onLine,
  )
}

/**
 * Tries again by itself what failed because nobody answered, or somebody said that it was busy; resolves to whether it
 * will. It asks quietly whether the server is there first, so that the page does not blink.
 */
export function useRecovery(fault: Fault | undefined, onBack: () => void): boolean {
  const { api } = useDesk()
  const recovers = fault !== undefined && (fault.status === 0 || [502, 503, 504].includes(fault.status))
  const waitMs = (fault?.retryAfter ?? WAIT_SECONDS) * 1_000
  const look = useEffectEvent(async () => {
    const answer = await api.session()
    if (answer.ok) onBack()
  })
  useEffect(() => {
    if (!recovers) return
    const timer = setInterval(() => void look(), waitMs)
    const onOnline = () => void look()
    window.addEventListener('online', onOnline)
    return () => {
      clearInterval(timer)
      window.removeEventListener('online', onOnline)
    }
  }, [recovers, waitMs])
  return recovers
}

const WAIT_SECONDS = 5
