import type { DevicePaths, LanAccess, LinkHealth } from '../domain/link.ts'
import type { DeviceRecord } from '../inventory/events.ts'
import type { Inventory } from '../inventory/inventory.ts'
import type { Route } from '../router/delivery.ts'
import type { LanDevice } from '../transport/lan/device.ts'
import type { Discovery } from '../transport/lan/discovery.ts'
import { LanFleet } from '../transport/lan/fleet.ts'
import { LanSender } from '../transport/lan/sender.ts'
import { type Clock, every, type Timer } from '../util/clock.ts'
import type { Random } from '../util/random.ts'
import type { Redactor } from '../util/redact.ts'
import type { Config } from './config-types.ts'
import type { LanSum } from './health.ts'
import { LanBook } from './lan-book.ts'
import { LanDoubts } from './lan-doubts.ts'
import { LanHearing, type LanSockets } from './lan-hearing.ts'
import { type ConfiguredDevice, lanDevices } from './lan-import.ts'
import { LanKeyFile } from './lan-key-file.ts'
import { LanKeys } from './lan-keys.ts'
import { adoptLanDevices } from './lan-only.ts'
import { LanReports } from './lan-reports.ts'
import { LanStaleness } from './lan-staleness.ts'
import type { Logger } from './log.ts'
import type { SnapshotDisk } from './snapshot-file.ts'

export interface LanSideParts {
  /** Read at each use: it may be a live view. */
  readonly config: Config
  readonly inventory: Inventory
  readonly redactor: Redactor
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly sockets: LanSockets
  /** Where the keys are kept. */
  readonly disk: SnapshotDisk
  /** The clock that dates reports. */
  readonly now: () => number
  /** Somebody else tells what happens to devices that the LAN has lost. */
  readonly othersTell: () => boolean
  /** Asks the account for a device, and so for its key; undefined without a cloud. */
  readonly readDevice: ((deviceId: string) => void) | undefined
  /** The way to a device, or what is known of it, has changed. */
  readonly onPath: (record: DeviceRecord) => void
}

const levels = { up: 'info', down: 'info', 'bad-frame': 'debug', trouble: 'warn' } as const
const stories = {
  up: 'the device answers on the LAN',
  down: 'the device does not answer on the LAN',
  'bad-frame': 'the device sent what cannot be understood',
  trouble: 'trouble with the device on the LAN',
} as const

const reviewMs = 5_000
/** What changes together is taken together. */
const gatherMs = 200

/** Everything that speaks with devices on the LAN, put together. */
export class LanSide implements AsyncDisposable {
  readonly fleet: LanFleet
  readonly route: Route
  readonly book = new LanBook()
  readonly #parts: LanSideParts
  readonly #reports: LanReports
  readonly #hearing: LanHearing
  readonly #keys: LanKeys
  readonly #keyFile: LanKeyFile
  readonly #staleness: LanStaleness
  /** What was told last of the way to a device. */
  readonly #told = new WeakMap<DeviceRecord, string>()
  readonly #doubts: LanDoubts
  #gathering: Timer | undefined
  #review: Timer | undefined
  readonly #life = new AbortController()
  /** It is known what the account has, so the rest is the configuration's alone. */
  #isAdopted = false
  /** What the configuration and its files say; read when they may have changed. */
  #configured: readonly ConfiguredDevice[] = []

  constructor(parts: LanSideParts) {
    this.#parts = parts
    const { clock, random, inventory, log, sockets, config } = parts
    this.#reports = new LanReports(parts)
    this.fleet = new LanFleet({
      clock,
      random,
      note: (kind, facts) => log[levels[kind]](facts, stories[kind]),
      onDefect: (thrown) => log.error({ err: thrown }, 'a defect in a link to a device'),
      ...(sockets.dial ? { dial: sockets.dial } : {}),
    })
    const sender = new LanSender({
      ways: this.fleet,
      specification: (deviceId) => inventory.specification(deviceId),
      onSet: (deviceId, points) => this.#reports.wrote(deviceId, points),
    })
    this.route = {
      sender,
      reader: sender,
      pushes: () => true,
      pushLateMs: 400,
      answerMs: 2_000,
      paceMs: 50,
      confirmMs: 3_000,
      health: (deviceId) => this.fleet.health(deviceId),
    }
    this.#hearing = new LanHearing({
      config,
      clock,
      random,
      log,
      sockets,
      fleet: this.fleet,
      devices: () => this.#devices(),
      configured: () => this.#configured,
    })
    this.#keyFile = new LanKeyFile({ directory: config.state.directory, disk: parts.disk, clock, log })
    this.#keys = new LanKeys({ clock, log, read: parts.readDevice })
    this.#doubts = new LanDoubts(clock, this.#life.signal, (deviceId) => this.#ask(deviceId))
    this.#staleness = new LanStaleness({ clock, inventory, othersTell: parts.othersTell })
    this.#readConfigured()
    this.#follow()
  }

  /** What an earlier run knew. */
  async prepare(): Promise<void> {
    const { config, redactor } = this.#parts
    if (!config.lan.keepKeys) return this.#keyFile.erase()
    for (const access of await this.#keyFile.load()) {
      redactor.learn(access.localKey)
      this.book.learn(access)
    }
  }

  start(): void {
    const { clock } = this.#parts
    this.fleet.start()
    this.#hearing.start()
    this.replace()
    this.#review = every(clock, reviewMs, () => this.#staleness.review())
  }

  /** The account lists a device with its key. */
  learn(access: LanAccess): void {
    this.#parts.redactor.learn(access.localKey)
    if (!this.book.learn(access)) return
    this.#soon()
    if (this.#parts.config.lan.keepKeys) this.#keyFile.keep(() => this.book.accesses())
  }

  /** The account was read, or will not be: what only the configuration knows joins the house. */
  adopt(): void {
    this.#isAdopted = true
    adoptLanDevices(this.#configured, this.#parts.inventory)
  }

  /** Devices, keys or addresses have changed. */
  replace(): void {
    this.#gathering?.cancel()
    this.#gathering = undefined
    this.fleet.replace(this.#devices())
    this.#hearing.devicesChanged()
    // Whoever is new in the house, or behind another gateway, may have been answering for long.
    for (const record of this.#parts.inventory.devices.values()) {
      const told = this.#told.get(record)
      if (told === wayOf(this.health(record.device.id))) continue
      this.#tell(record)
      if (told === undefined && record.lanUp) this.#ask(record.device.id)
    }
  }

  /** Settings of the LAN have changed. */
  async renew(): Promise<void> {
    this.#readConfigured()
    if (this.#isAdopted) this.adopt()
    await this.#hearing.renew()
    this.replace()
  }

  health(deviceId: string): DevicePaths['lan'] {
    return this.fleet.health(deviceId)
  }

  get sum(): LanSum {
    const reasons: Record<string, number> = {}
    let [up, down] = [0, 0]
    for (const deviceId of this.#parts.inventory.devices.keys()) {
      const { state, reason } = this.health(deviceId)
      if (state === 'up' || state === 'degraded') up++
      else if (state === 'down') {
        down++
        if (reason !== null) reasons[reason] = (reasons[reason] ?? 0) + 1
      }
    }
    const state = up === 0 && down > 0 ? 'down' : down > 0 ? 'degraded' : 'up'
    return { state, up, down, reasons }
  }

  /** Whether everything that is said of a device can be heard on the LAN. */
  isUp(deviceId: string): boolean {
    return isUp(this.health(deviceId))
  }

  /** What is heard over UDP; undefined where nobody listens. */
  get heard(): Discovery | undefined {
    return this.#hearing.discovery
  }

  /** Every device of the house tells on the LAN what happens to it. */
  get hearsAll(): boolean {
    const { devices } = this.#parts.inventory
    return devices.size > 0 && [...devices.keys()].every((deviceId) => this.isUp(deviceId))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#life.abort()
    this.#review?.cancel()
    this.#gathering?.cancel()
    this.#reports.stop()
    await this.#keyFile.flush()
    await this.#hearing[Symbol.asyncDispose]()
    await this.fleet[Symbol.asyncDispose]()
  }

  #readConfigured(): void {
    const { config, redactor, log } = this.#parts
    const { devices, faults } = lanDevices(config)
    for (const { localKey } of devices) if (localKey) redactor.keep(localKey)
    for (const { path, message } of faults) log.warn({ path }, message)
    this.#configured = devices
  }

  #devices(): readonly LanDevice[] {
    return this.book.devices(this.#configured, this.#parts.inventory.devices.values())
  }

  #follow(): void {
    const { inventory, log } = this.#parts
    for (const kind of ['device', 'deviceRemoved', 'specification'] as const)
      inventory.events.on(kind, () => this.#soon())
    inventory.events.on('deviceRemoved', ({ device }) => this.#staleness.forget(device.id))
    inventory.events.on('doubted', ({ device }) => this.#doubts.add(device.id))
    const { events } = this.fleet
    events.on('values', (values) => this.#reports.take(values))
    events.on('health', ({ deviceId }) => {
      this.#staleness.seen(deviceId, this.isUp(deviceId))
      const record = inventory.device(deviceId)
      if (record) this.#tell(record)
    })
    events.on('keyWanted', ({ deviceId }) => this.#keys.wanted(deviceId))
    events.on('unknownChild', ({ gatewayId, cid }) =>
      log.info({ deviceId: gatewayId, cid }, 'a gateway speaks of a device that nobody has listed'),
    )
  }

  /** Whether a device answers, and what its way is. */
  #tell(record: DeviceRecord): void {
    const { inventory, onPath } = this.#parts
    const { id } = record.device
    const health = this.health(id)
    const up = isUp(health)
    this.#told.set(record, wayOf(health))
    // It may have moved, and some tell where they are only when they are asked.
    if (!up && record.lanUp) this.#hearing.missed()
    inventory.setLan(id, up)
    onPath(record)
  }

  /** Whoever answered before anybody knew it has said its values to nobody; failing that, they come with the next reading. */
  #ask(deviceId: string): void {
    void this.fleet.query(deviceId, { signal: this.#life.signal }).catch(() => {})
  }

  #soon(): void {
    if (this.#life.signal.aborted || this.#gathering) return
    this.#gathering = this.#parts.clock.after(gatherMs, () => this.replace())
  }
}

/** What others see of a way, in a word. */
function wayOf({ state, reason, version }: DevicePaths['lan']): string {
  return `${state} ${reason} ${version}`
}

function isUp({ state }: LinkHealth): boolean {
  return state === 'up' || state === 'degraded'
}
