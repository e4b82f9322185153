import { XIcon } from '@phosphor-icons/react/dist/csr/X'
import { type ReactNode, useEffect, useRef } from 'react'
import { Link, useLocation } from 'wouter'
import { brand } from './brand.ts'
import { paths } from './paths.ts'
import { useOnline } from './recovery.ts'
import { useDesk } from './session.tsx'
import { Button } from './ui/button.tsx'
import { Notice } from './ui/notice.tsx'
import { words } from './words.ts'

/** What stands around every page: its head, and what is said to the reader. */
export function Shell({ children }: { readonly children: ReactNode }) {
  const { session } = useDesk()
  return (
    <>
      <a className="skip" href="#content">
        {words.shell.skip}
      </a>
      <header className="head">
        <div className="head-inner">
          <Link href={paths.domains} className="brand">
            {brand.logo !== undefined && <img className="brand-logo" src={brand.logo} alt="" />}
            {words.product}
          </Link>
          {session?.customer && <Account email={session.customer.email} />}
        </div>
        {session?.customer && <Navigation />}
      </header>
      <main id="content" className="content" tabIndex={-1}>
        <Offline />
        <Messages />
        {children}
      </main>
      {brand.support !== undefined && (
        <footer className="foot">
          <a className="text-link" href={brand.support} target="_top">
            {words.shell.support}
          </a>
        </footer>
      )}
    </>
  )
}

function Navigation() {
  const [location] = useLocation()
  const list = useRef<HTMLUListElement>(null)
  // On a phone not all of it fits; where one is, does.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the location that moves the mark
  useEffect(() => {
    const here = list.current?.querySelector<HTMLElement>('[aria-current]')
    if (list.current && here) {
      list.current.scrollLeft = here.offsetLeft - (list.current.clientWidth - here.offsetWidth) / 2
    }
  }, [location])
  return (
    <nav className="navigation" aria-label={words.shell.navigation}>
      <ul ref={list}>
        {PAGES.map(({ path, label }) => (
          <li key={path}>
            <Link href={path} {...(location.startsWith(path) && { 'aria-current': 'page' as const })}>
              {label}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  )
}

const PAGES = [
  { path: paths.domains, label: words.titles.domains },
  { path: paths.live, label: words.titles.live },
  { path: paths.history, label: words.titles.history },
  { path: paths.health, label: words.titles.health },
  { path: paths.zoneFile, label: words.titles.zoneFile },
  { path: paths.account, label: words.titles.account },
] as const

function Offline() {
  const isOnline = useOnline()
  return (
    <div role="status">
      {!isOnline && (
        <Notice kind="warning">
          <p>{words.faults.offline}</p>
        </Notice>
      )}
    </div>
  )
}

function Account({ email }: { readonly email: string }) {
  const { api, refresh, say } = useDesk()
  const signOut = async () => {
    const answer = await api.signOut()
    if (!answer.ok && answer.fault.status !== 401) return say('error', answer.fault.message)
    await refresh()
  }
  return (
    <div className="account">
      <span className="account-email" title={words.shell.account(email)}>
        {email}
      </span>
      <Button look="quiet" onClick={() => void signOut()}>
        {words.shell.signOut}
      </Button>
    </div>
  )
}

function Messages() {
  const { messages, dismiss } = useDesk()
  return (
    <section className="messages" aria-label={words.shell.messages} aria-live="polite">
      {messages.map(({ id, kind, text, way }) => (
        <Notice
          key={id}
          kind={kind}
          action={
            <button
              type="button"
              className="dismiss"
              aria-label={words.shell.dismiss}
              onClick={() => dismiss(id)}
            >
              <XIcon size={16} aria-hidden="true" />
            </button>
          }
        >
          <p>
            <span>{text}</span>{' '}
            {way !== undefined && (
              <Link href={way.path} className="text-link" onClick={() => dismiss(id)}>
                {way.label}
              </Link>
            )}
          </p>
        </Notice>
      ))}
    </section>
  )
}
