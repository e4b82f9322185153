import { defineConfig } from 'rolldown'

// One file: the largest lever there is on start-up and memory (decisions/007).
export default defineConfig({
  input: { zonewright: 'src/cli/zonewright.ts' },
  platform: 'node',
  external: ['better-sqlite3'],
  output: { dir: 'dist', format: 'esm', codeSplitting: false, cleanDir: true },
  checks: { eval: false },
})
