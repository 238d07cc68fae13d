import { loadConfig } from '../../src/app/config.ts'
import type { Config } from '../../src/app/config-types.ts'

type Deep<T> = { readonly [K in keyof T]?: T[K] extends object | null ? Deep<T[K]> | T[K] : T[K] }

/** A complete configuration from the schema's defaults, with ports that are free and what the test wants changed. */
export function testConfig(changes: Deep<Config> = {}): Config {
  const { config } = loadConfig({ directory: '/nonexistent', env: {}, demo: true })
  const base = merge(config, {
    broker: { port: 0 },
    http: { port: 0 },
    poll: { minSeconds: 1 },
    // The region's own queue is somewhere on the internet.
    queue: { channel: 'off' },
    // Whatever is on the LAN of whoever runs the tests is none of ours.
    lan: { enabled: false },
  })
  return merge(base, changes) as unknown as Config
}

/** The same with some keys otherwise. */
export function changed(config: Config, changes: Deep<Config>): Config {
  return merge(config, changes) as Config
}

function merge(base: unknown, changes: unknown): unknown {
  if (!isPlain(base) || !isPlain(changes)) return changes === undefined ? base : changes
  const merged: Record<string, unknown> = { ...base }
  for (const [key, value] of Object.entries(changes)) merged[key] = merge(merged[key], value)
  return merged
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}
