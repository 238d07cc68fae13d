import { Simulator } from '../src/simulator/simulator.ts'
import { worldOf } from './world.ts'

/** A simulated cloud and its queue in a process of their own, so that what they take is not taken from who is measured. */

const tickMs = 10

/** So many reports a second, by all devices but the last. */
export interface Order {
  readonly perSecond: number
  readonly seconds: number
}

export interface Done {
  readonly told: number
  /** By device, the last value. */
  readonly last: readonly (readonly [id: string, value: number])[]
}

const devices = Number(process.argv[2])
const simulator = new Simulator({ world: worldOf(devices, 'plug'), alive: false, queueHandOverMs: 0 })
const ids = [...simulator.world.devices.keys()]
let value = 0

async function report({ perSecond, seconds }: Order): Promise<Done> {
  const last = new Map<string, number>()
  const startedAt = performance.now()
  let told = 0
  for (let elapsed = 0; told < perSecond * seconds; elapsed = (performance.now() - startedAt) / 1_000) {
    for (const due = Math.min(elapsed, seconds) * perSecond; told < due; told++) {
      const id = ids[told % (devices - 1)] as string
      simulator.world.report(id, { countdown_1: ++value })
      last.set(id, value)
    }
    await new Promise((resolve) => setTimeout(resolve, tickMs))
  }
  return { told, last: [...last] }
}

process.on('message', (order: Order) => void report(order).then((done) => process.send?.(done)))
process.on('disconnect', () => process.exit())
process.send?.(await simulator.start())
