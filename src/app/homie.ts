import { HomieTree } from '../integration/homie/tree.ts'
import type { Inventory } from '../inventory/inventory.ts'
import type { CommandTold } from '../mqtt/command/case.ts'
import type { BrokerConnector } from '../mqtt/link.ts'
import type { Incoming, Outgoing } from '../mqtt/message.ts'
import type { TopicTree } from '../mqtt/topic.ts'
import type { Clock, Timer } from '../util/clock.ts'
import { utf8 } from '../util/json.ts'
import type { Random } from '../util/random.ts'
import type { Config } from './config-types.ts'
import { describe } from './homie-device.ts'
import { HomieLink } from './homie-link.ts'
import { sweep } from './homie-sweep.ts'
import type { Logger } from './log.ts'

export interface HomieParts {
  readonly config: Config
  readonly inventory: Inventory
  readonly connector: BrokerConnector
  readonly tree: TopicTree
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** Carries out a command of the bridge's own. */
  readonly onCommand: (message: Incoming, told?: CommandTold) => void
  readonly onTrouble: (reason: string, message: string, more: object) => void
  /** Something is not said: it is too large, or the broker refuses it. */
  readonly onDead: (message: Outgoing, reason: string, first: boolean) => void
}

/** Descriptions change in bursts while a home is read; they are told when it has been quiet for this long. */
const settleMs = 250
const goodbyeMs = 2_000

/** The devices as a Homie 5 tree, while the settings want it. */
export class Homie {
  readonly #parts: HomieParts
  readonly #tree: HomieTree
  readonly #due = new Set<string>()
  /** Retained topics that the broker may hold of us: what is taken back while nobody listens is taken back later. */
  readonly #held = new Set<string>()
  #link: HomieLink | undefined
  /** Takes back what is held, while the tree is off. */
  #sweeper: HomieLink | undefined
  #settling: Timer | undefined
  #leftovers: readonly string[] = []
  #everythingRead = false
  #stopped = false

  constructor(parts: HomieParts) {
    this.#parts = parts
    const { config, inventory, clock } = parts
    this.#tree = new HomieTree({
      domain: config.publish.homieDomain,
      instance: config.mqtt.instance,
      device: (id) => describe(inventory, config, inventory.device(id)),
      say: (topic, payload, retain) => this.#say(topic, payload, retain),
      now: () => clock.now(),
      onCrowded: (leftOut) => this.#crowded(leftOut),
    })
    this.#follow(inventory)
  }

  get isOn(): boolean {
    return this.#link !== undefined
  }

  get filter(): string {
    return this.#tree.filter
  }

  isOurs(topic: string): boolean {
    return this.#tree.isOurs(topic)
  }

  start(): void {
    const { connector, clock, random, log, inventory, onDead } = this.#parts
    if (this.#link) return
    void this.#sweeper?.stop(0)
    this.#sweeper = undefined
    this.#link = new HomieLink({
      connector,
      clock,
      random,
      will: { topic: this.#tree.stateTopic, payload: 'lost' },
      filter: this.#tree.setFilter,
      onMessage: (message) => this.#set(message),
      onUp: () => {
        const before = [...this.#held]
        this.#tree.tell(inventory.devices.keys())
        this.#takeBack(before)
        this.#settle()
      },
      onDown: ({ end, message }) => {
        if (end !== 'renewed') log.warn({ reason: end }, `no connection for Homie: ${message}`)
      },
      onTaken: (message) => this.#taken(message),
      onDead,
    })
    this.#link.start()
  }

  /** The devices are gone, as far as others can see; where the broker is away, as soon as it is back. */
  async switchOff(): Promise<void> {
    const link = this.#link
    if (!link) return
    this.#settling?.cancel()
    this.#settling = undefined
    this.#due.clear()
    this.#tree.clear()
    this.#link = undefined
    await link.stop(goodbyeMs)
    if (!this.#stopped && !this.isOn && this.#held.size > 0) this.#sweep()
  }

  /** The settings of the connection have changed. */
  renew(): void {
    this.#link?.renew()
    this.#sweeper?.renew()
  }

  /** What an earlier run left; it goes unless this one says it too, by the time that everything was read. */
  adopt(topics: readonly string[]): void {
    this.#leftovers = topics
    this.#settle()
  }

  everythingRead(): void {
    this.#everythingRead = true
    this.#settle()
  }

  /** What may be commanded has changed, and with it what is settable. */
  settingsChanged(): void {
    for (const id of this.#parts.inventory.devices.keys()) this.#touch(id)
  }

  /** Says goodbye: what is known stays, and everybody sees that nobody looks after it. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#settling?.cancel()
    const link = this.#link
    link?.say(this.#tree.stateTopic, 'disconnected', true)
    this.#link = undefined
    await Promise.all([link?.stop(goodbyeMs), this.#sweeper?.stop(goodbyeMs)])
  }

  #say(topic: string, payload: string, retain: boolean): void {
    if (this.#link && retain && payload !== '') this.#held.add(topic)
    this.#link?.say(topic, payload, retain)
  }

  #taken({ topic, payload }: Outgoing): void {
    if (payload === '' && !this.#tree.says(topic)) this.#held.delete(topic)
  }

  /** What is not said any more, a state before all else of its device. */
  #takeBack(topics: readonly string[]): void {
    const said = this.#tree.topics
    const gone = topics.filter((topic) => !said.has(topic))
    const isState = (topic: string) => topic.endsWith('/$state')
    for (const topic of [...gone.filter(isState), ...gone.filter((one) => !isState(one))])
      this.#link?.say(topic, '', true)
  }

  #follow({ events }: Inventory): void {
    events.on('device', ({ record, before }) => {
      if (before && before.online !== record.device.online) this.#tree.reachable(record.device.id)
      this.#touch(record.device.id)
    })
    events.on('lan', ({ device }) => this.#tree.reachable(device.id))
    events.on('specification', ({ record }) => this.#touch(record.device.id))
    events.on('deviceRemoved', ({ device }) => {
      this.#due.delete(device.id)
      if (!this.isOn) return
      this.#tree.removed(device.id)
      this.#settle()
    })
    events.on('report', ({ record, source, changed, said }) => {
      if (!this.isOn) return
      if (changed.length > 0) this.#tree.reported(record.device.id, changed)
      if (source !== 'lan' && source !== 'queue') return
      for (const { point, value } of said)
        if (point.momentary) this.#tree.happened(record.device.id, point.code, value)
    })
    events.on('total', ({ record, code }) => {
      if (this.isOn) this.#tree.reported(record.device.id, [code])
    })
  }

  #touch(deviceId: string): void {
    if (!this.isOn) return
    this.#due.add(deviceId)
    this.#settling ??= this.#parts.clock.after(settleMs, () => {
      this.#settling = undefined
      this.#tree.changed(...this.#due)
      this.#due.clear()
      this.#settle()
    })
  }

  /** Leftovers of earlier runs go, but for those of devices that are still to be described. */
  #settle(): void {
    if (this.#leftovers.length === 0 || this.#due.size > 0) return
    // It is wanted before it is on: its connection follows the bridge's own.
    if (!this.#parts.config.publish.homie5) {
      for (const topic of this.#leftovers) this.#held.add(topic)
      this.#leftovers = []
      this.#sweep()
      return
    }
    if (!this.#everythingRead || !this.#link?.isUp) return
    const { config, inventory } = this.#parts
    const waiting = new Set(
      [...inventory.devices.values()].flatMap((record) =>
        describe(inventory, config, record) ? [] : [this.#tree.idOf(record.device.id)],
      ),
    )
    const mayGo = (topic: string) => !waiting.has(topic.split('/')[2] ?? '')
    const gone = this.#leftovers.filter(mayGo)
    this.#leftovers = this.#leftovers.filter((topic) => !mayGo(topic))
    for (const topic of gone) this.#held.add(topic)
    this.#takeBack(gone)
  }

  #sweep(): void {
    this.#sweeper ??= sweep({
      ...this.#parts,
      stateTopic: this.#tree.stateTopic,
      filter: this.#tree.setFilter,
      topics: this.#held,
      onDone: () => {
        this.#sweeper = undefined
      },
    })
  }

  #crowded(leftOut: number): void {
    const { log, onTrouble } = this.#parts
    if (leftOut === 0) return
    const message = `${leftOut} devices have no place in the description of Homie’s root device, which is one message. They are published; readers that go by its list of children do not find them. A second bridge for some of the homes would show all.`
    log.warn({ leftOut }, message)
    onTrouble('homie/too-many-devices', message, { count: leftOut })
  }

  /** A written property is one of the bridge's own commands, with all that belongs to those. */
  #set({ topic, payload, retain, dup }: Incoming): void {
    const { tree, onCommand, onTrouble } = this.#parts
    if (payload.byteLength === 0) return
    const text = utf8(payload) ?? ''
    if (retain) {
      this.#link?.say(topic, '', true)
      onTrouble('command/retained', 'Commands published with the retain flag are never executed.', { topic })
      return
    }
    const wish = this.#tree.wish(topic, text)
    if (!wish) {
      onTrouble('command/bad-value', 'No settable property takes that.', { topic: topic.slice(0, 512) })
      return
    }
    const { code, view, payload: value } = wish.setting
    const device = wish.deviceId
    const command =
      view === null
        ? tree.build('commandDp', { device, code })
        : tree.build('commandView', { device, code, view })
    onCommand({ topic: command, payload: Buffer.from(value), retain: false, dup }, (state, outcome) => {
      if (state === 'accepted') this.#tree.target(wish, text)
      else if (outcome?.reason !== undefined)
        onTrouble(outcome.reason, outcome.message ?? 'A Homie command failed.', { topic, device })
    })
  }
}
