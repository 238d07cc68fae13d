import { defineConfig } from 'vitest/config'

/** Forty bridges that die, under a thousand events a second: about two minutes, with mosquitto where it is installed. */
export default defineConfig({
  test: {
    include: ['test/fault/queue-kill.test.ts'],
    globalSetup: ['test/support/build.ts'],
    setupFiles: ['test/support/offline.ts'],
    testTimeout: 1_800_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // What it prints is read by people who wait for it.
    disableConsoleIntercept: true,
  },
})
