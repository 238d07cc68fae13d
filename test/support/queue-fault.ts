import { QueueError } from '../../src/codec/queue/queue-error.ts'

/** What a call threw; anything but a QueueError, or nothing, fails the test. */
export function queueFault(call: () => unknown): QueueError {
  try {
    call()
  } catch (thrown) {
    if (thrown instanceof QueueError) return thrown
    throw thrown
  }
  throw new Error('nothing was thrown')
}
