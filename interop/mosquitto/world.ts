import { demoWorld, type WorldFile } from '../../src/simulator/world-file.ts'
import type { Rig } from './rig.ts'

const models = ['plug', 'lamp_v2', 'switch', 'climate_sensor', 'thermostat'] as const

/** A world of so many devices, as the demo's project and two homes would have them. */
export function largeWorld(devices: number, base: WorldFile = demoWorld()): WorldFile {
  const homes = base.homes.slice(0, 2)
  return {
    ...base,
    homes,
    devices: Array.from({ length: devices }, (_, i) => {
      const home = homes[i % homes.length]
      const number = String(i).padStart(4, '0')
      return {
        id: `bf${number}c5d6e7f8091a2b3c4d`.slice(0, 22),
        name: `Device ${number}`,
        model: models[i % models.length] as string,
        home: home?.id ?? '',
        ...(home?.rooms[0] ? { room: home.rooms[0].id } : {}),
      }
    }),
  }
}

/** Devices that report so often a second, until disposed: the traffic of a busy house. */
export function busy(rig: Rig, perSecond: number): Disposable {
  const plugs = [...rig.simulator.world.devices.values()].filter(({ model }) => model.category === 'cz')
  const everyMs = 20
  let count = 0
  const timer = setInterval(() => {
    for (let i = 0; i < (perSecond * everyMs) / 1_000; i++) {
      const plug = plugs[count % plugs.length]
      if (plug) rig.simulator.world.report(plug.id, { cur_power: 400 + (count++ % 200) })
    }
  }, everyMs)
  return { [Symbol.dispose]: () => clearInterval(timer) }
}
