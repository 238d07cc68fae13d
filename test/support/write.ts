import type { Write } from '../../src/domain/command.ts'
import type { Json } from '../../src/domain/data-point.ts'

/** A write of these values, shown and raw alike. */
export function writeOf(values: Readonly<Record<string, Json>>, changes: Partial<Write> = {}): Write {
  const points = Object.entries(values).map(([code, value]) => ({ code, raw: value, shown: value }))
  return { deviceId: 'bf1', points, once: false, path: 'auto', ttlMs: 10_000, ...changes }
}
