import { type AnnouncementForm, decodeProbe, encodeAnnouncement } from '../../codec/lan/discovery.ts'
import { LanError } from '../../codec/lan/lan-error.ts'
import { every, type Timer } from '../../util/clock.ts'
import { randomText } from '../../util/random.ts'
import type { Addresses } from './addresses.ts'
import { announcementOf, formOf } from './announcement.ts'
import { type LanParts, numberOr } from './firmware.ts'
import { randomBytes } from './speech.ts'
import { freePort, UdpSocket } from './udp-socket.ts'
import type { Unit } from './unit.ts'

export interface UdpOptions {
  /** Where clients hear what is in the clear and what is encrypted, and where devices hear questions; 0 = any free one. */
  readonly ports: readonly [clear: number, encrypted: number, probe: number]
  /** Where answers go; to the port of the questions when absent. */
  readonly answers?: number
  /** Whom devices call; the broadcast of loopback when absent. */
  readonly destinations?: readonly string[]
}

const everyMs = 5_000
const loopbackBroadcast = '127.255.255.255'
const nonceBytes = 12
const floodTickMs = 10
const usualFlood = 1_000

/** What the devices say of themselves over UDP, and their answers to whoever asks. */
export class Announcer {
  readonly #parts: LanParts
  readonly #addresses: Addresses
  readonly #units: () => Iterable<Unit>
  readonly #destinations: readonly string[]
  readonly #sockets = new Map<string, UdpSocket>()
  readonly #timers: Timer[] = []
  readonly #answers: number | undefined
  #ports: UdpOptions['ports']
  #ear: UdpSocket | undefined
  #stopped = false
  #floods = 0

  constructor(parts: LanParts, addresses: Addresses, units: () => Iterable<Unit>, options: UdpOptions) {
    this.#parts = parts
    this.#addresses = addresses
    this.#units = units
    this.#ports = options.ports
    this.#answers = options.answers
    this.#destinations = options.destinations ?? [loopbackBroadcast]
  }

  get ports(): UdpOptions['ports'] {
    return this.#ports
  }

  async start(): Promise<void> {
    const [clear, encrypted, probe] = await Promise.all(this.#ports.map((port) => port || freePort()))
    this.#ports = [Number(clear), Number(encrypted), Number(probe)]
    this.#ear = await UdpSocket.open(loopbackBroadcast, this.#ports[2], (datagram) => this.#heard(datagram))
    const { clock } = this.#parts
    const callAll = () => {
      for (const unit of this.#units()) void this.announce(unit)
    }
    this.#timers.push(
      every(clock, everyMs, callAll),
      every(clock, floodTickMs, () => void this.#flood()),
    )
    callAll()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    for (const timer of this.#timers) timer.cancel()
    await Promise.all([this.#ear, ...this.#sockets.values()].map((socket) => socket?.close()))
  }

  /** One call, unless the device keeps silent: it is away, full, asked to, or one that waits to be asked. */
  async announce(unit: Unit): Promise<void> {
    const { device, firmware, address, isPresent, isFull } = unit
    if (!isPresent || !address) return
    // Those that wait to be asked listen all the same.
    await this.#socketOf(device.id, address.ip)
    if (isFull || device.lan?.silent || this.#isMute(unit)) return
    const form = formOf(device)
    const port = form === 'clear' ? this.#ports[0] : this.#ports[1]
    const call = (from: string) =>
      this.#send(device.id, from, this.#word(form, unit, from), port, this.#destinations)
    await call(address.ip)
    if (firmware.fault('udp-twice') !== undefined) await call(this.#second(device.id))
  }

  /** A question that came by broadcast, or to one device alone. */
  #heard(datagram: Buffer, only?: Unit): void {
    try {
      const { ip } = decodeProbe(datagram)
      for (const unit of only ? [only] : this.#units()) void this.#answer(unit, ip)
    } catch (thrown) {
      // Devices keep silent, too.
      if (!(thrown instanceof LanError)) throw thrown
    }
  }

  async #answer(unit: Unit, ip: string): Promise<void> {
    const { lan } = unit.device
    const own = unit.address?.ip
    if (own === undefined || lan?.version !== '3.5' || !unit.isPresent || unit.isFull || this.#isMute(unit))
      return
    await this.#send(unit.device.id, own, this.#word('gcm', unit, own), this.#answers ?? this.#ports[2], [ip])
  }

  #isMute(unit: Unit): boolean {
    return unit.firmware.struck('udp-silent') !== undefined
  }

  #word(form: AnnouncementForm, unit: Unit, address: string): Buffer {
    const nonce = randomBytes(this.#parts.random, nonceBytes)
    return encodeAnnouncement(form, announcementOf(unit.firmware, address), nonce)
  }

  async #send(
    id: string,
    address: string,
    datagram: Buffer,
    port: number,
    destinations: readonly string[],
  ): Promise<void> {
    const socket = await this.#socketOf(id, address)
    for (const destination of destinations) socket?.send(datagram, port, destination)
  }

  /** Devices call from their own addresses, where they can be asked, too. */
  async #socketOf(id: string, address: string): Promise<UdpSocket | undefined> {
    const name = `${id} ${address}`
    const known = this.#sockets.get(name)
    if (known || this.#stopped) return known
    const unit = [...this.#units()].find(({ device }) => device.id === id)
    const port = this.#addresses.isShared ? 0 : this.#ports[2]
    const socket = await UdpSocket.open(address, port, (datagram) => this.#heard(datagram, unit))
    if (this.#stopped || this.#sockets.has(name)) await socket?.close()
    else if (socket) this.#sockets.set(name, socket)
    return this.#sockets.get(name)
  }

  readonly #seconds = new Map<string, string>()

  #second(id: string): string {
    const known = this.#seconds.get(id) ?? this.#addresses.take()
    this.#seconds.set(id, known)
    return known
  }

  async #flood(): Promise<void> {
    const value = this.#parts.faults.at('udp-flood', { device: '' })
    if (value === undefined) return
    this.#floods += (numberOr(value, usualFlood) * floodTickMs) / 1_000
    const { random } = this.#parts
    for (; this.#floods >= 1; this.#floods--) {
      const made = {
        gwId: `bf${randomText(random, 20)}`,
        ip: '127.0.0.1',
        active: 2,
        encrypt: true,
        version: '3.3',
      }
      const datagram = encodeAnnouncement('ecb', made)
      await this.#send('', '127.0.0.1', datagram, this.#ports[1], this.#destinations)
    }
  }
}
