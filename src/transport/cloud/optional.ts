import { isAbort } from '../../util/error.ts'
import { CloudError } from './layer.ts'

/** What a project may not read, or a device does not have, is left out; trouble on the way is not. */
export async function optional<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call
  } catch (thrown) {
    if (isAbort(thrown) || !(thrown instanceof CloudError)) throw thrown
    const missing = ['permission', 'unsupported', 'gone', 'request', 'refused'].includes(thrown.kind)
    // A pause after an earlier refusal is the same answer; any other block is trouble on the way.
    if (missing || (thrown.kind === 'blocked' && thrown.code === 'cloud/permission')) return undefined
    throw thrown
  }
}
