import { createServer, type Server, type Socket } from 'node:net'
import { lanCommand } from '../../codec/lan/command.ts'
import { hasSession } from '../../codec/lan/version.ts'
import type { FaultName } from '../fault.ts'
import type { SimDevice } from '../world/device.ts'
import type { ChangedPoint } from '../world/event.ts'
import type { Addresses, BoundAddress } from './addresses.ts'
import { type Dps, pushBody } from './body.ts'
import { cidOf, Firmware, type LanParts, numberOr } from './firmware.ts'
import { Line } from './line.ts'
import { Mishaps } from './mishaps.ts'

const crashedMs = 3_000
const usualStaleMs = 1_000
const usualWedgeMs = 40
const nobody = 'a4c1380000000000'

/** A device at its socket: there or not, with a listener and those connected to it. */
export class Unit {
  readonly firmware: Firmware
  readonly #addresses: Addresses
  readonly #onPresent: (unit: Unit) => void
  readonly #mishaps: Mishaps
  readonly #lines = new Set<Line>()
  #server: Server | undefined
  #address: BoundAddress | undefined
  #bound = ''
  #work: Promise<void> = Promise.resolve()
  #powered = false
  #away = false
  #asleep = false
  #stopped = false
  #wedged = false
  #acceptedAt = Number.NEGATIVE_INFINITY

  constructor(device: SimDevice, parts: LanParts, addresses: Addresses, onPresent: (unit: Unit) => void) {
    this.firmware = new Firmware(device, parts, {
      tell: (dps, cid) => this.#tell(dps, cid),
      crash: () => this.reboot(crashedMs),
    })
    this.#addresses = addresses
    this.#onPresent = onPresent
    this.#mishaps = new Mishaps(this, addresses)
  }

  get device(): SimDevice {
    return this.firmware.device
  }

  /** Where it listens, or last did. */
  get address(): BoundAddress | undefined {
    return this.#address
  }

  /** Whether it can be reached. */
  get isPresent(): boolean {
    return this.#powered
  }

  /** All places for clients are taken. */
  get isFull(): boolean {
    return (
      this.firmware.fault('lan-full') !== undefined || this.#lines.size >= this.firmware.behaviour.clients
    )
  }

  start(): Promise<void> {
    return this.sync()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#mishaps.stop()
    for (const line of this.#lines) line.destroy()
    await this.sync()
  }

  /** A fault was switched on or off. */
  faultChanged(name: FaultName): void {
    this.firmware.faultChanged(name)
    this.#mishaps.changed(name)
    if (name === 'lan-other-key' || name === 'lan-other-version') this.#dropLines()
    this.#soon()
  }

  /** Another key, address or version: it begins anew, as devices do. */
  relocated(): void {
    this.#dropLines()
    if (this.#bound !== this.#wanted) this.#closeServer()
    this.#soon()
  }

  /** It was plugged in or out. */
  setOnline(): void {
    this.#soon()
  }

  setAsleep(asleep: boolean): void {
    this.#asleep = asleep
    this.#soon()
  }

  /** Gone at once, and back after `absentMs` with new counters; `forget` with its first values, too. */
  reboot(absentMs: number, forget = false): void {
    this.#dropLines()
    this.#away = true
    this.#soon()
    this.#mishaps.after(absentMs, () => {
      this.#away = false
      this.firmware.reboot(forget)
      this.#soon()
    })
  }

  /** A device reports: this one or one behind it. */
  report(of: SimDevice, points: readonly ChangedPoint[]): void {
    const { now, before } = this.firmware.pushed(of, points)
    if (Object.keys(now).length === 0) return
    const cid = of === this.device ? null : cidOf(of)
    const staleMs = this.firmware.struck('lan-stale-push')
    this.#tell(staleMs === undefined ? now : before, cid)
    if (staleMs === undefined) return
    this.#mishaps.after(numberOr(staleMs, usualStaleMs), () => this.#tell(now, cid))
  }

  /** One behind it has come or gone. */
  childChanged(): void {
    if (!hasSession(this.firmware.behaviour.version)) return
    for (const body of this.firmware.childrenBodies()) this.#toAll(lanCommand.subDevices, body)
  }

  /** Listens or not, as it should; later calls wait for earlier ones. */
  sync(): Promise<void> {
    this.#power(this.#isPowered)
    if (!this.#listens) this.#closeServer()
    this.#work = this.#work.then(
      () => this.#open(),
      () => this.#open(),
    )
    return this.#work
  }

  #soon(): void {
    this.sync().catch((thrown: Error) => this.firmware.note('nowhere to listen', { error: thrown.message }))
  }

  get #isPowered(): boolean {
    if (this.#stopped || this.#away || this.#asleep || !this.device.online) return false
    return this.firmware.fault('lan-absent') === undefined
  }

  get #listens(): boolean {
    return this.#powered && this.firmware.fault('lan-refuse') === undefined
  }

  get #wanted(): string {
    const { lan } = this.device
    return `${lan?.ip} ${lan?.port}`
  }

  #power(on: boolean): void {
    if (on === this.#powered) return
    this.#powered = on
    if (on) {
      this.#wedged = false
      this.#acceptedAt = Number.NEGATIVE_INFINITY
      this.#dropLines()
      this.firmware.reboot(false)
    } else for (const line of this.#lines) line.freeze()
  }

  /** Devices that are not there have an address all the same: it is theirs from the beginning. */
  async #open(): Promise<void> {
    const hasAddress = this.#bound === this.#wanted
    if (this.#stopped || this.#server || (hasAddress && !this.#listens)) return
    const { lan } = this.device
    const { ip, port } = hasAddress && this.#address ? this.#address : { ip: lan?.ip, port: lan?.port }
    const [server, address] = await this.#addresses.listen(
      () => createServer({ noDelay: true }, (socket) => this.#accept(socket)),
      { ...(ip === undefined ? {} : { ip }), ...(port === undefined ? {} : { port }) },
    )
    this.#server = server
    this.#address = address
    this.#bound = this.#wanted
    if (this.#listens) this.#onPresent(this)
    else this.#closeServer()
  }

  #closeServer(): void {
    this.#server?.close()
    this.#server = undefined
  }

  #dropLines(): void {
    for (const line of this.#lines) line.destroy()
  }

  #accept(socket: Socket): void {
    // Whoever goes away without a word is no news.
    socket.on('error', () => socket.destroy())
    this.firmware.note('connect', { port: socket.remotePort })
    if (this.#isWedgedBy() || this.firmware.struck('lan-reset') !== undefined) {
      this.firmware.note('close', { why: 'reset', port: socket.remotePort })
      socket.resetAndDestroy()
    } else if (this.isFull) {
      this.firmware.note('close', { why: 'full', port: socket.remotePort })
      socket.destroy()
    } else {
      const line = new Line(socket, this.firmware)
      this.#lines.add(line)
      socket.on('close', () => {
        this.#lines.delete(line)
        this.firmware.note('gone', { port: socket.remotePort })
      })
    }
  }

  #isWedgedBy(): boolean {
    const withinMs = this.firmware.fault('lan-wedge')
    const now = this.firmware.parts.clock.monotonic()
    if (withinMs !== undefined && now - this.#acceptedAt < numberOr(withinMs, usualWedgeMs)) {
      this.#wedged = true
      this.firmware.note('wedged')
      this.#dropLines()
    }
    this.#acceptedAt = now
    return this.#wedged
  }

  #tell(dps: Dps, cid: string | null): void {
    if (this.firmware.struck('lan-no-push') !== undefined) return
    const single =
      this.firmware.behaviour.oneDpPerPush || this.firmware.struck('lan-single-points') !== undefined
    const bursts = single ? Object.entries(dps).map(([id, value]) => ({ [id]: value })) : [dps]
    const who = cid !== null && this.firmware.struck('lan-unknown-child') !== undefined ? nobody : cid
    const { version } = this.firmware.behaviour
    for (const burst of bursts) {
      const speaker = { version, deviceId: this.device.id, cid: who }
      this.#toAll(lanCommand.status, pushBody(speaker, burst, this.firmware.timeS))
    }
  }

  #toAll(command: number, body: object): void {
    const payload = this.firmware.encode(body)
    for (const line of this.#lines) line.say({ command, seq: 0, code: 'ok', payload })
  }
}
