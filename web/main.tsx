import '@cloudflare/kumo/styles/standalone'
import './ui/theme.css'
import './ui/layout.css'
import './ui/records.css'
import './ui/review.css'
import './ui/history.css'
import './ui/live.css'
import './ui/zone-file.css'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { createRoot } from 'react-dom/client'
import { createApi, FaultError } from './api.ts'
import { App } from './app.tsx'
import { DeskProvider } from './session.tsx'
import { followColorScheme } from './ui/dark.ts'
import { words } from './words.ts'

followColorScheme()

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // What the server said it will say again; only a lost answer is asked for twice.
      retry: (count, error) => count < 1 && error instanceof FaultError && error.fault.status === 0,
      networkMode: 'always',
      staleTime: 30_000,
      refetchOnWindowFocus: false,
    },
  },
})

const api = createApi(
  globalThis.fetch.bind(globalThis),
  (kind) => words.faults[kind],
  () => void queries.invalidateQueries({ queryKey: ['session'] }),
)

createRoot(document.getElementById('app')!).render(
  <QueryClientProvider client={queries}>
    <DeskProvider api={api}>
      <App />
    </DeskProvider>
  </QueryClientProvider>,
)
