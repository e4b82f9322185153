import { useQuery, useQueryClient } from '@tanstack/react-query'
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useLayoutEffect,
  useMemo,
  useState,
} from 'react'
import type { Features, SessionAnswer, SessionCustomer } from '#faces/dashboard/api.ts'
import { type Api, orThrow } from './api.ts'
import type { NoticeKind } from './ui/notice.tsx'

/** What every page stands on: the server, who is signed in, and what was said to them. */
export interface Desk {
  readonly api: Api
  /** undefined until it is known. */
  readonly session: SessionAnswer | undefined
  readonly error: Error | null
  /** Asks again who is signed in, and takes in what the server has to say. */
  readonly refresh: () => Promise<void>
  readonly messages: readonly Message[]
  /** Takes the place of what was done before; what went wrong stays until it is dismissed. */
  readonly say: (kind: NoticeKind, text: string, way?: Way) => void
  readonly dismiss: (id: number) => void
}

export interface Message {
  readonly id: number
  readonly kind: NoticeKind
  readonly text: string
  readonly way?: Way | undefined
}

/** Where something can be done about it. */
export interface Way {
  readonly label: string
  readonly path: string
}

export function DeskProvider({ api, children }: { readonly api: Api; readonly children: ReactNode }) {
  const queries = useQueryClient()
  const [messages, setMessages] = useState<readonly Message[]>([])
  const { data: session, error } = useQuery({ queryKey: ['session'], queryFn: () => orThrow(api.session()) })

  const add = useCallback((fresh: readonly Omit<Message, 'id'>[]) => {
    const isOver = (one: Message) => one.kind !== 'error' || fresh.some(({ text }) => text === one.text)
    const numbered = fresh.map((one) => ({ id: nextId(), ...one }))
    setMessages((before) => [...before.filter((one) => !isOver(one)), ...numbered].slice(-MOST))
  }, [])
  const say = useCallback((kind: NoticeKind, text: string, way?: Way) => add([{ kind, text, way }]), [add])
  const dismiss = useCallback((id: number) => {
    setMessages((before) => before.filter((one) => one.id !== id))
  }, [])
  const refresh = useCallback(() => queries.invalidateQueries({ queryKey: ['session'] }), [queries])

  useEffect(() => {
    const flash = session?.flash ?? []
    if (flash.length > 0) add(flash.map(({ kind, message }) => ({ kind, text: message })))
  }, [session, add])
  const customerId = session?.customer?.id
  useLayoutEffect(() => {
    // What was said and shown to one is not for the next, also where the session ended by itself.
    return () => {
      if (customerId === undefined) return
      setMessages([])
      void queries.resetQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' })
    }
  }, [customerId, queries])

  const desk = useMemo(
    () => ({ api, session, error, refresh, messages, say, dismiss }),
    [api, session, error, refresh, messages, say, dismiss],
  )
  return <DeskContext.Provider value={desk}>{children}</DeskContext.Provider>
}

export function useDesk(): Desk {
  const desk = useContext(DeskContext)
  if (desk === undefined) throw new Error('a page outside of DeskProvider')
  return desk
}

/** For pages that only somebody who is signed in gets to see. */
export function useCustomer(): { readonly customer: SessionCustomer; readonly features: Features } {
  const { session } = useDesk()
  if (session === undefined || session.customer === null) throw new Error('a page without a customer')
  return { customer: session.customer, features: session.features }
}

const DeskContext = createContext<Desk | undefined>(undefined)

const MOST = 3

let lastId = 0
function nextId(): number {
  lastId += 1
  return lastId
}
