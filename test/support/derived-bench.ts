import { Writable } from 'node:stream'
import type { Config } from '../../src/app/config-types.ts'
import { DerivedTrees } from '../../src/app/derived-trees.ts'
import { Log, type Logger } from '../../src/app/log.ts'
import type { DataPoint } from '../../src/domain/data-point.ts'
import type { Device } from '../../src/domain/device.ts'
import type { CommandTold } from '../../src/mqtt/command/case.ts'
import type { Incoming } from '../../src/mqtt/message.ts'
import { Redactor } from '../../src/util/redact.ts'
import { testConfig } from './config.ts'
import { deviceOf, homeOf, reportOf } from './device.ts'
import { newInventory } from './inventory.ts'
import { specification } from './mirrored.ts'
import { point } from './point.ts'
import { PublisherBench } from './publisher-bench.ts'
import { SaidDocuments } from './said-documents.ts'
import { ScriptedConnector, type ScriptedLink } from './scripted-link.ts'
import { settle } from './virtual-clock.ts'

/** What keeps its lines to itself. */
export function quietLog(): Logger {
  const stream = new Writable({ write: (_chunk, _encoding, done) => done() })
  return new Log({ level: 'fatal', format: 'json', redactor: new Redactor(), stream }).part('mqtt')
}

export const plugPoints: readonly DataPoint[] = [
  point('boolean', { code: 'switch_1' }),
  point('boolean', { code: 'child_lock' }),
  point('integer', { code: 'cur_power', access: 'ro', unit: 'W', min: 0, max: 5_000 }),
]

/** A door that can be opened from afar. */
export const lockPoints: readonly DataPoint[] = [point('boolean', { code: 'lock_motor_state' })]

type Publish = Partial<Config['publish']>

/** The trees of other conventions over an inventory, in virtual time; what brokers would hold is kept. */
export class DerivedBench {
  readonly #bench = new PublisherBench()
  readonly clock = this.#bench.clock
  readonly tree = this.#bench.tree
  readonly publisher = this.#bench.publisher
  readonly inventory = newInventory(this.clock)
  /** The devices' own documents, which go first. */
  readonly said = new SaidDocuments(this.inventory)
  readonly connector = new ScriptedConnector()
  readonly config: Config
  readonly commands: { readonly topic: string; readonly payload: string; readonly told?: CommandTold }[] = []
  readonly troubles: string[] = []
  readonly derived: DerivedTrees

  constructor(publish: Publish = {}, more: Parameters<typeof testConfig>[0] = {}) {
    this.config = { ...testConfig({ ...more, publish } as never) }
    this.inventory.setHome(homeOf('h1'))
    this.publisher.resume()
    this.derived = new DerivedTrees({
      config: this.config,
      inventory: this.inventory,
      publisher: this.publisher,
      tree: this.tree,
      documents: this.said,
      clock: this.clock,
      random: () => 0.5,
      connector: this.connector,
      log: quietLog(),
      onCommand: ({ topic, payload }: Incoming, told) =>
        this.commands.push({ topic, payload: payload.toString(), ...(told ? { told } : {}) }),
      onTrouble: (reason) => this.troubles.push(reason),
      onDead: ({ topic }) => this.troubles.push(`dead ${topic}`),
    })
  }

  /** These topics were there before, with payloads that cannot be read. */
  adopt(topics: readonly string[]): void {
    this.derived.adopt(new Map(topics.map((topic) => [topic, ''])))
  }

  /** A device with its points; without any it is not described yet. */
  add(
    id: string,
    points: readonly DataPoint[] | undefined = plugPoints,
    changes: Partial<Device> = {},
  ): this {
    this.inventory.setDevices([deviceOf(id, { category: 'cz', ...changes })])
    if (points) this.inventory.setSpecification(id, specification(points))
    return this
  }

  undescribed(id: string): this {
    this.inventory.setDevices([deviceOf(id, { category: 'cz' })])
    return this
  }

  describe(id: string, points: readonly DataPoint[] = plugPoints): void {
    this.inventory.setSpecification(id, specification(points))
  }

  report(id: string, values: Readonly<Record<string, unknown>>): void {
    this.inventory.apply(reportOf(id, values, this.clock.now(), { source: 'queue' }))
  }

  /** As a reload would: these settings are others now. */
  publish(publish: Publish): void {
    Object.assign(this.config, { publish: { ...this.config.publish, ...publish } })
    this.derived.settingsChanged()
  }

  /** The ids of documents that Home Assistant was told of since it was asked last, oldest first; `-` for those taken back. */
  async found(ms = 5_000): Promise<string[]> {
    await this.clock.advance(ms)
    return this.#bench
      .flush()
      .filter(({ topic }) => topic.startsWith('homeassistant/'))
      .map(({ topic, payload }) => `${payload === '' ? '-' : ''}${nameOf(topic)}`)
  }

  /** Documents as the broker holds them, by id. */
  get documents(): Record<string, { components: Record<string, object>; device: Record<string, unknown> }> {
    const all = [...this.#bench.retained].filter(([topic]) => topic.startsWith('homeassistant/'))
    return Object.fromEntries(all.map(([topic, payload]) => [nameOf(topic), JSON.parse(payload)]))
  }

  /** What Homie's broker holds below its domain after all that it has taken, with what it held before. */
  homie(before: Readonly<Record<string, string>> = {}): Record<string, string> {
    return this.#below('homie/5/', before)
  }

  /** The same of Homie 4. */
  homie4(before: Readonly<Record<string, string>> = {}): Record<string, string> {
    return this.#below('homie/', before)
  }

  #below(base: string, before: Readonly<Record<string, string>>): Record<string, string> {
    const held = new Map(Object.entries(before))
    for (const { published } of this.connector.links)
      for (const { topic, payload, retain } of published) {
        const short = topic.replace(base, '')
        if (retain && payload === '') held.delete(short)
        else if (retain) held.set(short, payload)
      }
    return Object.fromEntries(held)
  }

  /** The connection of Homie 4 that speaks, as it is now. */
  get link4(): ScriptedLink {
    const [link] = this.connector.made(/^-homie4$/).at(-1) ?? []
    if (!link) throw new Error('nobody has connected')
    return link
  }

  /** Those that only vouch for a device and are still there, with the topic of their Will. */
  get vouchers(): readonly (readonly [link: ScriptedLink, will: string])[] {
    return this.connector
      .made(/^-homie4-/)
      .filter(([link]) => !link.isOver)
      .map(([link, { will }]) => [link, `${will?.topic} ${will?.payload}`])
  }

  /** The connection of Homie as it is now. */
  get link() {
    return this.connector.last
  }

  async up(): Promise<void> {
    this.derived.up()
    await settle()
  }
}

export function documentTopic(name: string): string {
  return `homeassistant/device/tuya_main_${name}/config`
}

function nameOf(topic: string): string {
  return topic.replace('homeassistant/device/tuya_main_', '').replace('/config', '')
}
