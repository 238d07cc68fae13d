import { lanVersions } from '../src/codec/lan/version.ts'
import { Simulator } from '../src/simulator/simulator.ts'
import { lanWorldOf } from './lan-world.ts'

/** So many simulated devices, at ports of one address, in a process of their own; tells where they are. */
const [devices = '', only] = process.argv.slice(2)
const versions = lanVersions.filter((version) => only === undefined || version === only)
const simulator = new Simulator({
  world: lanWorldOf(Number(devices), versions),
  alive: false,
  lan: { address: '127.0.0.1' },
})
const { lan } = await simulator.start()
process.send?.(lan)
