import { lanCommand } from '../../codec/lan/command.ts'
import { type Announcement, decodeAnnouncement } from '../../codec/lan/discovery.ts'
import { LanError } from '../../codec/lan/lan-error.ts'
import { lanVersion } from '../../codec/lan/version.ts'
import { BoundedMap } from '../../util/bounded-map.ts'
import type { Clock } from '../../util/clock.ts'
import type { Random } from '../../util/random.ts'
import { addressRule, type Subnet } from '../../util/subnet.ts'
import { DatagramGate, type GateVerdict } from './datagram-gate.ts'
import type { Proposal } from './device.ts'
import { DiscoveryPort, type PortState } from './discovery-port.ts'
import { type LanInterface, lanInterfaces } from './interfaces.ts'
import { Prober } from './prober.ts'
import { type OpenUdp, openUdp, type UdpError } from './udp.ts'

export interface DiscoverySettings {
  /** Where devices announce themselves. */
  readonly ports: readonly number[]
  /** Where newer ones are asked, and answer. */
  readonly probePort: number
  /** Empty: the private ranges. */
  readonly subnets: readonly Subnet[]
}

export const discoveryDefaults: DiscoverySettings = {
  ports: [6666, 6667],
  probePort: 7000,
  subnets: [],
}

/** The log that discovery needs: one sentence for the user, and what it is about. */
export interface DiscoveryLog {
  warn(message: string, fields?: object): void
  info(message: string, fields?: object): void
}

export interface DiscoveryParts {
  readonly clock: Clock
  readonly random: Random
  readonly log: DiscoveryLog
  readonly settings?: Partial<DiscoverySettings>
  /** Whether this device is ours; asked for each datagram. */
  readonly wanted: (deviceId: string) => boolean
  /** Whether a device of ours has no connection and no address that works: then all are asked. */
  readonly missing: () => boolean
  /** Where a device of ours takes connections, if not on 6668. */
  readonly portOf?: (deviceId: string) => number | undefined
  /** Takes what was heard; nothing of it is proved. */
  readonly propose: (proposal: Proposal) => void
  readonly open?: OpenUdp
  readonly interfaces?: () => readonly LanInterface[]
}

/** What became of a datagram. All but the first two are dropped. */
export type DatagramFate =
  | 'proposed'
  | 'repeated'
  | 'unwanted'
  | 'malformed'
  | 'foreign-address'
  | 'question'
  | 'flood'
  | Exclude<GateVerdict, 'pass'>

/** What a device of ours said of itself last. */
export interface Heard {
  readonly host: string
  /** What it calls itself where that is another address. */
  readonly ip: string | null
  readonly version: string | null
  readonly productKey: string | null
  readonly active: number | null
  /** The port on which it was heard. */
  readonly port: number
  readonly atMs: number
}

/** `silent`: the ports are open and nothing at all has come, as in a container with a network of its own. */
export interface DiscoveryStatus {
  readonly state: 'listening' | 'partly' | 'deaf' | 'silent'
  readonly ports: readonly PortState[]
}

const devicePort = 6668
const devicesKnown = 4_096
const silentAfterMs = 60_000

/** Hears what devices say of themselves, asks them to, and proposes their addresses (R-L5). Never throws for want of a port. */
export class Discovery implements AsyncDisposable {
  readonly #parts: DiscoveryParts
  readonly #settings: DiscoverySettings
  readonly #verdict: ReturnType<typeof addressRule>
  readonly #gate = new DatagramGate()
  readonly #heard = new BoundedMap<string, Heard>(devicesKnown)
  readonly #senders = new BoundedMap<string, true>(devicesKnown)
  readonly #ports: readonly DiscoveryPort[]
  readonly #prober: Prober
  readonly #counts = new Map<DatagramFate, number>()
  readonly #told = new Set<string>()
  #probes = 0
  #floods = 0
  #startedMs = Number.POSITIVE_INFINITY

  constructor(parts: DiscoveryParts) {
    this.#parts = parts
    this.#settings = { ...discoveryDefaults, ...parts.settings }
    this.#verdict = addressRule(this.#settings.subnets)
    const { ports, probePort } = this.#settings
    this.#ports = [...new Set([...ports, probePort])].map((port) => this.#portOf(port))
    this.#prober = this.#proberOf(probePort, this.#ports[this.#ports.length - 1])
  }

  start(): void {
    this.#startedMs = this.#parts.clock.monotonic()
    for (const port of this.#ports) port.start()
    this.#prober.start()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#prober.stop()
    await Promise.all(this.#ports.map((port) => port.stop()))
  }

  /** A device is missing that was not before: all are asked again soon. */
  lookAround(): void {
    this.#prober.hurry()
  }

  /** What a wanted device said last; undefined when it was never heard. */
  heard(deviceId: string): Heard | undefined {
    return this.#heard.get(deviceId)
  }

  get everythingHeard(): IterableIterator<[string, Heard]> {
    return this.#heard.entries()
  }

  /** Datagrams by what became of them. */
  get counts(): ReadonlyMap<DatagramFate, number> {
    return this.#counts
  }

  /** Questions sent, and times that a port was closed for a flood. */
  get activity(): { readonly probes: number; readonly floods: number } {
    return { probes: this.#probes, floods: this.#floods }
  }

  get status(): DiscoveryStatus {
    const ports = this.#ports.map((port) => port.state)
    const open = ports.filter(({ state }) => state === 'open' || state === 'paused').length
    if (open === 0) return { state: 'deaf', ports }
    if (open < ports.length) return { state: 'partly', ports }
    const listenedMs = this.#parts.clock.monotonic() - this.#startedMs
    const nothing = [...this.#counts.keys()].every((fate) => fate === 'question')
    return { state: nothing && listenedMs >= silentAfterMs ? 'silent' : 'listening', ports }
  }

  #portOf(port: number): DiscoveryPort {
    const { clock, random, open = openUdp } = this.#parts
    return new DiscoveryPort({
      port,
      clock,
      random,
      open,
      onDatagram: (datagram, sender) => this.#count(this.#fateOf(datagram, sender, port)),
      onTrouble: (error) => this.#trouble(error, { port }),
      onOpen: () => this.#opened(port),
      onFlood: () => this.#flooded(port),
    })
  }

  #proberOf(port: number, listener: DiscoveryPort | undefined): Prober {
    const { clock, random, missing, interfaces } = this.#parts
    return new Prober({
      clock,
      random,
      port,
      missing,
      interfaces: interfaces ?? (() => lanInterfaces(this.#verdict)),
      socket: () => listener?.socket,
      onSent: () => {
        this.#probes++
      },
      onTrouble: (error) => this.#once(`probe ${error.reason}`, error),
    })
  }

  #opened(port: number): void {
    if (port === this.#settings.probePort) this.#prober.hurry()
  }

  #trouble(error: UdpError, fields: object): void {
    const rest = this.#ports.some((port) => port.state.state === 'open') ? '' : ' No device is discovered.'
    this.#parts.log.warn(`${error.message}${rest}`, { code: error.code, ...fields })
  }

  #flooded(port: number): void {
    this.#floods++
    this.#count('flood')
    if (this.#told.has('flood')) return
    this.#told.add('flood')
    this.#parts.log.warn(`UDP port ${port} is flooded; it is closed until each second is over.`, { port })
  }

  #once(what: string, error: UdpError): void {
    if (this.#told.has(what)) return
    this.#told.add(what)
    this.#parts.log.warn(error.message, { code: error.code })
  }

  #count(fate: DatagramFate): void {
    this.#counts.set(fate, (this.#counts.get(fate) ?? 0) + 1)
  }

  #fateOf(datagram: Buffer, sender: string, port: number): DatagramFate {
    if (isQuestion(datagram)) return 'question'
    if (this.#verdict(sender) !== 'ok') return 'foreign-address'
    const nowMs = this.#parts.clock.monotonic()
    const verdict = this.#gate.judge(datagram.length, sender, this.#senders.has(sender), nowMs)
    if (verdict !== 'pass') return verdict
    let said: Announcement
    try {
      said = decodeAnnouncement(datagram)
    } catch (thrown) {
      if (thrown instanceof LanError) return 'malformed'
      throw thrown
    }
    return this.#parts.wanted(said.id) ? this.#take(said, sender, port) : 'unwanted'
  }

  #take(said: Announcement, host: string, port: number): DatagramFate {
    const { clock, propose, portOf } = this.#parts
    const before = this.#heard.get(said.id)
    const { id, version, productKey, active } = said
    const ip = said.ip === host ? null : said.ip
    this.#heard.set(id, { host, ip, version, productKey, active, port, atMs: clock.now() })
    this.#senders.set(host, true)
    const address = { host, port: portOf?.(id) ?? devicePort }
    propose({ deviceId: id, address, version: version === null ? null : (lanVersion(version) ?? null) })
    return before?.host === host && before.version === version ? 'repeated' : 'proposed'
  }
}

/** Our own questions come back to us, and those of other programs too. */
function isQuestion(datagram: Buffer): boolean {
  return (
    datagram.length > 14 &&
    datagram.readUInt32BE(0) === 0x6699 &&
    datagram.readUInt32BE(10) === lanCommand.udpRequest
  )
}
