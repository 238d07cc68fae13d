import { unusedLink } from '../domain/link.ts'
import type { Inventory } from '../inventory/inventory.ts'
import type { CommandIntake } from '../mqtt/command/intake.ts'
import { json } from '../mqtt/payload.ts'
import type { Router } from '../router/router.ts'
import { isLoopback } from '../util/address.ts'
import type { Clock } from '../util/clock.ts'
import type { CloudSide } from './cloud-side.ts'
import type { Config } from './config-types.ts'
import { type HealthDocument, healthDocument } from './health.ts'
import type { LanSide } from './lan-side.ts'
import { hasPassword } from './page/login.ts'
import type { QueueSide } from './queue-side.ts'
import { version } from './version.ts'
import type { Voice } from './voice.ts'

/** The parts that are looked at; undefined while they are not there yet, or not wanted. */
export interface Observed {
  readonly voice: Voice | undefined
  readonly cloud: CloudSide | undefined
  readonly queue: QueueSide | undefined
  readonly lan: LanSide | undefined
  readonly router: Router | undefined
  readonly intake: CommandIntake | undefined
}

export interface SelfReportParts {
  readonly config: Config
  readonly inventory: Inventory
  readonly clock: Clock
  /** New at each start. */
  readonly run: string
  readonly startedMs: number
  readonly observed: () => Observed
}

export interface BridgeInfo {
  readonly contract: string
  readonly instance: string
  readonly run: string
  readonly version: string
  readonly startedMs: number
  readonly mqtt: { readonly version: 4 | 5 }
  readonly region: string | null
  readonly paths: readonly string[]
  readonly classes: readonly string[]
  readonly trees: readonly string[]
  readonly counts: { readonly devices: number; readonly homes: number; readonly rooms: number }
  /** Words for what is less safe than it could be. */
  readonly insecure: readonly string[]
}

const healthEveryMs = 60_000

/** What the bridge says of itself: `bridge/info`, `bridge/health`, and the ways to the devices. */
export class SelfReport {
  readonly #parts: SelfReportParts
  #lastHealth = ''
  #lastPath = ''

  constructor(parts: SelfReportParts) {
    this.#parts = parts
  }

  get health(): HealthDocument {
    const { inventory, clock, observed } = this.#parts
    const { voice, cloud, queue, lan, router, intake } = observed()
    return healthDocument({
      timeMs: clock.now(),
      mqtt: voice?.session.health ?? unusedLink,
      cloud: cloud?.client.health,
      queue: queue?.health,
      lan: lan?.sum,
      budget: cloud && { used: cloud.budget.used, limit: cloud.budget.limit, resetMs: cloud.budget.resetMs },
      queues: {
        outbox: voice?.outbox.size ?? 0,
        commands: router?.waiting ?? 0,
        cloudCalls: cloud?.client.waiting ?? 0,
      },
      counts: { ...inventory.counts, ...voice?.counts, ...intake?.counts, ...queueCounts(queue) },
    })
  }

  /** On change at once, else each minute; the ways to the devices follow the cloud's state. */
  publish(): void {
    const { clock, observed } = this.#parts
    const { voice } = observed()
    if (!voice) return
    const document = this.health
    const { mqtt, cloud, queue, lan } = document.links
    const minute = Math.floor(clock.monotonic() / healthEveryMs)
    const words = [mqtt, cloud, queue].flatMap(({ state, reason }) => [state, reason])
    const key = JSON.stringify([...words, lan, minute])
    if (key !== this.#lastHealth) {
      this.#lastHealth = key
      voice.publisher.retain('bridge', 'bridgeHealth', {}, json(document))
    }
    voice.publisher.retain('bridge', 'bridgeInfo', {}, json(this.info))
    const path = `${cloud.state} ${cloud.reason}`
    if (path === this.#lastPath) return
    this.#lastPath = path
    voice.mirror.pathsChanged()
  }

  /** What the bridge is: `bridge/info`. */
  get info(): BridgeInfo {
    const { config, inventory, run, startedMs, observed } = this.#parts
    const { devices, homes, rooms } = inventory
    const { voice } = observed()
    return {
      contract: '1.0',
      instance: config.mqtt.instance,
      run,
      version,
      startedMs,
      mqtt: { version: voice?.session.protocol === 'MQTT 5' ? 5 : 4 },
      region: config.tuya?.region ?? null,
      paths: (['lan', 'cloud'] as const).filter((path) => observed()[path] !== undefined),
      classes: ['read', 'control', ...config.operations.allow],
      trees: ['native', ...(voice?.derived.names ?? []), ...(config.tuyaMqtt.enabled ? ['tuya-mqtt'] : [])],
      counts: { devices: devices.size, homes: homes.size, rooms: rooms.size },
      insecure: insecurities(config),
    }
  }
}

/** S-3, S-7: what is less safe than it could be, for everyone to see. */
function insecurities(config: Config): string[] {
  const { tuya, queue, mqtt, broker, http } = config
  const inside = mqtt.url === null
  const found: readonly (readonly [word: string, is: boolean])[] = [
    ['custom-endpoint', Boolean(tuya?.endpoint ?? queue.url)],
    ['queue-tls-unverified', queue.tls.insecure],
    ['mqtt-tls-unverified', mqtt.tls.insecure],
    ['mqtt-plaintext', /^(mqtt|ws):/.test(mqtt.url ?? '')],
    ['broker-anonymous', inside && !broker.users],
    ['broker-plaintext', inside && broker.allowPlaintext && !broker.tls],
    ['page-plaintext', http.page && hasPassword(http) && !isLoopback(http.host)],
  ]
  return found.filter(([, is]) => is).map(([word]) => word)
}

/** R-T4; the names of others are taken. */
function queueCounts(queue: QueueSide | undefined): Record<string, number> {
  const counts = Object.entries(queue?.counts ?? {})
  return Object.fromEntries(
    counts.map(([name, count]) => [`queue${name.slice(0, 1).toUpperCase()}${name.slice(1)}`, count]),
  )
}
