import type { QueueMessage } from '../../src/domain/message.ts'

/** A message in the words of the golden values, which know five kinds; the others are what they call unknown. */
export function normalForm(message: QueueMessage): object {
  const { timeMs } = message
  switch (message.kind) {
    case 'status': {
      const { deviceId: devId, productId, dataId, points } = message
      return { kind: 'status', devId, productId, dataId, dps: points }
    }
    case 'presence': {
      const { deviceId: devId, productId, online } = message
      return { kind: 'presence', devId, productId, online, timeMs }
    }
    case 'deviceRenamed': {
      const { deviceId: devId, productId, name } = message
      return { kind: 'deviceInfo', devId, productId, change: 'name', name, timeMs }
    }
    case 'externalAction': {
      const { automationId, homeId, payload } = message
      return { kind: 'externalAction', automationId, homeId, payload, timeMs }
    }
    default: {
      const devId = 'deviceId' in message ? message.deviceId : null
      return { kind: 'unknown', protocol: message.protocol, bizCode: message.bizCode, devId, timeMs }
    }
  }
}
