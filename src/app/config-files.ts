import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { valueAt } from './config-diff.ts'
import type { ConfigFault } from './config-fault.ts'
import { type ConfigSchema, leaves } from './config-shape.ts'

/** By key, a digest of the content of each file that is named; what cannot be read is a fault. */
export function readNamedFiles(
  tree: unknown,
  schema: ConfigSchema,
  faults: ConfigFault[],
): ReadonlyMap<string, string> {
  const digests = new Map<string, string>()
  for (const { path, schema: leaf } of leaves(schema)) {
    const file = leaf['x-file'] ? valueAt(tree, path) : undefined
    if (typeof file !== 'string') continue
    try {
      digests.set(path, createHash('sha256').update(readFileSync(file)).digest('hex'))
    } catch (thrown) {
      const { code } = thrown as NodeJS.ErrnoException
      faults.push({
        path,
        message: `${file} cannot be read (${code}).`,
        hint: 'Check the path and its rights.',
      })
    }
  }
  return digests
}
