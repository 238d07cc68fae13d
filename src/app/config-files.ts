import { createHash, createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { valueAt } from './config-diff.ts'
import type { ConfigFault } from './config-fault.ts'
import { type ConfigSchema, leaves } from './config-shape.ts'

/**
 * By key, a digest of the content of each certificate or key that is named. What cannot be read, or is none, is a fault:
 * a connection that works is not given up for it.
 */
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
      const content = readFileSync(file)
      if (isPem(content, path.endsWith('.key')))
        digests.set(path, createHash('sha256').update(content).digest('hex'))
      else
        faults.push({
          path,
          message: `${file} holds no ${path.endsWith('.key') ? 'key' : 'certificate'}.`,
          hint: 'It must be PEM, a key without a passphrase.',
        })
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

function isPem(content: Buffer, isKey: boolean): boolean {
  if (!content.includes('-----BEGIN ')) return false
  try {
    if (isKey) createPrivateKey(content)
    else new X509Certificate(content)
    return true
  } catch {
    return false
  }
}
