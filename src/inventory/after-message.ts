import type { QueueMessage } from '../domain/message.ts'
import type { Area } from './area.ts'

/** What of the house has to be known to tell what a message touches. */
export interface KnownDevices {
  readonly devices: { has(deviceId: string): boolean }
}

/** What has to be looked at because of what the platform's queue told; nothing for most messages. */
export function areasTold(message: QueueMessage, { devices }: KnownDevices): readonly Area[] {
  switch (message.kind) {
    case 'bound':
      return [registration(message.deviceId, { homeId: message.homeId, isComing: true })]
    case 'unbound':
      return devices.has(message.deviceId) ? [registration(message.deviceId, { toldGone: true })] : []
    case 'deviceChanged':
      // It may have changed hands, and then it is ours no more.
      return [registration(message.deviceId, { toldGone: true })]
    case 'deviceRenamed':
      return [registration(message.deviceId)]
    case 'pointRenamed':
      return devices.has(message.deviceId)
        ? [{ of: 'names', deviceId: message.deviceId }]
        : [registration(message.deviceId)]
    case 'status':
    case 'presence':
    case 'upgrade':
    case 'deviceEvent':
      return devices.has(message.deviceId) ? [] : [registration(message.deviceId, { isUnknown: true })]
    case 'home':
      return [ofHome(message)]
    case 'shared':
    case 'sceneRun':
    case 'externalAction':
    case 'ignored':
    case 'unknown':
      return []
  }
}

/** One device is looked at by itself. */
export function registration(
  deviceId: string,
  more: Partial<Extract<Area, { of: 'registration' }>> = {},
): Extract<Area, { of: 'registration' }> {
  return {
    of: 'registration',
    deviceId,
    homeId: null,
    toldGone: false,
    isComing: false,
    isUnknown: false,
    ...more,
  }
}

function ofHome({ homeId, change }: Extract<QueueMessage, { kind: 'home' }>): Area {
  switch (change) {
    case 'created':
    case 'updated':
      return { of: 'home', homeId, toldGone: false }
    case 'deleted':
      return { of: 'home', homeId, toldGone: true }
    case 'room_created':
    case 'room_renamed':
    case 'rooms_sorted':
      return { of: 'roomNames', homeId, toldGone: false }
    case 'room_deleted':
      return { of: 'roomNames', homeId, toldGone: true }
  }
}
