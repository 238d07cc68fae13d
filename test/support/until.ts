/**
 * Waits until the condition gives something; real time, for tests with real sockets. The usual patience is no claim
 * about the program: a machine may be busy with something else.
 */
export async function until<T>(
  condition: () => T | undefined | false | null | 0,
  withinMs = 20_000,
  what = 'the condition',
): Promise<T> {
  const end = performance.now() + withinMs
  for (;;) {
    const value = condition()
    if (value !== undefined && value !== false && value !== null && value !== 0) return value
    if (performance.now() > end) throw new Error(`${what} did not come true within ${withinMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
