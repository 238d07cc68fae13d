import type { LanDeviceAddress } from '../src/simulator/lan/lan.ts'
import { tcpDial } from '../src/transport/lan/dial.ts'
import { LanFleet } from '../src/transport/lan/fleet.ts'
import { systemClock } from '../src/util/clock.ts'
import { systemRandom } from '../src/util/random.ts'
import { knownDevice } from './lan-world.ts'

/** What the bench asks of this process, one thing at a time. */
export type FleetRequest =
  | { readonly kind: 'connect'; readonly devices: readonly LanDeviceAddress[] }
  | { readonly kind: 'storm'; readonly windows: number; readonly windowMs: number }
  | { readonly kind: 'heap' }

export interface Connected {
  readonly ms: number
  /** The most connections that were being made at a time. */
  readonly most: number
}

/** Milliseconds of single sets, without and with the storm; and how much of it there was. */
export interface Stormed {
  readonly normal: readonly number[]
  readonly storm: readonly number[]
  readonly stormed: number
}

const probeEveryMs = 5
const stormEveryMs = 1
const perStormTick = 5

let most = 0
const fleet: LanFleet = new LanFleet({
  clock: systemClock,
  random: systemRandom,
  dial: (...args) => {
    most = Math.max(most, fleet.counts.opening)
    return tcpDial(...args)
  },
})
fleet.start()
let ids: readonly string[] = []
const { signal } = new AbortController()

process.on('message', async (request: FleetRequest) => {
  if (request.kind === 'connect') process.send?.(await connect(request.devices))
  else if (request.kind === 'storm') process.send?.(await storm(request.windows, request.windowMs))
  else process.send?.(heapBytes())
})
process.send?.('ready')

async function connect(devices: readonly LanDeviceAddress[]): Promise<Connected> {
  ids = devices.map(({ id }) => id)
  const startedAt = performance.now()
  fleet.replace(devices.map(knownDevice))
  while (!ids.every((id) => fleet.health(id).state === 'up'))
    await new Promise((resolve) => setTimeout(resolve, 20))
  return { ms: performance.now() - startedAt, most }
}

function heapBytes(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

/** Windows with and without it in turn, so that whatever else the machine does is in both. */
async function storm(windows: number, windowMs: number): Promise<Stormed> {
  const times: { normal: number[]; storm: number[] } = { normal: [], storm: [] }
  let stormed = 0
  for (let window = 0; window < windows * 2; window++) {
    const rages = window % 2 === 1
    const storming = rages
      ? setInterval(() => {
          for (let i = 0; i < perStormTick; i++) set(0, stormed++ % 2 === 0).catch(() => {})
        }, stormEveryMs)
      : undefined
    times[rages ? 'storm' : 'normal'].push(...(await probe(windowMs)))
    clearInterval(storming)
    // What waits of it is nobody's.
    await new Promise((resolve) => setTimeout(resolve, 3_500))
  }
  return { ...times, stormed }
}

/** One of the others at a time, at a steady rate. */
async function probe(ms: number): Promise<number[]> {
  const times: Promise<number>[] = []
  const end = performance.now() + ms
  for (let i = 0; performance.now() < end; i++) {
    const startedAt = performance.now()
    const took = set(1 + (i % (ids.length - 1)), Math.floor(i / (ids.length - 1)) % 2 === 0)
    times.push(took.then(() => performance.now() - startedAt))
    await new Promise((resolve) => setTimeout(resolve, probeEveryMs))
  }
  return Promise.all(times)
}

function set(index: number, value: boolean): Promise<unknown> {
  return fleet.set(ids[index] ?? '', { '1': value }, { signal })
}
