import type { ValueCodec } from '../../domain/data-point.ts'
import type { Inventory } from '../../inventory/inventory.ts'
import type { TopicName } from '../../mqtt/topic.ts'
import { type Clock, every, type Timer } from '../../util/clock.ts'
import type { HealthDocument } from '../health.ts'
import type { LogTail } from '../log-tail.ts'
import type { BridgeInfo } from '../self-report.ts'
import { DevicePictures, type Members } from './device-pictures.ts'
import { followHouse, type ListName } from './follow-house.ts'
import { listPicture } from './picture.ts'
import { PowerChart, everyMs as powerEveryMs } from './power.ts'
import { noneYet, Recent } from './recent.ts'
import { readTold } from './told.ts'

export interface FeedParts {
  readonly inventory: Inventory
  readonly codec: Pick<ValueCodec, 'views'>
  readonly clock: Clock
  readonly base: string
  /** Masks what nobody may read in a finished text (S-2). */
  readonly redact: (text: string) => string
  readonly tail: LogTail
  readonly info: () => BridgeInfo
  readonly health: () => HealthDocument
  readonly locksAllowed: () => boolean
  /** The published document of the ways to a device; undefined where there is none. */
  readonly ways: (deviceId: string) => string | undefined
  /** The device that a topic is about. */
  readonly deviceOf: (topic: string) => string | undefined
}

/** As finished JSON. */
interface About {
  readonly info: string
  readonly health: string
}

/** What happens within so long is told together. */
export const turnMs = 75
const lookMs = 1_000
const listNames: readonly ListName[] = ['homes', 'rooms', 'scenes', 'automations']

/** Everything that the page shows, as a whole and as what is new; nothing is made while nobody looks. */
export class Feed {
  #onNews: ((text: string) => void) | undefined
  readonly #parts: FeedParts
  readonly #pictures: DevicePictures
  readonly #lists = new Set<ListName>()
  readonly #recent: Recent
  readonly #power: PowerChart
  readonly #sampling: Timer
  #looking: Timer | undefined
  #counts = noneYet
  #about: About = { info: '', health: '' }
  #turn: Timer | undefined

  constructor(parts: FeedParts) {
    this.#parts = parts
    const { inventory, redact, clock, tail } = parts
    this.#power = new PowerChart(parts.codec)
    this.#recent = new Recent(tail.lines, this.#power.samples, redact)
    this.#pictures = new DevicePictures({
      devices: inventory.devices,
      redact,
      surroundings: ({ device }) => ({
        view: (point, view, value) =>
          view === 'total'
            ? inventory.energy.total(device.id, point.code)
            : parts.codec.views(point, value).find(({ name }) => name === view)?.value,
        isStale: (fact) => inventory.isStale(fact, device.id),
        ways: parts.ways(device.id),
        locksAllowed: parts.locksAllowed(),
      }),
    })
    followHouse(inventory, {
      device: (id) => this.#note(() => this.#pictures.touch(id)),
      described: (id) => this.#note(() => this.#pictures.described(id)),
      removed: (id) => {
        this.#power.forget(id)
        this.#note(() => this.#pictures.gone(id))
      },
      staleness: () => this.#note(() => this.#pictures.touchAll()),
      list: (name) => this.#note(() => this.#lists.add(name)),
    })
    tail.onLine = () => this.#note()
    this.#sampling = every(clock, powerEveryMs, () => {
      if (this.#power.sample(inventory.devices.values(), clock.now())) this.#note()
    })
  }

  /** From now on what is new is told, as messages; nobody is told any more when nothing is given. */
  watch(onNews: ((text: string) => void) | undefined): void {
    this.#onNews = onNews
    if (onNews) this.#looking ??= every(this.#parts.clock, lookMs, () => this.#note())
    else {
      this.#looking?.cancel()
      this.#looking = undefined
      this.#turn?.cancel()
      this.#turn = undefined
    }
  }

  /** Something was said on MQTT, on this topic below the base. */
  said(name: TopicName, topic: string, text: string): void {
    // Far the most of what is said, and of no use later.
    if (name === 'eventReport' && !this.#onNews) return
    const told = readTold(name, topic, text)
    if (told?.kind === 'event') (told.isReport ? this.#recent.reports : this.#recent.events).push(told.event)
    else if (told?.kind === 'receipt') this.#recent.receipts.push(told.receipt)
    else if (told?.kind === 'ways') {
      const device = this.#parts.deviceOf(topic)
      if (device !== undefined) this.#pictures.touch(device)
    }
    if (told) this.#note()
  }

  /** All there is. Whoever looks already is told what is new first, so that nothing is told twice. */
  all(): string {
    this.#tell()
    const { base } = this.#parts
    return this.#message([
      ['all', 'true'],
      ['base', JSON.stringify(base)],
      ...Object.entries(this.#about),
      ...listNames.map((name) => [name, this.#list(name)] as const),
      ...this.#pictures.all(),
      ...this.#recent.since(noneYet),
    ])
  }

  /** What may be written has changed. */
  settingsChanged(): void {
    this.#note(() => this.#pictures.touchAll())
  }

  stop(): void {
    this.watch(undefined)
    this.#sampling.cancel()
    this.#parts.tail.onLine = () => {}
  }

  #note(change: () => void = () => {}): void {
    change()
    if (this.#onNews) this.#turn ??= this.#parts.clock.after(turnMs, () => this.#tell())
    // Nobody looks; the next who does is shown everything.
    else this.#pictures.forget()
  }

  #tell(): void {
    this.#turn?.cancel()
    this.#turn = undefined
    const about = this.#readAbout()
    const members: Members = [
      ...Object.entries(about).filter(([name, text]) => text !== this.#about[name as keyof About]),
      ...[...this.#lists].map((name) => [name, this.#list(name)] as const),
      ...this.#pictures.news(),
      ...this.#recent.since(this.#counts),
    ]
    this.#about = about
    this.#counts = this.#recent.counts
    this.#lists.clear()
    if (members.length > 0) this.#onNews?.(this.#message(members))
  }

  #message(members: Members): string {
    const now = `"nowMs":${this.#parts.clock.now()}`
    return `{${[now, ...members.map(([name, text]) => `"${name}":${text}`)].join(',')}}`
  }

  /** What the bridge says of itself; the time of a document alone is no news. */
  #readAbout(): About {
    const { info, health, redact } = this.#parts
    return {
      info: redact(JSON.stringify(info())),
      health: redact(JSON.stringify({ ...health(), timeMs: 0 })),
    }
  }

  #list(name: ListName): string {
    return this.#parts.redact(JSON.stringify(listPicture(this.#parts.inventory, name)))
  }
}
