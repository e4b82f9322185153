import { lazy, Suspense, useEffect } from 'react'
import { Redirect, Route, Router, Switch, useLocation, useSearch } from 'wouter'
import { Boundary } from './boundary.tsx'
import { FaultPage } from './fault.tsx'
import { LoginPage } from './pages/login.tsx'
import { NotFoundPage } from './pages/not-found.tsx'
import { BASE, paths, signInFor } from './paths.ts'
import { useDesk } from './session.tsx'
import { Shell } from './shell.tsx'
import { fromTheTop } from './top.ts'
import { Skeleton } from './ui/waiting.tsx'
import { words } from './words.ts'

const DomainsPage = lazy(() => import('./pages/domains.tsx'))
const ConfirmPage = lazy(() => import('./pages/confirm.tsx'))
const HistoryPage = lazy(() => import('./history/history-page.tsx'))
const AccountPage = lazy(() => import('./account/account-page.tsx'))
const HealthPage = lazy(() => import('./health/health-page.tsx'))
const FixPage = lazy(() => import('./health/fix-page.tsx'))
const ZoneFilePage = lazy(() => import('./zone-file/zone-file-page.tsx'))
const ImportReviewPage = lazy(() => import('./zone-file/import-review-page.tsx'))
const UndoPage = lazy(() => import('./history/undo-page.tsx'))
const LivePage = lazy(() => import('./live/live-page.tsx'))
const ArrivalPage = lazy(() => import('./pages/arrival.tsx'))

export function App() {
  return (
    <Router base={BASE}>
      <Shell>
        <Boundary>
          <Pages />
        </Boundary>
      </Shell>
    </Router>
  )
}

function Pages() {
  const { session, error, refresh } = useDesk()
  const [location] = useLocation()
  const search = useSearch()
  useFreshStart(location)

  if (session === undefined) {
    return error === null ? (
      <Skeleton title={words.product} label={words.shell.loading} lines={4} />
    ) : (
      <FaultPage title={words.product} error={error} onRetry={() => void refresh()} />
    )
  }
  if (session.customer === null && location !== paths.login) {
    return <Redirect replace to={signInFor(location, search)} />
  }
  return (
    <Suspense fallback={<Skeleton title={words.product} label={words.shell.loading} lines={4} />}>
      <Switch>
        <Route path={paths.login} component={LoginPage} />
        <Route path={paths.domains} component={DomainsPage} />
        <Route path={paths.confirm} component={ConfirmPage} />
        <Route path={paths.history} component={HistoryPage} />
        <Route path={paths.undo} component={UndoPage} />
        <Route path={paths.health} component={HealthPage} />
        <Route path={paths.fix} component={FixPage} />
        <Route path={paths.zoneFile} component={ZoneFilePage} />
        <Route path={paths.importReview} component={ImportReviewPage} />
        <Route path={paths.account} component={AccountPage} />
        <Route path={paths.live} component={LivePage} />
        <Route path={paths.arrival} component={ArrivalPage} />
        <Route path="/">
          <Redirect replace to={paths.domains} />
        </Route>
        <Route component={NotFoundPage} />
      </Switch>
    </Suspense>
  )
}

function useFreshStart(location: string): void {
  useEffect(() => {
    if (location === lastLocation) return
    const isFirst = lastLocation === undefined
    lastLocation = location
    if (!isFirst) fromTheTop()
  }, [location])
}

let lastLocation: string | undefined
