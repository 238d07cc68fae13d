import { demoWorld, type WorldFile } from '../../src/simulator/world-file.ts'
import { canaryWorld } from './house.ts'
import { demo } from './simulator-desk.ts'

/** A lamp and a plug, for tests that are not about how much is said again after a reconnect. */
export function smallWorld(): WorldFile {
  const { devices, ...world } = demoWorld()
  return canaryWorld({
    ...world,
    homes: world.homes.map((home) => ({ ...home, scenes: [], automations: [] })),
    devices: devices.filter(({ id }) => id === demo.lamp || id === demo.plug),
  })
}
