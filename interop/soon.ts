import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Asks again until it holds; the last complaint is the one that counts. An `assert.ok` in it says why it failed: without
 * a sentence of its own, Node 20 reads the program for one, which takes minutes.
 */
export async function soon(check: () => Promise<void>, withinMs = 30_000): Promise<void> {
  const end = performance.now() + withinMs
  for (;;) {
    try {
      return await check()
    } catch (thrown) {
      if (performance.now() > end) throw thrown
      await sleep(200)
    }
  }
}
