import type { LanDeviceAddress, LanOptions } from '../../src/simulator/lan/lan.ts'
import type { Unit } from '../../src/simulator/lan/unit.ts'
import { Simulator } from '../../src/simulator/simulator.ts'
import { type DeviceEntry, demoWorld, type LanEntry } from '../../src/simulator/world-file.ts'
import { systemClock } from '../../src/util/clock.ts'
import { demo } from './simulator-desk.ts'
import { VirtualClock } from './virtual-clock.ts'

export interface LanHouseOptions {
  readonly faults?: readonly string[]
  readonly udp?: LanOptions['udp']
  /** Devices besides the lamp, with their manners; those behind them come along. */
  readonly more?: Readonly<Record<string, LanEntry>>
  /** Real time instead of one that stands still. */
  readonly real?: boolean
}

/** A lamp on the LAN, and whatever else is asked for; ports of its own, so that houses may stand side by side. */
export class LanHouse implements AsyncDisposable {
  readonly simulator: Simulator
  readonly clock: VirtualClock

  private constructor(simulator: Simulator, clock: VirtualClock) {
    this.simulator = simulator
    this.clock = clock
  }

  static async start(lamp: LanEntry, options: LanHouseOptions = {}): Promise<LanHouse> {
    const { faults = [], udp, more = {}, real = false } = options
    const clock = new VirtualClock()
    const wanted: Readonly<Record<string, LanEntry>> = { ...more, [demo.lamp]: lamp }
    const world = demoWorld()
    const devices = world.devices.flatMap(({ lan: _lan, ...device }): DeviceEntry[] => {
      const lan = wanted[device.id]
      if (lan) return [{ ...device, lan }]
      return device.gateway !== undefined && device.gateway in wanted ? [device] : []
    })
    const homes = world.homes.map((home) => ({ ...home, scenes: [], automations: [] }))
    const simulator = new Simulator({
      world: { ...world, homes, devices },
      lan: { port: 0, ...(udp ? { udp } : {}) },
      faults,
      seed: 1,
      clock: real ? systemClock : clock,
      alive: false,
    })
    await simulator.start()
    return new LanHouse(simulator, clock)
  }

  get lamp(): LanDeviceAddress {
    return this.device(demo.lamp)
  }

  /** Where it is now. */
  device(id: string): LanDeviceAddress {
    const found = this.simulator.address.lan?.find((device) => device.id === id)
    if (!found) throw new Error(`${id} is not on the LAN`)
    return found
  }

  unit(id: string = demo.lamp): Unit {
    const unit = this.simulator.lan?.unit(id)
    if (!unit) throw new Error(`${id} is not on the LAN`)
    return unit
  }

  status(code: string, id: string = demo.lamp): unknown {
    return this.simulator.world.device(id).status.get(code)
  }

  /** What was done that came over the LAN. */
  commands(id: string = demo.lamp): readonly unknown[] {
    return this.simulator.journal.entries('command', id).map(({ detail }) => detail)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.simulator[Symbol.asyncDispose]()
  }
}
