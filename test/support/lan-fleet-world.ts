import type { DeviceEntry, WorldFile } from '../../src/simulator/world-file.ts'
import { Secret } from '../../src/util/secret.ts'
import { canaryWorld } from './house.ts'

const versions = ['3.1', '3.2', '3.3', '3.4', '3.5'] as const

/** A house of so many lamps, all on the LAN, in all versions by turns; one remote control and one lamp of the cloud alone. */
export function lanFleetWorld(lamps: number): { readonly world: WorldFile; readonly ids: readonly string[] } {
  const base = canaryWorld()
  const [key = ''] = base.devices.map(({ localKey = '' }) => localKey.slice(0, 12))
  const home = base.homes[0]?.id ?? ''
  const ids = Array.from({ length: lamps }, (_, i) => `bffleet${String(i).padStart(4, '0')}`)
  const fleet = ids.map(
    (id, i): DeviceEntry => ({
      id,
      name: id,
      model: 'lamp_v2',
      home,
      localKey: `${key}${String(i).padStart(4, '0')}`,
      lan: { version: versions[i % versions.length] ?? '3.3' },
    }),
  )
  const remote: DeviceEntry = {
    id: 'bfremote',
    name: 'Remote',
    model: 'ir',
    home,
    localKey: `${key}9990`,
    lan: { version: '3.3' },
  }
  const far: DeviceEntry = {
    id: 'bfcloudlamp',
    name: 'Far lamp',
    model: 'lamp_v2',
    home,
    localKey: `${key}9991`,
  }
  return { world: { ...base, devices: [...fleet, remote, far] }, ids }
}

/** Those of its devices as a configuration without any account names them. */
export function configuredFleet({ devices }: WorldFile, ids: readonly string[]): object[] {
  return devices
    .filter(({ id }) => ids.includes(id))
    .map(({ id, name, localKey = '', lan }) => ({
      id,
      name,
      localKey: new Secret(localKey),
      points: { 20: 'switch_led' },
      // In the clear nobody proves anything: those of 3.1 are vouched for by hand.
      ...(lan?.version === '3.1' ? { version: '3.1' as const } : {}),
    }))
}
