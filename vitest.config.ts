import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'emulator/**/*.test.ts', 'web/**/*.test.ts', 'tests/**/*.test.ts'],
    isolate: false,
    // Half of the tests wait for browsers, databases and other processes.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // What is awaited comes within moments, but for a busy machine.
    expect: { poll: { timeout: 15_000 } },
  },
})
