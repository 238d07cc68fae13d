import { defineConfig } from 'vitest/config'

/** Needs a Docker engine (DOCKER_HOST); where none answers, every test is skipped with the reason. */
export default defineConfig({
  test: {
    include: ['test/container/**/*.test.ts'],
    globalSetup: ['test/container/engine.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // They wait for containers rather than for a processor.
    maxWorkers: 3,
  },
})
