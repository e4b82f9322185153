import { useEffect, useState } from 'react'
import { words } from './words.ts'

/** `2 min ago`. */
export function ago(at: number, now: number): string {
  const minutes = Math.floor((now - at) / 60_000)
  if (minutes < 1) return words.ago.now
  if (minutes < 60) return words.ago.minutes(minutes)
  const hours = Math.floor(minutes / 60)
  return hours < 24 ? words.ago.hours(hours) : words.ago.days(Math.floor(hours / 24))
}

/** A moment in the reader's own time zone. */
export function exactly(at: number): string {
  return new Date(at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' })
}

/** A moment ahead: the time of day, and the day where it is another. */
export function untilWhen(at: number, now: number): string {
  const [then, today] = [new Date(at), new Date(now)]
  const isToday = then.toDateString() === today.toDateString()
  return isToday
    ? then.toLocaleTimeString(undefined, { timeStyle: 'short' })
    : then.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })
}

/** The time (ms), every half minute. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000)
    return () => clearInterval(timer)
  }, [])
  return now
}
