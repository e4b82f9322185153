import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** The pages, served below /dashboard/. Nothing is inlined: the page's policy forbids data URLs, too. */
export default defineConfig({
  root: 'web',
  base: '/dashboard/',
  plugins: [react()],
  experimental: {
    // The server writes into the page where it is; scripts and styles find each other from where they are.
    renderBuiltUrl: (_name, { hostType }) => (hostType === 'html' ? undefined : { relative: true }),
  },
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    target: 'es2023',
    // light-dark(), as browsers have had it since 2024; lowered, the kit's dark colours were lost.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    reportCompressedSize: true,
  },
})
