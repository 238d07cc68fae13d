import { demoWorld, type WorldFile } from '../src/simulator/world-file.ts'

const kinds = ['switch', 'plug', 'lamp_v2', 'thermostat', 'climate_sensor', 'contact', 'curtain', 'dimmer']
const perHome = 200

/** A world of so many devices, 200 a home at most, of eight kinds in turn. */
export function worldOf(devices: number, model?: string): WorldFile {
  const { project, users } = demoWorld()
  const owner = users[0]?.uid ?? ''
  const homes = Array.from({ length: Math.ceil(devices / perHome) }, (_, i) => ({
    id: String(4_000_000 + i),
    name: `Home ${i}`,
    owner,
    rooms: Array.from({ length: 10 }, (_room, r) => ({
      id: String(5_000_000 + i * 10 + r),
      name: `Room ${r}`,
    })),
  }))
  return {
    project,
    users,
    homes,
    devices: Array.from({ length: devices }, (_, i) => {
      const home = Math.floor(i / perHome)
      return {
        id: `bfbench${String(i).padStart(13, '0')}`,
        name: `Device ${i}`,
        model: model ?? (kinds[i % kinds.length] as string),
        home: String(4_000_000 + home),
        room: String(5_000_000 + home * 10 + (i % 10)),
      }
    }),
  }
}
