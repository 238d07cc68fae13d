import type { Automation } from '../../domain/automation.ts'
import type { Home } from '../../domain/home.ts'
import type { Scene } from '../../domain/scene.ts'
import { json, type Payload } from '../../mqtt/payload.ts'
import type { Clock, Timer } from '../../util/clock.ts'
import type { Random } from '../../util/random.ts'
import { Departures } from './departures.ts'
import { DiscoveryTopics, type Subject } from './discovery-topics.ts'
import {
  automationsDocument,
  bridgeDocument,
  type DiscoveryDocument,
  type DocumentContext,
  type DocumentedDevice,
  deviceDocument,
  platformsIn,
  scenesDocument,
} from './document.ts'
import { Pace } from './pace.ts'
import { paged, pagesAtMost } from './pages.ts'

/** Where documents go: retained topics outside the base. */
export interface DiscoverySink {
  retain(topic: string, payload: Payload): void
  /** Says once more what the topic says. */
  repeat(topic: string): void
  clear(topic: string): void
}

/** What exists, looked up at the moment when a document is made. */
export interface DiscoveryHouse {
  /** Undefined for one that is gone, or of which too little is known. */
  device(id: string): DocumentedDevice | undefined
  /** Whether there is such a device, of which more will be known. */
  isAwaited(id: string): boolean
  home(id: string): Home | undefined
  scenes(homeId: string): readonly Scene[]
  automations(homeId: string): readonly Automation[]
  actionNames(automation: Automation): readonly string[]
}

export interface DiscoveryParts extends DocumentContext {
  readonly prefix: string
  readonly sink: DiscoverySink
  readonly house: DiscoveryHouse
  readonly clock: Clock
  readonly random: Random
}

/**
 * A hundred documents a second: consumers choke on hundreds at once, and a broker that has acknowledged them drops what its
 * queue for a slow consumer does not hold.
 */
const rhythm = { everyMs: 10, atOnce: 10 }
/** After a birth everybody speaks at once; we wait for some of this time. */
const birthMs = 10_000

/** Of a page of a document (`device/a 0`), what it is about. */
function subjectAt(place: string): Subject {
  return place.replace(/ \d+$/, '') as Subject
}

/** Says to Home Assistant what there is, and takes back what is gone. */
export class Discovery {
  readonly topics: DiscoveryTopics
  readonly #parts: DiscoveryParts
  readonly #due = new Set<Subject>()
  readonly #repeats = new Set<string>()
  /** By topic, what it is about and the platform of every entity that it told of. */
  readonly #told = new Map<string, { readonly subject: Subject; readonly platforms: Map<string, string> }>()
  /** The same for documents of an earlier run, until this one has its own. */
  #earlier = new Map<string, ReadonlyMap<string, string>>()
  readonly #departures: Departures
  /** Of homes with too much for one document, how many they have; they keep them. */
  readonly #pages = new Map<Subject, number>()
  #leftovers = new Set<string>()
  #everythingRead = false
  readonly #pace: Pace
  #birth: Timer | undefined
  #on = false

  constructor(parts: DiscoveryParts) {
    this.#parts = parts
    this.topics = new DiscoveryTopics(parts)
    this.#pace = new Pace(parts.clock, rhythm, () => this.#next())
    this.#departures = new Departures(parts.clock, (place) => this.touch(subjectAt(place)))
  }

  get isOn(): boolean {
    return this.#on
  }

  /** Of a document as an earlier run left it, what `adopt` wants to know. */
  keep(text: string): string {
    const components = [...platformsIn(text)].map(([key, platform]) => [key, { platform }])
    return JSON.stringify({ components: Object.fromEntries(components) })
  }

  /** From now on there are documents; `subjects` is what there is to tell of. */
  switchOn(subjects: Iterable<Subject>): void {
    this.#on = true
    this.touch('bridge')
    for (const subject of subjects) this.touch(subject)
  }

  /** Every document is taken back. */
  switchOff(): void {
    this.#on = false
    this.#due.clear()
    this.#repeats.clear()
    this.#departures.stop()
    for (const topic of [...this.#told.keys(), ...this.#leftovers]) this.#parts.sink.clear(topic)
    this.#told.clear()
    this.#earlier.clear()
    this.#pages.clear()
    this.#leftovers.clear()
  }

  /** Something about it has changed. */
  touch(subject: Subject): void {
    if (!this.#on) return
    this.#due.add(subject)
    this.#pace.go()
  }

  /** It is gone: that is said before anything else of it goes. */
  remove(subject: Subject): void {
    this.#due.delete(subject)
    for (let page = 0; page < this.#pagesOf(subject); page++) {
      this.#departures.forget(`${subject} ${page}`)
      const topic = this.topics.of(subject, page)
      // It may never have been told of in this run.
      if (this.#leftovers.delete(topic) && !this.#told.has(topic)) this.#parts.sink.clear(topic)
      this.#clear(topic)
    }
    this.#pages.delete(subject)
  }

  /** Home Assistant came up: everything is said again, a moment later. */
  born(): void {
    const { clock, random } = this.#parts
    if (!this.#on || this.#birth) return
    this.#birth = clock.after(Math.floor(random() * birthMs), () => {
      this.#birth = undefined
      for (const topic of this.#told.keys()) this.#repeats.add(topic)
      for (const place of this.#departures.again()) this.#due.add(subjectAt(place))
      this.#pace.go()
    })
  }

  /**
   * Documents of an earlier run, by topic. They go unless this one has one there by the time that everything was read;
   * entities that are not in it any more are taken back.
   */
  adopt(documents: ReadonlyMap<string, string>): void {
    this.#leftovers = new Set(documents.keys())
    this.#earlier = new Map([...documents].map(([topic, text]) => [topic, platformsIn(text)]))
    for (const topic of this.#leftovers) this.#keepPage(topic)
    for (const [topic, { subject }] of this.#told) if (this.#earlier.has(topic)) this.touch(subject)
    if (this.#everythingRead || !this.#on) this.#settle()
  }

  everythingRead(): void {
    this.#everythingRead = true
    this.#settle()
  }

  stop(): void {
    this.#pace.stop()
    this.#birth?.cancel()
    this.#departures.stop()
    this.#birth = undefined
  }

  #settle(): void {
    if (this.#due.size > 0) return
    for (const topic of this.#leftovers) {
      // A device that came back would have lost what people made of its entities.
      if (this.#on && !this.#told.has(topic) && this.#parts.house.isAwaited(this.topics.objectIn(topic)))
        continue
      this.#leftovers.delete(topic)
      if (!this.#told.has(topic)) this.#parts.sink.clear(topic)
    }
  }

  /** The next document; false when there is none after it. */
  #next(): boolean {
    const [subject] = this.#due
    const [topic] = this.#repeats
    if (subject !== undefined) {
      this.#due.delete(subject)
      this.#say(subject)
    } else if (topic !== undefined) {
      this.#repeats.delete(topic)
      this.#parts.sink.repeat(topic)
    }
    if (this.#due.size === 0 && this.#everythingRead) this.#settle()
    return this.#due.size + this.#repeats.size > 0
  }

  #say(subject: Subject): void {
    const documents = this.#documentsOf(subject)
    if (documents.length > 1) this.#pages.set(subject, documents.length)
    for (let page = 0; page < Math.max(documents.length, this.#pagesOf(subject)); page++)
      this.#sayOn(subject, page, documents[page])
  }

  #sayOn(subject: Subject, page: number, document: DiscoveryDocument | undefined): void {
    const topic = this.topics.of(subject, page)
    if (!document || Object.keys(document.components).length === 0) {
      this.#clear(topic)
      return
    }
    const platforms = this.#told.get(topic)?.platforms ?? new Map<string, string>()
    this.#told.set(topic, { subject, platforms })
    for (const [key, platform] of this.#earlier.get(topic) ?? []) platforms.set(key, platform)
    this.#earlier.delete(topic)
    const now = Object.entries(document.components)
    const missing = [...platforms.keys()].filter((key) => !Object.hasOwn(document.components, key))
    for (const [key, { platform }] of now) platforms.set(key, platform)
    // An entity that is gone is named once more with nothing but its platform: that removes it.
    const stubs = this.#departures
      .named(`${subject} ${page}`, missing)
      .map((key) => [key, { platform: platforms.get(key) }] as const)
    const components = Object.fromEntries([...now, ...stubs])
    this.#parts.sink.retain(topic, json({ ...document, components }))
  }

  #clear(topic: string): void {
    if (this.#told.delete(topic)) this.#parts.sink.clear(topic)
    this.#earlier.delete(topic)
    this.#repeats.delete(topic)
  }

  /** What an earlier run has put on a page stays there. */
  #keepPage(topic: string): void {
    const found = this.topics.pageIn(topic)
    if (!found) return
    const { subject, page } = found
    const pages = 2 ** Math.ceil(Math.log2(page))
    if (pages <= this.#pagesOf(subject)) return
    this.#pages.set(subject, Math.min(pages, pagesAtMost))
    if (this.#everythingRead) this.touch(subject)
  }

  #pagesOf(subject: Subject): number {
    return this.#pages.get(subject) ?? 1
  }

  #documentsOf(subject: Subject): readonly DiscoveryDocument[] {
    const { house } = this.#parts
    const [kind, id = ''] = subject.split('/')
    if (kind === 'bridge') return [bridgeDocument(this.#parts)]
    if (kind === 'device') {
      const device = house.device(id)
      return device ? [deviceDocument(device, this.#parts)] : []
    }
    const home = house.home(id)
    if (!home) return []
    const least = this.#pagesOf(subject)
    return kind === 'scenes'
      ? paged(house.scenes(id), least, (page) => scenesDocument(home, page, this.#parts))
      : paged(house.automations(id), least, (page) =>
          automationsDocument(home, page, house.actionNames, this.#parts),
        )
  }
}
