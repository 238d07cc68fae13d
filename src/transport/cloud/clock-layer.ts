import { CloudError, type Layer } from './layer.ts'
import { clockSuspects, type ServerClock } from './server-clock.ts'

/** R-C3: when the cloud refuses our time and its answer moved the offset, the call goes out once more. */
export function clockLayer(serverClock: ServerClock): Layer {
  return (next) => async (request) => {
    const before = serverClock.generation
    try {
      return await next(request)
    } catch (thrown) {
      const suspected = thrown instanceof CloudError && thrown.tuya && clockSuspects.has(thrown.tuya.code)
      if (!suspected || serverClock.generation === before) throw thrown
      return next(request)
    }
  }
}
