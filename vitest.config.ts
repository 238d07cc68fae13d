import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    globalSetup: ['test/support/build.ts'],
    setupFiles: ['test/support/offline.ts'],
    // How long something may take is said where that matters; this is for machines that are busy otherwise.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // Many tests wait for sockets and clocks rather than for a processor.
    maxWorkers: 3,
    projects: [
      {
        extends: true,
        test: {
          name: 'whole',
          include: ['test/{attack,e2e}/**/*.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          // What breaks and must not harm takes minutes: `npm run test:fault`.
          name: 'fault',
          include: ['test/fault/**/*.test.ts'],
          // Two minutes of its own: `npm run test:kill`.
          exclude: ['test/fault/queue-kill.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'parts',
          include: ['test/**/*.test.ts'],
          exclude: ['test/{attack,container,e2e,fault}/**'],
          // They leave nothing behind, so a process takes one file after the other: half the time went into starting it.
          isolate: false,
        },
      },
    ],
  },
})
