import { expect } from 'vitest'
import type { LanDevice, LanValues } from '../../src/transport/lan/device.ts'
import { LanFleet } from '../../src/transport/lan/fleet.ts'
import { seededRandom } from '../../src/util/random.ts'
import { Secret } from '../../src/util/secret.ts'
import { type FakeDeviceOptions, FakeLanDevice } from './lan-device.ts'
import { LanNet } from './lan-net.ts'
import { VirtualClock } from './virtual-clock.ts'

/** A fleet, devices in memory, and what was told, in time that stands still. */
export class LanBench implements AsyncDisposable {
  readonly clock = new VirtualClock()
  readonly net = new LanNet(() => this.clock.monotonic())
  readonly fleet: LanFleet
  readonly values: LanValues[] = []
  /** `id state reason`, as it changed. */
  readonly healths: string[] = []
  readonly keysWanted: { readonly deviceId: string; readonly at: number }[] = []
  readonly unknown: { readonly gatewayId: string; readonly cid: string }[] = []
  readonly notes: { readonly kind: string; readonly facts: Readonly<Record<string, unknown>> }[] = []
  readonly defects: unknown[] = []

  constructor(seed = 5) {
    this.fleet = new LanFleet({
      clock: this.clock,
      random: seededRandom(seed),
      dial: this.net.dial,
      note: (kind, facts) => this.notes.push({ kind, facts }),
      onDefect: (thrown) => this.defects.push(thrown),
    })
    const { events } = this.fleet
    events.on('values', (values) => this.values.push(values))
    events.on('health', ({ deviceId }) => this.healths.push(`${deviceId} ${this.state(deviceId)}`))
    events.on('keyWanted', ({ deviceId }) => this.keysWanted.push({ deviceId, at: this.clock.monotonic() }))
    events.on('unknownChild', (child) => this.unknown.push(child))
  }

  device(options: FakeDeviceOptions = {}): FakeLanDevice {
    return new FakeLanDevice(this.net, options)
  }

  /** Starts with these devices, and they are all up. */
  async up(...devices: readonly LanDevice[]): Promise<this> {
    await this.start(...devices)
    await this.until(() => devices.every(({ id }) => this.fleet.health(id).state === 'up'), 60_000, 'all up')
    return this
  }

  async start(...devices: readonly LanDevice[]): Promise<this> {
    this.fleet.replace(devices)
    this.fleet.start()
    await this.clock.advance(0)
    return this
  }

  /** `id state reason` of those behind gateways, each change once. */
  get children(): readonly string[] {
    const last = new Map<string, string>()
    return this.healths.filter((health) => {
      const [id = ''] = health.split(' ')
      const isNews = id.startsWith('child') && last.get(id) !== health
      last.set(id, health)
      return isNews
    })
  }

  state(deviceId: string): string {
    const { state, reason } = this.fleet.health(deviceId)
    return reason === null ? state : `${state} ${reason}`
  }

  set(deviceId: string, dps: Record<string, never> | object, signal = new AbortController().signal) {
    const sent = this.fleet.set(deviceId, dps as never, { signal })
    sent.catch(() => {})
    return sent
  }

  query(deviceId: string, signal = new AbortController().signal) {
    const read = this.fleet.query(deviceId, { signal })
    read.catch(() => {})
    return read
  }

  /** Lets time pass until it is so; gives how long that took. */
  async until(condition: () => unknown, withinMs: number, what: string, stepMs = 50): Promise<number> {
    const start = this.clock.monotonic()
    await this.clock.advance(0)
    while (!condition()) {
      if (this.clock.monotonic() - start >= withinMs)
        throw new Error(`${what} did not come true within ${withinMs} ms`)
      await this.clock.advance(stepMs)
    }
    return this.clock.monotonic() - start
  }

  /** The values of a device as they were told last. */
  last(deviceId: string): Record<string, unknown> {
    const all = this.values.filter((each) => each.deviceId === deviceId).flatMap(({ values }) => [...values])
    return Object.fromEntries(all)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.clock.during(this.fleet[Symbol.asyncDispose]())
    expect(this.clock.waiting, 'timers left').toBe(0)
    expect(this.net.ends.size, 'sockets left').toBe(0)
    expect([this.fleet.counts.openSockets, this.fleet.counts.opening]).toEqual([0, 0])
    expect(this.defects).toEqual([])
  }
}

/** What the application knows of a fake device. */
export function known(device: FakeLanDevice, more: Partial<LanDevice> = {}): LanDevice {
  return {
    id: device.id,
    localKey: new Secret(device.key),
    address: device.address,
    version: device.version,
    children: new Map(),
    pointIds: [1, 2],
    refreshIds: [],
    sleeps: false,
    ...more,
  }
}

/** Code and outcome of a failed command. */
export async function failure(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'none'
  } catch (thrown) {
    const { code, outcome } = thrown as { code?: string; outcome?: string }
    if (code === undefined) throw thrown
    return outcome === undefined ? code : `${outcome} ${code}`
  }
}
