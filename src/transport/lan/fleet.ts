import type { LanVersion } from '../../codec/lan/version.ts'
import type { Json } from '../../domain/data-point.ts'
import { type LinkHealth, SendError, type Sent, type Waiting } from '../../domain/link.ts'
import { type Clock, every, type Timer } from '../../util/clock.ts'
import { Emitter } from '../../util/emitter.ts'
import type { Random } from '../../util/random.ts'
import { LanCounts } from './counts.ts'
import type { FleetEvents, LanDevice, Proposal } from './device.ts'
import { type Dial, tcpDial } from './dial.ts'
import { tickMs } from './keep-alive.ts'
import { Link, type LinkEvents, type LinkNote } from './link.ts'
import type { LinkFacts } from './link-facts.ts'
import { OpenGate } from './open-gate.ts'

export interface FleetParts {
  readonly clock: Clock
  readonly random: Random
  /** Plain TCP by default. */
  readonly dial?: Dial
  /** What a log wants to know; without keys and values. */
  readonly note?: (kind: LinkNote, facts: FleetNote) => void
  /** Hears what should never have been thrown. */
  readonly onDefect?: (thrown: unknown) => void
}

export interface FleetNote {
  readonly deviceId: string
  readonly route: 'lan'
  readonly [fact: string]: unknown
}

/** What is known of the way to a device. */
export interface FleetHealth extends LinkHealth {
  readonly version: LanVersion | null
}

/** Who answers for a device: its own link, or that of the gateway before it. */
interface Way {
  readonly link: Link
  readonly cid: string | null
}

/** R-B1: first tries are spread, so that a large house does not call all at once and a small one does not wait. */
const spreadMs = 10_000
const spreadPerDeviceMs = 50

/** All devices of the LAN, one link each. */
export class LanFleet implements AsyncDisposable {
  readonly events: Emitter<FleetEvents>
  readonly counts = new LanCounts()
  readonly #parts: Required<FleetParts>
  readonly #gate = new OpenGate()
  readonly #links = new Map<string, Link>()
  /** By gateway and by child. */
  readonly #ways = new Map<string, Way>()
  readonly #leaving = new Map<string, Promise<void>>()
  readonly #bornMs: number
  #devices: readonly LanDevice[] = []
  #ticking: Timer | undefined
  #stopped = false

  constructor(parts: FleetParts) {
    this.#parts = { dial: tcpDial, note: () => {}, onDefect: rethrow, ...parts }
    this.events = new Emitter<FleetEvents>(this.#parts.onDefect)
    this.#bornMs = parts.clock.now()
  }

  start(): void {
    const { clock } = this.#parts
    this.#ticking ??= every(clock, tickMs, () => {
      const now = clock.monotonic()
      for (const link of this.#links.values()) link.tick(now)
    })
    this.replace(this.#devices)
  }

  /** The whole list of devices: new ones connect, changed ones again, missing ones leave, others notice nothing. */
  replace(devices: readonly LanDevice[]): void {
    this.#devices = devices
    if (!this.#ticking || this.#stopped) return
    const known = new Set(devices.map(({ id }) => id))
    for (const [id, link] of this.#links) {
      if (known.has(id)) continue
      this.#links.delete(id)
      this.#remove(link)
    }
    const fresh = devices.filter(({ id }) => !this.#links.has(id)).length
    const spread = Math.min(spreadMs, fresh * spreadPerDeviceMs)
    for (const device of devices) this.#put(device, spread)
    this.#ways.clear()
    for (const link of this.#links.values())
      for (const [cid, id] of link.device.children) this.#ways.set(id, { link, cid })
    for (const [id, link] of this.#links) this.#ways.set(id, { link, cid: null })
  }

  /** Somebody says where a device is; of devices that nobody knows nothing is kept. */
  propose(proposal: Proposal): void {
    this.#links.get(proposal.deviceId)?.propose(proposal)
  }

  /** Resolves when the device has acknowledged; rejects with SendError, at the latest after 3 s. */
  set(deviceId: string, dps: Readonly<Record<string, Json>>, { signal }: Waiting): Promise<Sent> {
    const way = this.#ways.get(deviceId)
    return way ? way.link.set(way.cid, dps, signal) : Promise.reject(unknown())
  }

  /** The values have been told as an event when this resolves; rejects with BridgeError. */
  query(deviceId: string, { signal }: Waiting): Promise<void> {
    const way = this.#ways.get(deviceId)
    return way ? way.link.query(way.cid, signal) : Promise.reject(unknown())
  }

  health(deviceId: string): FleetHealth {
    const way = this.#ways.get(deviceId)
    if (!way)
      return { state: 'unused', sinceMs: this.#bornMs, reason: 'no-address', lastMs: null, version: null }
    const { link, cid } = way
    const isAway = cid !== null && link.isChildOnline(cid) === false
    const health = isAway && link.health.state === 'up' ? away(link.health) : link.health
    return { ...health, version: link.version }
  }

  /** What `check` tells of a device that has a socket of its own. */
  facts(deviceId: string): LinkFacts | undefined {
    return this.#links.get(deviceId)?.facts
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    this.#ticking?.cancel()
    for (const link of this.#links.values()) this.#remove(link)
    this.#links.clear()
    this.#ways.clear()
    await Promise.all(this.#leaving.values())
  }

  #put(device: LanDevice, spread: number): void {
    const link = this.#links.get(device.id)
    if (link) link.update(device)
    else {
      const { clock, random, dial } = this.#parts
      const { counts } = this
      const events = this.#eventsOf(device.id)
      const delayMs = Math.round(random() * spread)
      const before = this.#leaving.get(device.id)
      const parts = { clock, random, dial, counts, gate: this.#gate, events, delayMs, before }
      this.#links.set(device.id, new Link(parts, device))
    }
  }

  #remove(link: Link): void {
    const { id } = link.device
    const leaving = link.stop().finally(() => {
      if (this.#leaving.get(id) === leaving) this.#leaving.delete(id)
    })
    this.#leaving.set(id, leaving)
  }

  #eventsOf(deviceId: string): LinkEvents {
    const { clock, note, onDefect } = this.#parts
    return {
      onValues: (id, values, asked) =>
        this.events.emit('values', { deviceId: id, values, receivedMs: clock.now(), asked }),
      onHealth: () => {
        this.events.emit('health', { deviceId })
        for (const id of this.#links.get(deviceId)?.device.children.values() ?? [])
          this.events.emit('health', { deviceId: id })
      },
      onKeyWanted: () => this.events.emit('keyWanted', { deviceId }),
      onPresence: (childId) => this.events.emit('health', { deviceId: childId }),
      onUnknownChild: (cid) => this.events.emit('unknownChild', { gatewayId: deviceId, cid }),
      note: (kind, facts) => note(kind, { deviceId, route: 'lan', ...facts }),
      onDefect,
    }
  }
}

/** The gateway is there, the device behind it is not. */
function away(gateway: LinkHealth): LinkHealth {
  return { ...gateway, state: 'down', reason: 'unreachable' }
}

function unknown(): SendError {
  return new SendError('not-sent', 'lan/no-address', 'The device is not known on the LAN.', {
    retry: 'later',
  })
}

function rethrow(thrown: unknown): void {
  queueMicrotask(() => {
    throw thrown
  })
}
