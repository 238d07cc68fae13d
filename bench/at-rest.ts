import { Simulator } from '../src/simulator/simulator.ts'
import { processorSeconds, residentMiB, startBridge } from './child.ts'
import { type Figure, figure } from './statistics.ts'
import { worldOf } from './world.ts'

/** A house of 200 devices at rest: how much memory and how much of a processor the program takes. */
export async function atRest(directory: string, seconds: number): Promise<Figure[]> {
  await using simulator = new Simulator({ world: worldOf(200), alive: false })
  const { child } = await startBridge(await simulator.start(), {}, directory)
  await using bridge = child
  // Specifications and the first publishes are still under way.
  await new Promise((resolve) => setTimeout(resolve, Math.min(20_000, seconds * 1_000)))
  const before = processorSeconds(bridge.pid)
  const startedAt = performance.now()
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000))
  const share = ((processorSeconds(bridge.pid) - before) / ((performance.now() - startedAt) / 1_000)) * 100
  const memory = residentMiB(bridge.pid)
  return [
    figure('resident memory with 200 devices', `${memory.toFixed(0)} MiB`, '<= 160 MiB', memory <= 160),
    figure('processor at rest with 200 devices', `${share.toFixed(2)} % of a core`, '< 1 %', share < 1),
  ]
}
