import { homeIn } from '../integration/homie/home.ts'
import type { Described } from '../integration/homie/tree-parts.ts'
import type { Inventory } from '../inventory/inventory.ts'
import type { BrokerConnector } from '../mqtt/link.ts'
import type { Outgoing } from '../mqtt/message.ts'
import type { Clock } from '../util/clock.ts'
import type { Random } from '../util/random.ts'
import type { Config } from './config-types.ts'
import type { HeldValues } from './held-values.ts'
import { type HomieCommandParts, obey } from './homie-command.ts'
import { describe } from './homie-device.ts'
import type { ConventionTree, HomieEdition } from './homie-edition.ts'
import { followForHomie } from './homie-follow.ts'
import { describeHome, subjectsOf } from './homie-home.ts'
import { HomieLink } from './homie-link.ts'
import { HomieRemains } from './homie-remains.ts'
import { HomieRound } from './homie-round.ts'
import { HomieTouched } from './homie-touched.ts'
import { type HomieVouchers, vouchersFor } from './homie-vouchers.ts'
import type { Logger } from './log.ts'

export interface HomieParts extends HomieCommandParts {
  readonly config: Config
  readonly inventory: Inventory
  /** The values that may be said. */
  readonly held: HeldValues
  readonly connector: BrokerConnector
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** Something is not said: it is too large, or the broker refuses it. */
  readonly onDead: (message: Outgoing, reason: string, first: boolean) => void
}

const goodbyeMs = 2_000

/** The devices as a tree of one version of Homie, while the settings want it. */
export class Homie {
  readonly #parts: HomieParts
  readonly #edition: HomieEdition
  readonly #tree: ConventionTree
  readonly #touched: HomieTouched
  /** Where each device speaks for itself, they are told one by one. */
  readonly #round: HomieRound | undefined
  readonly #remains: HomieRemains
  #link: HomieLink | undefined
  #vouchers: HomieVouchers | undefined
  /** The end of the connection before. */
  #ending: Promise<unknown> = Promise.resolve()
  #everythingRead = false
  #stopped = false

  constructor(parts: HomieParts, edition: HomieEdition) {
    this.#parts = parts
    this.#edition = edition
    const { config, inventory, clock } = parts
    this.#tree = edition.tree({
      domain: config.publish.homieDomain,
      instance: config.mqtt.instance,
      device: (id) => this.#described(id),
      say: (topic, payload, retain) => this.#say(topic, payload, retain),
      now: () => clock.now(),
      onCrowded: (leftOut) => this.#crowded(leftOut),
    })
    this.#remains = new HomieRemains({
      ...parts,
      tree: this.#tree,
      suffix: edition.suffix,
      stateTopic: this.#tree.stateTopic,
      filter: this.#tree.setFilter,
      clear: (topic) => this.#clear(topic),
      hasRoom: () => this.#link?.hasRoom ?? false,
    })
    if (this.#tree.stateTopicOf)
      this.#round = new HomieRound(
        () => this.#link?.hasRoom ?? false,
        (id) => this.#tellOne(id),
      )
    this.#touched = new HomieTouched(clock, (subjects) => this.#describe(subjects))
    const tree = this.#tree
    followForHomie(inventory, parts.held, {
      isOn: () => this.isOn,
      touch: (subject) => this.#touch(subject),
      reported: (subject, codes) => tree.reported(subject, codes),
      happened: (id, code, value) => tree.happened(id, code, value),
      reachable: (id) => tree.reachable(id),
      gone: (subject) => this.#gone(subject),
    })
  }

  get isOn(): boolean {
    return this.#link !== undefined
  }

  get isWanted(): boolean {
    return this.#parts.config.publish[this.#edition.setting]
  }

  /** Its name in `bridge/info`. */
  get name(): string {
    return this.#edition.setting
  }

  get filter(): string {
    return this.#tree.filter
  }

  get namesFilter(): string {
    return this.#tree.namesFilter
  }

  /** Filters for all of these, and of those that topics of ours belong to. */
  partsOf(subjects: readonly string[], topics: Iterable<string>): readonly string[] {
    const ids = new Set(subjects.map((id) => this.#tree.idOf(id)))
    for (const topic of topics) if (this.isOurs(topic)) ids.add(this.#tree.idIn(topic))
    return [...ids].map((id) => this.#tree.partFilter(id))
  }

  isOurs(topic: string): boolean {
    return this.#tree.isOurs(topic)
  }

  start(): void {
    const { connector, clock, random, log, onDead } = this.#parts
    if (this.#link) return
    const before = Promise.all([this.#ending, this.#remains.stopSweeping(goodbyeMs)])
    const { stateTopic } = this.#tree
    const link = new HomieLink({
      connector,
      clock,
      random,
      suffix: this.#edition.suffix,
      will: stateTopic === undefined ? undefined : { topic: stateTopic, payload: 'lost' },
      filter: this.#tree.setFilter,
      onMessage: (message) => obey(this.#parts, this.#tree, message, (topic) => this.#clear(topic)),
      onUp: () => this.#tell(),
      onDown: ({ end, message }) => {
        this.#round?.forget()
        this.#remains.forget()
        if (end !== 'renewed') log.warn({ reason: end }, `no connection for Homie: ${message}`)
      },
      onTaken: (message) => this.#remains.taken(message),
      onRoom: () => {
        this.#round?.go()
        this.#remains.go()
      },
      onDead,
    })
    this.#link = link
    this.#vouchers = vouchersFor(this.#parts, this.#edition.suffix, this.#tree)
    // What an earlier connection takes back must not arrive after what this one says.
    void before.then(() => {
      if (this.#link === link) link.start()
    })
  }

  /** The devices are gone, as far as others can see; where the broker is away, as soon as it is back. */
  async switchOff(): Promise<void> {
    const link = this.#link
    if (!link) return
    this.#touched.clear()
    this.#round?.forget()
    const vouchers = this.#endVouchers()
    this.#tree.clear()
    this.#link = undefined
    this.#ending = Promise.all([link.stop(goodbyeMs), vouchers])
    await this.#ending
    if (!this.#stopped && !this.isOn) this.#remains.sweep()
  }

  /** The settings of the connection have changed. */
  renew(): void {
    this.#link?.renew()
    this.#vouchers?.renew()
    this.#remains.renew()
  }

  /** What an earlier run left; it goes unless this one says it too, by the time that everything was read. */
  adopt(topics: readonly string[]): void {
    this.#remains.adopt(topics)
    this.#settle()
  }

  everythingRead(): void {
    this.#everythingRead = true
    this.#settle()
  }

  /** What may be commanded has changed, and with it what is settable. */
  settingsChanged(): void {
    for (const id of subjectsOf(this.#parts.inventory)) this.#touch(id)
  }

  /** Says goodbye: what is known stays, and everybody sees that nobody looks after it. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#touched.clear()
    this.#round?.forget()
    const link = this.#link
    this.#tree.farewell()
    this.#link = undefined
    await Promise.all([link?.stop(goodbyeMs), this.#endVouchers(), this.#remains.stopSweeping(goodbyeMs)])
  }

  /** The connection is up and knows nothing. */
  #tell(): void {
    const before = this.#remains.held
    const ids = subjectsOf(this.#parts.inventory)
    this.#tree.tell(this.#round ? [] : ids)
    const told = () => {
      this.#remains.takeBack(before)
      this.#settle()
    }
    if (this.#round) this.#round.add(ids, told)
    else told()
  }

  #tellOne(deviceId: string): void {
    this.#tree.changed(deviceId)
    if (this.#tree.stateTopicOf?.(deviceId) !== undefined) this.#vouchers?.add(deviceId)
  }

  async #endVouchers(): Promise<void> {
    const vouchers = this.#vouchers
    this.#vouchers = undefined
    await vouchers?.stop()
  }

  #say(topic: string, payload: string, retain: boolean): void {
    if (this.#link && retain && payload !== '') this.#remains.said(topic)
    this.#link?.say(topic, payload, retain)
  }

  #clear(topic: string): void {
    this.#link?.say(topic, '', true)
  }

  #described(subject: string): Described | undefined {
    const { inventory, config, held } = this.#parts
    const home = homeIn(subject)
    return home === undefined
      ? describe(config, inventory.device(subject), held.of(subject))
      : describeHome(inventory, home)
  }

  #gone(subject: string): void {
    this.#touched.remove(subject)
    if (!this.isOn) return
    this.#vouchers?.remove(subject)
    this.#tree.removed(subject)
    this.#settle()
  }

  #touch(subject: string): void {
    if (this.isOn) this.#touched.add(subject)
  }

  #describe(subjects: readonly string[]): void {
    // A home without scenes and automations has nothing to say any more.
    for (const id of subjects) if (homeIn(id) !== undefined && !this.#described(id)) this.#gone(id)
    if (this.#round) this.#round.add(subjects, () => this.#settle())
    else this.#tree.changed(...subjects)
    this.#settle()
  }

  /** Leftovers of earlier runs go when it is known what this one says. */
  #settle(): void {
    if (!this.#remains.hasLeftovers || this.#touched.isWaiting || this.#round?.isBehind) return
    // It is wanted before it is on: its connection follows the bridge's own.
    if (!this.isWanted) {
      this.#remains.sweep()
      return
    }
    if (!this.#everythingRead || !this.#link?.isUp) return
    const { inventory } = this.#parts
    const undescribed = [...inventory.devices.keys()].filter((id) => !this.#described(id))
    this.#remains.settle(new Set(undescribed.map((id) => this.#tree.idOf(id))))
  }

  #crowded(leftOut: number): void {
    const { log, onTrouble } = this.#parts
    if (leftOut === 0) return
    const message = `${leftOut} devices have no place in the description of Homie’s root device, which is one message. They are published; readers that go by its list of children do not find them. A second bridge for some of the homes would show all.`
    log.warn({ leftOut }, message)
    onTrouble('homie/too-many-devices', message, { count: leftOut })
  }
}
