import type { Json } from '../../domain/data-point.ts'
import { deviceDescription, rootDescription } from './description.ts'
import { childId, childPrefix, type HomieDevice, type Placed, placesOf, rootId } from './device.ts'
import { homieId } from './id.ts'
import {
  type Described,
  faultsOf,
  type HomieTreeParts,
  homieOf,
  identityFirst,
  isReachable,
  shownOf,
  type Wish,
} from './tree-parts.ts'
import { decode, dialect5, encode } from './value.ts'

/** A description is one message, and this is what the list of children may take of it. */
const childrenBytes = 120 * 1024

/** A device as it was last told. */
interface Told {
  readonly deviceId: string
  homie: HomieDevice
  places: readonly Placed[]
  description: string
  /** By topic, what is retained there. */
  readonly topics: Map<string, string>
}

/** The bridge as a root device of Homie 5 and its devices as children, told in the order that the convention wants. */
export class HomieTree {
  readonly #parts: HomieTreeParts
  readonly #told = new Map<string, Told>()
  readonly #byId = new Map<string, Told>()
  #rootTopics = new Map<string, string>()
  #leftOut = 0

  constructor(parts: HomieTreeParts) {
    this.#parts = parts
  }

  get stateTopic(): string {
    return `${this.#base(rootId(this.#parts.instance))}/$state`
  }

  get setFilter(): string {
    return `${this.#parts.domain}/5/+/+/+/set`
  }

  /** Where every device has a short word. */
  get namesFilter(): string {
    return `${this.#parts.domain}/5/+/$state`
  }

  /** All of one device, by its id in the tree. */
  partFilter(id: string): string {
    return `${this.#base(id)}/#`
  }

  get filter(): string {
    return `${this.#parts.domain}/5/+/#`
  }

  /** The id that a device has in the tree. */
  idOf(deviceId: string): string {
    return childId(this.#parts.instance, deviceId)
  }

  /** The id of the device that a topic belongs to. */
  idIn(topic: string): string {
    return topic.split('/')[2] ?? ''
  }

  /** Whether a topic belongs to a device of this bridge. */
  isOurs(topic: string): boolean {
    const { domain, instance } = this.#parts
    const root = `${this.#base(rootId(instance))}/`
    return topic.startsWith(root) || topic.startsWith(`${domain}/5/${childPrefix(instance)}`)
  }

  /** Everything is told anew, on a connection that knows nothing: children first, then the root with their list. */
  tell(deviceIds: Iterable<string>): void {
    this.#told.clear()
    this.#byId.clear()
    this.#rootTopics = new Map()
    this.#sayRoot('$state', 'init')
    for (const id of deviceIds) this.#tellDevice(id)
    this.#tellRoot()
  }

  /** Devices are new, or are described otherwise; the root follows once for all of them. */
  changed(...deviceIds: readonly string[]): void {
    const before = this.#told.size
    for (const id of deviceIds) this.#tellDevice(id)
    if (before !== this.#told.size) this.#tellRoot()
  }

  /** Values of these points have changed. */
  reported(deviceId: string, codes: readonly string[]): void {
    const told = this.#told.get(deviceId)
    const described = told && this.#parts.device(deviceId)
    if (!told || !described) return
    for (const placed of told.places)
      if (codes.includes(placed.property.code)) this.#sayValue(told, placed, described)
    this.#sayFaults(told, described)
  }

  /** A press, a ring, an unlock: told once and kept nowhere. */
  happened(deviceId: string, code: string, value: Json): void {
    const told = this.#told.get(deviceId)
    for (const { path, property } of told?.places ?? []) {
      const payload = property.code === code ? encode(property.shape, value, dialect5) : undefined
      if (told && payload !== undefined)
        this.#parts.say(`${this.#base(told.homie.id)}/${path}`, payload, false)
    }
  }

  reachable(deviceId: string): void {
    const told = this.#told.get(deviceId)
    const described = this.#parts.device(deviceId)
    if (told && described) this.#say(told, '$state', stateOf(described))
  }

  /** The root forgets it first, then its topics go, its state before all others. */
  removed(deviceId: string): void {
    const told = this.#told.get(deviceId)
    if (!told) return
    this.#told.delete(deviceId)
    this.#byId.delete(told.homie.id)
    this.#tellRoot()
    this.#clear(told)
  }

  /** Nobody looks after it from now on; all that is known stays. */
  farewell(): void {
    this.#sayRoot('$state', 'disconnected')
  }

  /** All of it is taken back. */
  clear(): void {
    for (const topic of [...this.#rootTopics.keys()].sort(identityFirst)) this.#parts.say(topic, '', true)
    this.#rootTopics = new Map()
    for (const told of this.#told.values()) this.#clear(told)
    this.#told.clear()
    this.#byId.clear()
  }

  /** Whether something is retained there by this run. */
  says(topic: string): boolean {
    return this.#rootTopics.has(topic) || (this.#byId.get(this.idIn(topic))?.topics.has(topic) ?? false)
  }

  /** Everything that is retained by this run. */
  get topics(): ReadonlySet<string> {
    const all = new Set(this.#rootTopics.keys())
    for (const { topics } of this.#told.values()) for (const topic of topics.keys()) all.add(topic)
    return all
  }

  /** What a message on a set topic asks for; undefined for what no device has, or no datatype takes. */
  wish(topic: string, payload: string): Wish | undefined {
    const [, , id = '', node, name] = topic.split('/')
    const told = this.#byId.get(id)
    const placed = told?.places.find(({ path }) => path === `${node}/${name}`)
    const setting = placed && decode(placed.property, payload, dialect5)
    if (!told || !setting) return undefined
    const { deviceId } = told
    // What only happens is nothing that a device could be on its way to.
    if (!placed.property.isRetained) return { deviceId, setting }
    return { deviceId, setting, targetTopic: `${this.#base(id)}/${node}/${name}/$target` }
  }

  /** A wish was accepted: what is on its way to being so. */
  target({ deviceId, targetTopic }: Wish, payload: string): void {
    const told = this.#told.get(deviceId)
    if (!told || targetTopic === undefined) return
    told.topics.set(targetTopic, payload)
    this.#parts.say(targetTopic, payload, true)
  }

  #base(id: string): string {
    return `${this.#parts.domain}/5/${id}`
  }

  #tellDevice(deviceId: string): void {
    const { instance } = this.#parts
    const described = this.#parts.device(deviceId)
    if (!described) return
    const homie = homieOf(described, this.idOf(deviceId))
    const places = placesOf(homie)
    const whole = deviceDescription(homie, instance)
    const description = JSON.stringify(whole)
    const known = this.#told.get(deviceId)
    if (known?.description === description) return
    const told: Told = known ?? { deviceId, homie, places, description, topics: new Map() }
    told.homie = homie
    told.places = places
    told.description = description
    this.#told.set(deviceId, told)
    this.#byId.set(homie.id, told)
    // A description changes in this state alone.
    this.#say(told, '$state', 'init')
    this.#say(told, '$description', versioned(whole, this.#parts.now()))
    const wanted = new Set(places.map(({ path }) => path))
    for (const topic of [...told.topics.keys()]) {
      const path = topic.slice(this.#base(homie.id).length + 1).replace(/\/\$target$/, '')
      if (!path.startsWith('$') && !wanted.has(path)) this.#take(told, topic)
    }
    for (const placed of places) this.#sayValue(told, placed, described)
    this.#sayFaults(told, described)
    this.#say(told, '$state', stateOf(described))
  }

  #tellRoot(): void {
    const { instance, now } = this.#parts
    const children = this.#listed()
    this.#sayRoot('$state', 'init')
    this.#sayRoot('$description', versioned(rootDescription(instance, children), now()))
    this.#sayRoot('$state', 'ready')
  }

  /** The children that the root can name. All others are there too, for those who look for devices and not for a list. */
  #listed(): readonly string[] {
    const { onCrowded } = this.#parts
    const children = [...this.#told.values()].map(({ homie }) => homie.id)
    let bytes = 0
    const tooMany = children.findIndex((id) => {
      bytes += id.length + 3
      return bytes > childrenBytes
    })
    const leftOut = tooMany < 0 ? 0 : children.length - tooMany
    if (leftOut !== this.#leftOut) onCrowded?.(leftOut)
    this.#leftOut = leftOut
    return children.slice(0, children.length - leftOut)
  }

  #sayValue(told: Told, { path, property }: Placed, described: Described): void {
    if (!property.isRetained) return
    const value = shownOf(described, property.code, property.view)
    const payload = value === undefined ? undefined : encode(property.shape, value, dialect5)
    if (payload !== undefined) this.#say(told, path, payload)
  }

  /** A fault is an alert for as long as it lasts. */
  #sayFaults(told: Told, described: Described): void {
    const now = new Map(faultsOf(described).map((fault) => [`$alert/${homieId(fault)}`, fault]))
    const base = `${this.#base(told.homie.id)}/`
    for (const topic of [...told.topics.keys()])
      if (topic.startsWith(`${base}$alert/`) && !now.has(topic.slice(base.length))) this.#take(told, topic)
    for (const [path, fault] of now) this.#say(told, path, `The device reports ${fault}.`)
  }

  #say(told: Told, path: string, payload: string): void {
    const topic = `${this.#base(told.homie.id)}/${path}`
    if (told.topics.get(topic) === payload) return
    told.topics.set(topic, payload)
    this.#parts.say(topic, payload, true)
  }

  #sayRoot(path: string, payload: string): void {
    const topic = `${this.#base(rootId(this.#parts.instance))}/${path}`
    this.#rootTopics.set(topic, payload)
    this.#parts.say(topic, payload, true)
  }

  #take(told: Told, topic: string): void {
    told.topics.delete(topic)
    this.#parts.say(topic, '', true)
  }

  #clear(told: Told): void {
    for (const topic of [...told.topics.keys()].sort(identityFirst)) this.#take(told, topic)
  }
}

/** What cannot be reached is lost, as far as anybody can tell. */
function stateOf(described: Described): 'ready' | 'lost' {
  return isReachable(described) ? 'ready' : 'lost'
}

/** Versions grow with time: a later description is always newer. */
function versioned(description: Readonly<Record<string, unknown>>, now: number): string {
  return JSON.stringify({ ...description, version: now })
}
