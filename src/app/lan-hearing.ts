import type { LanDevice } from '../transport/lan/device.ts'
import type { Dial } from '../transport/lan/dial.ts'
import { Discovery } from '../transport/lan/discovery.ts'
import type { LanFleet } from '../transport/lan/fleet.ts'
import type { LanInterface } from '../transport/lan/interfaces.ts'
import type { OpenUdp } from '../transport/lan/udp.ts'
import type { Clock } from '../util/clock.ts'
import type { Random } from '../util/random.ts'
import type { Config } from './config-types.ts'
import { type ConfiguredDevice, lanDiscoverySettings } from './lan-import.ts'
import type { Logger } from './log.ts'

/** How the LAN is reached, where not by sockets of our own. */
export interface LanSockets {
  readonly dial?: Dial
  readonly open?: OpenUdp
  readonly interfaces?: () => readonly LanInterface[]
}

export interface LanHearingParts {
  /** Read at each use: it may be a live view. */
  readonly config: Config
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly sockets: LanSockets
  readonly fleet: LanFleet
  readonly devices: () => readonly Pick<LanDevice, 'id'>[]
  readonly configured: () => readonly ConfiguredDevice[]
}

/** Hears where devices are, as long as that is wanted. */
export class LanHearing implements AsyncDisposable {
  readonly #parts: LanHearingParts
  #discovery: Discovery | undefined
  /** By id: asked for each datagram. */
  #wanted: ReadonlySet<string> = new Set()

  constructor(parts: LanHearingParts) {
    this.#parts = parts
  }

  get discovery(): Discovery | undefined {
    return this.#discovery
  }

  start(): void {
    const { config, clock, random, log, sockets, fleet, configured } = this.#parts
    if (!config.lan.discovery) return
    const { open, interfaces } = sockets
    this.#discovery = new Discovery({
      clock,
      random,
      log: {
        info: (message, fields = {}) => log.info(fields, message),
        warn: (message, fields = {}) => log.warn(fields, message),
      },
      settings: lanDiscoverySettings(config),
      wanted: (deviceId) => this.#wanted.has(deviceId),
      missing: () => [...this.#wanted].some((deviceId) => fleet.health(deviceId).state !== 'up'),
      portOf: (deviceId) => configured().find(({ id }) => id === deviceId)?.port,
      propose: (proposal) => fleet.propose(proposal),
      ...(open ? { open } : {}),
      ...(interfaces ? { interfaces } : {}),
    })
    this.#discovery.start()
  }

  /** Devices have come or gone. */
  devicesChanged(): void {
    const before = this.#wanted
    this.#wanted = new Set(this.#parts.devices().map(({ id }) => id))
    if ([...this.#wanted].some((id) => !before.has(id))) this.#discovery?.lookAround()
  }

  /** A device is not where it was. */
  missed(): void {
    this.#discovery?.lookAround()
  }

  /** Its settings have changed. */
  async renew(): Promise<void> {
    await this[Symbol.asyncDispose]()
    this.start()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const discovery = this.#discovery
    this.#discovery = undefined
    await discovery?.[Symbol.asyncDispose]()
  }
}
