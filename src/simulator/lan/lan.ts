import type { LanVersion } from '../../codec/lan/version.ts'
import type { FaultName } from '../fault.ts'
import type { SimDevice } from '../world/device.ts'
import type { WorldEvents } from '../world/event.ts'
import { Addresses } from './addresses.ts'
import { Announcer, type UdpOptions } from './announcer.ts'
import { lanFaults } from './fault-name.ts'
import type { LanParts } from './firmware.ts'
import { Unit } from './unit.ts'

export interface LanOptions {
  /** The first device's own loopback address, which the others follow; 127.0.0.1: all there, on ports of their own. */
  readonly address?: string
  /** 6668 when absent, 0 = any free one. */
  readonly port?: number
  /** Devices announce themselves there; without it they do not. */
  readonly udp?: UdpOptions
}

/** What a client needs to know of a device on the LAN. */
export interface LanDeviceAddress {
  readonly id: string
  readonly localKey: string
  readonly ip: string
  readonly port: number
  readonly version: LanVersion
}

/** All devices of the world that have a socket of their own. */
export class Lan implements AsyncDisposable {
  readonly #parts: LanParts
  readonly #addresses: Addresses
  readonly #units = new Map<string, Unit>()
  readonly #announcer: Announcer | undefined
  #isUp = false
  #unsubscribe: (() => void)[] = []

  constructor(parts: LanParts, options: LanOptions) {
    this.#parts = parts
    this.#addresses = new Addresses(options.address, options.port)
    if (options.udp)
      this.#announcer = new Announcer(parts, this.#addresses, () => this.#units.values(), options.udp)
  }

  async start(): Promise<void> {
    const { world, faults } = this.#parts
    for (const device of world.devices.values()) this.#add(device)
    // One after the other: each takes the address behind the last one's.
    for (const unit of this.#units.values()) await unit.start()
    const on = <K extends keyof WorldEvents>(kind: K, listener: (event: WorldEvents[K]) => void) =>
      world.events.on(kind, listener)
    this.#unsubscribe = [
      on('added', ({ device }) => this.#add(device)?.setOnline()),
      on('removed', ({ device }) => this.#remove(device)),
      on('status', ({ device, points }) => this.#unitOf(device)?.report(device, points)),
      on('presence', ({ device }) => this.#presence(device)),
      on('relocated', ({ device }) => this.#units.get(device.id)?.relocated()),
      faults.events.on('changed', ({ name }) => this.#faultChanged(name)),
    ]
    for (const name of Object.keys(lanFaults) as FaultName[]) if (faults.has(name)) this.#faultChanged(name)
    await this.#announcer?.start()
    this.#isUp = true
  }

  /** Where clients hear announcements, in the clear and encrypted, and devices questions; empty when there are none. */
  get udp(): readonly number[] {
    return this.#announcer?.ports ?? []
  }

  /** In the order of the world; also of those that are not there at the moment. */
  get addresses(): readonly LanDeviceAddress[] {
    return [...this.#units.values()].flatMap(({ device, address }) => {
      const { id, localKey, lan } = device
      return address && lan ? [{ id, localKey, ...address, version: lan.version }] : []
    })
  }

  /** The device at its socket. Undefined where it has none. */
  unit(id: string): Unit | undefined {
    return this.#units.get(id)
  }

  /** When all that was asked of the listeners is done. */
  async settled(): Promise<void> {
    for (const unit of this.#units.values()) await unit.sync()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const off of this.#unsubscribe) off()
    await this.#announcer?.stop()
    await Promise.all([...this.#units.values()].map((unit) => unit.stop()))
    this.#units.clear()
  }

  #add(device: SimDevice): Unit | undefined {
    if (!device.lan) return undefined
    const unit: Unit = new Unit(device, this.#parts, this.#addresses, () => {
      if (this.#isUp) void this.#announcer?.announce(unit)
    })
    this.#units.set(device.id, unit)
    return unit
  }

  #remove(device: SimDevice): void {
    void this.#units.get(device.id)?.stop()
    this.#units.delete(device.id)
    this.#gatewayOf(device)?.childChanged()
  }

  #presence(device: SimDevice): void {
    this.#units.get(device.id)?.setOnline()
    this.#gatewayOf(device)?.childChanged()
  }

  #unitOf(device: SimDevice): Unit | undefined {
    return this.#units.get(device.id) ?? this.#gatewayOf(device)
  }

  #gatewayOf({ gatewayId }: SimDevice): Unit | undefined {
    return gatewayId === null ? undefined : this.#units.get(gatewayId)
  }

  #faultChanged(name: FaultName): void {
    for (const unit of this.#units.values()) unit.faultChanged(name)
  }
}
