import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')

/** Collects garbage, now. */
export const collect = runInNewContext('gc') as () => void

/** What is held after everything that nobody holds is gone. A turn of the loop lets go what it held by itself. */
export async function heldBytes(): Promise<number> {
  await new Promise((resolve) => setImmediate(resolve))
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
