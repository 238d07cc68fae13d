import type { Config } from './config-types.ts'

/** Whether there is a queue to listen to, or why there is none. */
export function queueWanted({ tuya, queue }: Config): { readonly wanted: boolean; readonly why?: string } {
  if (!tuya || queue.channel === 'off') return { wanted: false }
  if (queue.channel === 'pulsar' && tuya.endpoint !== null && queue.url === null) {
    return {
      wanted: false,
      why: 'tuya.endpoint is set by hand and queue.url is not: there is no event queue, and state is polled.',
    }
  }
  return { wanted: true }
}
