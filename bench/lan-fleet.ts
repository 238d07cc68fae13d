import type { LanDeviceAddress } from '../src/simulator/lan/lan.ts'
import { type Child, processorSeconds, residentMiB, startTelling } from './child.ts'
import type { Connected, FleetRequest, Stormed } from './lan-fleet-process.ts'
import { type Figure, figure, quantile } from './statistics.ts'

const windowMs = 1_500

/** So many simulated devices in one process, and our links to them in another: what that takes. */
export async function lanFleet(devices: number, idleSeconds: number, windows: number): Promise<Figure[]> {
  const { child: units, told } = await startTelling<LanDeviceAddress[]>('lan-units.ts', [String(devices)])
  await using _units = units
  const { child: fleet } = await startTelling('lan-fleet-process.ts', [], ['--expose-gc'])
  await using _fleet = fleet
  const heapBefore = await asked<number>(fleet, { kind: 'heap' })
  const before = residentMiB(fleet.pid)
  const { ms, most } = await asked<Connected>(fleet, { kind: 'connect', devices: told })
  const share = await idle(fleet, idleSeconds)
  const perDevice = ((residentMiB(fleet.pid) - before) * 1_024) / devices
  const heapPerDevice = ((await asked<number>(fleet, { kind: 'heap' })) - heapBefore) / 1_024 / devices
  const { normal, storm, stormed } = await asked<Stormed>(fleet, { kind: 'storm', windows, windowMs })
  const [usual, stormy] = [quantile(normal, 0.99), quantile(storm, 0.99)]
  const n = devices.toLocaleString('en')
  return [
    figure(`${n} LAN devices connected`, `after ${(ms / 1_000).toFixed(1)} s`, '<= 15 s', ms <= 15_000),
    figure('connections being made at a time', `${most} at most`, '<= 16', most <= 16),
    figure(
      'memory per LAN device',
      `${perDevice.toFixed(0)} KiB resident, ${heapPerDevice.toFixed(0)} KiB of it live heap`,
      '<= 150 KiB',
      perDevice <= 150,
    ),
    figure(
      `processor with ${n} LAN devices that say nothing`,
      `${share.toFixed(1)} % of a core`,
      '<= 5 %',
      share <= 5,
    ),
    figure(
      `set of other devices while one gets ${stormed.toLocaleString('en')} commands, p99`,
      `${stormy.toFixed(1)} ms against ${usual.toFixed(1)} ms without: ${(stormy / usual).toFixed(2)}`,
      '< 2',
      stormy / usual < 2,
    ),
  ]
}

async function idle({ pid }: Child, seconds: number): Promise<number> {
  const before = processorSeconds(pid)
  const startedAt = performance.now()
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000))
  return ((processorSeconds(pid) - before) / ((performance.now() - startedAt) / 1_000)) * 100
}

function asked<T>({ process }: Child, request: FleetRequest): Promise<T> {
  return new Promise((resolve) => {
    process.once('message', (answer) => resolve(answer as T))
    process.send(request)
  })
}
