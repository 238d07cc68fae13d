import type { Device } from '../../src/domain/device.ts'
import type { Home, Room } from '../../src/domain/home.ts'
import type { Report, Source } from '../../src/domain/report.ts'

export function deviceOf(id: string, changes: Partial<Device> = {}): Device {
  return {
    id,
    name: `Device ${id}`,
    category: 'dj',
    product: { id: 'p1', name: 'Lamp' },
    homeId: 'h1',
    roomId: null,
    gatewayId: null,
    sub: false,
    online: true,
    icon: null,
    timeZone: null,
    createdMs: null,
    updatedMs: null,
    ownerUid: null,
    ...changes,
  }
}

export function homeOf(id: string, changes: Partial<Home> = {}): Home {
  return { id, name: `Home ${id}`, ...changes }
}

export function roomOf(id: string, changes: Partial<Room> = {}): Room {
  return { id, name: `Room ${id}`, homeId: 'h1', ...changes }
}

/** A report of these raw values, all of one time. */
export function reportOf(
  deviceId: string,
  values: Readonly<Record<string, unknown>>,
  timeMs: number,
  changes: { readonly source?: Source; readonly receivedMs?: number } = {},
): Report {
  const points = Object.entries(values).map(([code, raw]) => ({ code, raw, timeMs }))
  return { deviceId, source: 'poll', receivedMs: timeMs, points, ...changes }
}
