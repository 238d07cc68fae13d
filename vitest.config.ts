import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/container/**'],
    globalSetup: ['test/support/build.ts'],
    setupFiles: ['test/support/offline.ts'],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    pool: 'forks',
    // Most tests wait for sockets and clocks rather than for a processor.
    maxWorkers: 3,
  },
})
