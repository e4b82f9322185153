import { useQuery } from '@tanstack/react-query'
import { useEffect, useEffectEvent, useState } from 'react'
import { type Answer, type Edited, type Fault, type Operation, orThrow } from './api.ts'
import { useWait } from './fault.tsx'
import { useDesk } from './session.tsx'

export interface Editing<T> {
  readonly phase: 'idle' | 'sending' | 'checking'
  /** Why it was not done. */
  readonly fault: Fault | undefined
  /** Until it may be tried again. */
  readonly seconds: number
  /** While it is being checked. */
  readonly operationId: string | undefined
  readonly send: (answer: Promise<Answer<Edited<T>>>) => Promise<void>
}

/**
 * Sends one change and follows it until it is known what became of it. `onDone` has no value for what was checked, and no
 * `historyId` for what changed nothing.
 */
export function useEditing<T>(
  onDone: (value: T | undefined, historyId: string | undefined) => void,
): Editing<T> {
  const [isSending, setSending] = useState(false)
  const [operationId, setOperationId] = useState<string>()
  const [fault, setFault] = useState<Fault>()
  const { seconds, restart } = useWait()

  useOperation(operationId, (operation) => {
    setOperationId(undefined)
    if (operation.status === 'done') return onDone(undefined, operation.id)
    setFault({ status: 409, code: 'CONFLICT', message: operation.error ?? '' })
  })

  const send = async (answer: Promise<Answer<Edited<T>>>) => {
    setSending(true)
    setFault(undefined)
    const result = await answer
    setSending(false)
    if (!result.ok) {
      setFault(result.fault)
      restart(result.fault)
    } else if (result.value.status === 'checking') setOperationId(result.value.operation.id)
    else onDone(result.value.value, result.value.historyId)
  }
  const phase = isSending ? 'sending' : operationId === undefined ? 'idle' : 'checking'
  return { phase, fault, seconds, operationId, send }
}

/** Asks what became of a change until it is known, then says so once. */
export function useOperation(id: string | undefined, onEnd: (operation: Operation) => void): void {
  const { api } = useDesk()
  const { data } = useQuery({
    queryKey: ['operation', id],
    queryFn: () => orThrow(api.operation(id!)),
    enabled: id !== undefined,
    refetchInterval: ({ state }) =>
      state.data === undefined || state.data.status === 'checking' ? POLL_MS : false,
  })
  const ended = useEffectEvent(onEnd)
  useEffect(() => {
    if (data !== undefined && data.id === id && data.status !== 'checking') ended(data)
  }, [data, id])
}

const POLL_MS = 2_000
