import type { CloudSideParts } from './cloud-side.ts'
import type { Logger } from './log.ts'
import type { Metrics } from './metrics.ts'
import type { Voice } from './voice.ts'

/** Where calls of the cloud, and trouble with it, are told: the log, the metrics, and the broker once there is a voice. */
export function cloudTold(
  log: Logger,
  metrics: Metrics,
  voice: () => Voice | undefined,
): Required<Pick<CloudSideParts, 'onCall' | 'onError'>> {
  return {
    onCall: (operation, outcome, ms) => {
      metrics.cloudCall(operation, outcome, ms)
      log.debug({ operation, outcome, ms: Math.round(ms) }, 'call')
    },
    onError: (error, what) => {
      const message = `${what}: ${error.message}`
      log.warn({ code: error.code }, message)
      voice()?.trouble(error.code, message)
    },
  }
}
