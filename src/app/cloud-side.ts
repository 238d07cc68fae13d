import { weatherKinds } from '../codec/cloud/automation/weather.ts'
import { automationWeatherConditions } from '../codec/cloud/operation/automation-weather-conditions.ts'
import { otaUpgradeInfos } from '../codec/cloud/operation/ota-upgrade-infos.ts'
import type { Specification } from '../domain/data-point.ts'
import { type LanAccess, type LinkHealth, SendError, type Sender } from '../domain/link.ts'
import type { QueueMessage } from '../domain/message.ts'
import { FirmwareWatch } from '../inventory/firmware-watch.ts'
import type { Inventory } from '../inventory/inventory.ts'
import { PairingWatch } from '../inventory/pairing-watch.ts'
import type { Listed } from '../inventory/reading-parts.ts'
import { type BookState, SpecificationBook } from '../inventory/specification-book.ts'
import { Sync } from '../inventory/sync.ts'
import { WeatherList } from '../inventory/weather-list.ts'
import type { Route } from '../router/delivery.ts'
import { type BudgetState, CallBudget } from '../transport/cloud/budget.ts'
import { CloudClient } from '../transport/cloud/client.ts'
import { CloudDirectory } from '../transport/cloud/directory.ts'
import { type HttpExchange, UndiciExchange } from '../transport/cloud/http.ts'
import type { PaceOptions } from '../transport/cloud/pace.ts'
import { CloudReader, devicesPerBatch } from '../transport/cloud/reader.ts'
import { RenewableClient } from '../transport/cloud/renewable-client.ts'
import { CloudSender } from '../transport/cloud/sender.ts'
import type { Clock } from '../util/clock.ts'
import type { BridgeError } from '../util/error.ts'
import type { Random } from '../util/random.ts'
import type { Redactor } from '../util/redact.ts'
import { Secret } from '../util/secret.ts'
import { CloudAgain } from './cloud-again.ts'
import type { Config } from './config-types.ts'
import type { FollowUps } from './follow-up.ts'
import { endpointOf } from './region.ts'

export type CloudConfig = NonNullable<Config['tuya']>

export interface ClientParts {
  readonly tuya: CloudConfig
  readonly budget: CallBudget
  readonly redactor: Redactor
  readonly clock: Clock
  readonly random: Random
  readonly http?: HttpExchange | undefined
  readonly pace?: PaceOptions | undefined
  readonly onChange?: () => void
  readonly onCall?: (operation: string, outcome: string, ms: number) => void
}

/** The client of a configured cloud project. */
export function createCloudClient(parts: ClientParts): CloudClient {
  const { tuya, budget, redactor, clock, random, onChange, onCall } = parts
  if (tuya.uid !== null) redactor.keep(tuya.uid)
  return new CloudClient({
    credentials: {
      endpoint: tuya.endpoint ?? endpointOf(tuya.region),
      accessId: tuya.accessId,
      accessSecret: tuya.accessSecret ?? new Secret(''),
    },
    http: parts.http ?? new UndiciExchange(),
    budget,
    clock,
    random,
    learn: (secret) => redactor.learn(secret),
    ...(parts.pace ? { pace: parts.pace } : {}),
    ...(onChange ? { onChange } : {}),
    ...(onCall ? { onCall: (operation, outcome, ms) => onCall(operation.id, outcome, ms) } : {}),
  })
}

export interface CloudSideParts extends Omit<ClientParts, 'budget' | 'tuya'> {
  readonly inventory: Inventory
  /** Read at each use: it may be a live view. */
  readonly config: Config
  readonly saved: { readonly book: BookState; readonly budget: BudgetState | undefined } | undefined
  /** Whether the platform tells at once what happens: a command is confirmed by that. */
  readonly pushes: () => boolean
  /** Whether nobody else is trusted to tell what changes, so that it has to be read. */
  readonly pollNeeded: () => boolean
  readonly onLease: () => void
  /** A device was listed with its key. */
  readonly onAccess: (access: LanAccess) => void
  readonly onError: (error: BridgeError, what: string) => void
  readonly onListed: (kind: Listed, ids: ReadonlySet<string>) => boolean
  readonly onRead: () => void
}

/** Everything that speaks with the cloud, put together. */
export class CloudSide implements AsyncDisposable {
  readonly budget: CallBudget
  readonly client: RenewableClient
  readonly book: SpecificationBook
  readonly sync: Sync
  readonly route: Route
  readonly firmware: FirmwareWatch
  readonly followUps: FollowUps
  readonly #parts: CloudSideParts
  readonly weather: WeatherList
  readonly #pairing: PairingWatch
  readonly #readers: readonly CloudReader[]
  readonly #again: CloudAgain

  constructor(parts: CloudSideParts) {
    const { inventory, config, clock, random, saved, onError } = parts
    this.budget = new CallBudget(config.budget.cloudCallsPerDay, clock, saved?.budget, parts.onLease)
    this.#parts = parts
    this.client = new RenewableClient(() =>
      createCloudClient({ ...parts, tuya: projectOf(config), budget: this.budget }),
    )
    const { client } = this
    const directory = new CloudDirectory({
      client,
      get uid() {
        return projectOf(config).uid
      },
      get homes() {
        return projectOf(config).homes
      },
      onAccess: parts.onAccess,
    })
    const bookParts = {
      directory,
      inventory,
      get overrides() {
        return config.overrides
      },
    }
    this.book = new SpecificationBook(bookParts, saved?.book)
    const specification = (deviceId: string): Specification | undefined => inventory.specification(deviceId)
    const deliver = inventory.apply.bind(inventory)
    const reader = (priority: 'command' | 'reconcile') =>
      new CloudReader({ client, clock, specification, deliver, priority })
    const [confirming, reading] = [reader('command'), reader('reconcile')]
    this.#readers = [confirming, reading]
    this.sync = new Sync({
      directory,
      inventory,
      book: this.book,
      values: { batch: devicesPerBatch, read: (deviceIds, signal) => reading.readMany(deviceIds, signal) },
      budget: this.budget,
      link: () => client.health,
      clock,
      random,
      get leastPollMs() {
        return config.poll.minSeconds * 1_000
      },
      pollNeeded: parts.pollNeeded,
      onError,
      onListed: parts.onListed,
      onRead: parts.onRead,
      get members() {
        return config.members !== 'off'
      },
      wanted: (homeId) => {
        const { homes } = projectOf(config)
        return homes.length === 0 || homes.includes(homeId)
      },
    })
    this.firmware = new FirmwareWatch({
      inventory,
      read: (device_id, how) =>
        client.call(otaUpgradeInfos, { device_id }, { priority: 'reconcile', ...how }),
      budget: this.budget,
      clock,
      random,
      get daily() {
        return config.ota.check
      },
      onError,
    })
    this.weather = new WeatherList({
      read: async (signal) =>
        weatherKinds(
          await client.call(automationWeatherConditions, {}, { priority: 'reconcile', urgent: true, signal }),
        ),
      clock,
      onError,
    })
    this.#again = new CloudAgain({
      clock,
      health: () => client.health,
      ask: () => this.#askLightly(directory),
    })
    this.#pairing = new PairingWatch({
      inventory,
      budget: this.budget,
      clock,
      look: (homeId) => this.sync.changed({ of: 'devices', homeId }),
    })
    this.followUps = {
      upgrade: (deviceId) => this.firmware.follow(deviceId),
      pairing: (gatewayId, seconds) => this.#pairing.watch(gatewayId, seconds),
    }
    this.route = {
      sender: noticesOffline(new CloudSender({ client, specification }), inventory, () => client.now()),
      reader: confirming,
      pushes: parts.pushes,
      pushLateMs: 2_500,
      paceMs: 300,
      confirmMs: 8_000,
      health: () => usable(client.health),
    }
  }

  /** The credentials, or what they show, are others now. */
  renew(what: 'client' | 'inventory'): void {
    const { uid } = projectOf(this.#parts.config)
    if (uid !== null) this.#parts.redactor.keep(uid)
    if (what === 'client') this.client.renew()
    this.#parts.onChange?.()
    this.sync.renew()
  }

  /** How much may be asked, or how often, has changed. */
  replan(): void {
    this.budget.limit = this.#parts.config.budget.cloudCallsPerDay
    this.sync.replan()
  }

  start(): void {
    this.sync.start()
    this.firmware.start()
  }

  /** The platform's queue told something: what that touches is looked at, with a call or two. */
  told(message: QueueMessage): void {
    if (message.kind === 'upgrade') this.firmware.told(message.deviceId, message.status)
    this.sync.told(message)
  }

  /** The platform was heard on another way: if it could not be asked, it is tried before its time. */
  heardElsewhere(): void {
    this.#again.heard()
  }

  async #askLightly(directory: CloudDirectory): Promise<void> {
    const [home] = [...this.#parts.inventory.homes.values()].filter(({ local }) => !local)
    // The client ends what takes too long, and what is under way when it ends itself.
    if (home) await directory.home(home.id, { signal: new AbortController().signal })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#again.stop()
    for (const reader of this.#readers) reader.stop()
    this.#pairing.stop()
    await this.firmware.stop()
    await this.sync.stop()
    await this.client[Symbol.asyncDispose]()
  }
}

/** Without a project there is no cloud side, and one that is there stays until the bridge is started anew. */
function projectOf(config: Config): CloudConfig {
  return config.tuya as CloudConfig
}

/** A link that has not spoken yet may well work: the first command finds out. */
function usable(health: LinkHealth): LinkHealth {
  return health.reason === 'starting' || health.reason === 'unavailable'
    ? { ...health, state: 'degraded' }
    : health
}

/** A device that the cloud calls offline is offline before the next list says so. */
function noticesOffline(sender: Sender, inventory: Inventory, now: () => number): Sender {
  return {
    path: sender.path,
    send: (write, waiting) =>
      sender.send(write, waiting).catch((thrown) => {
        if (thrown instanceof SendError && thrown.code === 'cloud/device-offline')
          inventory.setOnline(write.deviceId, false, now())
        throw thrown
      }),
  }
}
