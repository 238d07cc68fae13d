import { type LanVersion, lanVersions } from '../src/codec/lan/version.ts'
import type { LanDeviceAddress } from '../src/simulator/lan/lan.ts'
import type { WorldFile } from '../src/simulator/world-file.ts'
import type { LanDevice } from '../src/transport/lan/device.ts'
import { Secret } from '../src/util/secret.ts'
import { worldOf } from './world.ts'

/** The points of a device of these worlds: two switches and four settings. */
export const pointIds = [1, 2, 7, 8, 14, 15]

/** So many switches, each with a socket of its own; of all versions in turn. */
export function lanWorldOf(devices: number, versions: readonly LanVersion[] = lanVersions): WorldFile {
  const world = worldOf(devices, 'switch')
  return {
    ...world,
    devices: world.devices.map((device, i) => ({
      ...device,
      lan: { version: versions[i % versions.length] as LanVersion },
    })),
  }
}

/** What the application would know of such a device. */
export function knownDevice({ id, localKey, ip, port, version }: LanDeviceAddress): LanDevice {
  return {
    id,
    localKey: new Secret(localKey),
    address: { host: ip, port },
    version,
    children: new Map(),
    pointIds,
    refreshIds: [],
    sleeps: false,
  }
}
