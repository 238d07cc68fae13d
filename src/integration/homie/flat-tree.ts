import type { Json } from '../../domain/data-point.ts'
import { attributesOf } from './attributes.ts'
import { flatId, flatPrefix, type HomieDevice, type Placed, placesOf } from './device.ts'
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
import { decode, dialect4, encode } from './value.ts'

/** A device as it was last told. */
interface Told {
  readonly deviceId: string
  homie: HomieDevice
  places: readonly Placed[]
  /** By topic, what is retained there. */
  readonly topics: Map<string, string>
}

/** Each device as a device of Homie 4, side by side below the domain: that version knows no parents. */
export class FlatTree {
  readonly #parts: HomieTreeParts
  readonly #told = new Map<string, Told>()
  readonly #byId = new Map<string, Told>()

  constructor(parts: HomieTreeParts) {
    this.#parts = parts
  }

  get setFilter(): string {
    return `${this.#parts.domain}/+/+/+/set`
  }

  /** Where every device has a short word. */
  get namesFilter(): string {
    return `${this.#parts.domain}/+/$homie`
  }

  /** All of one device, by its id in the tree. */
  partFilter(id: string): string {
    return `${this.#parts.domain}/${id}/#`
  }

  get filter(): string {
    return `${this.#parts.domain}/+/#`
  }

  idOf(deviceId: string): string {
    return flatId(this.#parts.instance, deviceId)
  }

  /** The id of the device that a topic belongs to. */
  idIn(topic: string): string {
    return topic.split('/')[1] ?? ''
  }

  /** Where the state of a device stands; undefined for one that is not told. */
  stateTopicOf(deviceId: string): string | undefined {
    const told = this.#told.get(deviceId)
    return told && this.#topic(told, '$state')
  }

  /** Whether a topic belongs to a device of this bridge; those of Homie 5 have its number for a device. */
  isOurs(topic: string): boolean {
    const { domain, instance } = this.#parts
    return topic.startsWith(`${domain}/${flatPrefix(instance)}`)
  }

  /** These are told anew, on a connection that knows nothing. */
  tell(deviceIds: Iterable<string>): void {
    this.#told.clear()
    this.#byId.clear()
    for (const id of deviceIds) this.#tellDevice(id)
  }

  /** Devices are new, or are described otherwise. */
  changed(...deviceIds: readonly string[]): void {
    for (const id of deviceIds) this.#tellDevice(id)
  }

  /** Values of these points have changed. */
  reported(deviceId: string, codes: readonly string[]): void {
    const told = this.#told.get(deviceId)
    const described = told && this.#parts.device(deviceId)
    if (!told || !described) return
    for (const placed of told.places)
      if (codes.includes(placed.property.code)) this.#sayValue(told, placed, described)
    this.#say(told, '$state', stateOf(described))
  }

  /** A press, a ring, an unlock: told once and kept nowhere. */
  happened(deviceId: string, code: string, value: Json): void {
    const told = this.#told.get(deviceId)
    for (const { path, property } of told?.places ?? []) {
      const payload = property.code === code ? encode(property.shape, value, dialect4) : undefined
      if (told && payload !== undefined && payload !== '')
        this.#parts.say(this.#topic(told, path), payload, false)
    }
  }

  reachable(deviceId: string): void {
    const told = this.#told.get(deviceId)
    const described = this.#parts.device(deviceId)
    if (told && described) this.#say(told, '$state', stateOf(described))
  }

  /** Its state once more, whatever a Will has said of it meanwhile. */
  assert(deviceId: string): void {
    const told = this.#told.get(deviceId)
    const topic = told && this.#topic(told, '$state')
    const state = topic && told.topics.get(topic)
    if (topic && state) this.#parts.say(topic, state, true)
  }

  removed(deviceId: string): void {
    const told = this.#told.get(deviceId)
    if (!told) return
    this.#told.delete(deviceId)
    this.#byId.delete(told.homie.id)
    this.#clear(told)
  }

  /** Nobody looks after them from now on; all that is known stays. */
  farewell(): void {
    for (const told of this.#told.values()) this.#say(told, '$state', 'disconnected')
  }

  /** All of it is taken back. */
  clear(): void {
    for (const told of this.#told.values()) this.#clear(told)
    this.#told.clear()
    this.#byId.clear()
  }

  /** Whether something is retained there by this run. */
  says(topic: string): boolean {
    return this.#byId.get(this.idIn(topic))?.topics.has(topic) ?? false
  }

  /** Everything that is retained by this run. */
  get topics(): ReadonlySet<string> {
    const all = new Set<string>()
    for (const { topics } of this.#told.values()) for (const topic of topics.keys()) all.add(topic)
    return all
  }

  /** What a message on a set topic asks for; undefined for what no device has, or no datatype takes. */
  wish(topic: string, payload: string): Wish | undefined {
    const [, id = '', node, name] = topic.split('/')
    const told = this.#byId.get(id)
    const placed = told?.places.find(({ path }) => path === `${node}/${name}`)
    const setting = placed && decode(placed.property, payload, dialect4)
    return told && setting && { deviceId: told.deviceId, setting }
  }

  /** This version tells no targets. */
  target(): void {}

  #topic(told: Told, path: string): string {
    return `${this.#parts.domain}/${told.homie.id}/${path}`
  }

  #tellDevice(deviceId: string): void {
    const described = this.#parts.device(deviceId)
    if (!described) return
    const homie = homieOf(described, this.idOf(deviceId))
    const places = placesOf(homie)
    const known = this.#told.get(deviceId)
    const told: Told = known ?? { deviceId, homie, places, topics: new Map() }
    told.homie = homie
    told.places = places
    const attributes = attributesOf(homie).map(
      ([path, text]) => [path, text, this.#topic(told, path)] as const,
    )
    const wanted = new Set(attributes.map(([, , topic]) => topic))
    for (const { path } of places) wanted.add(this.#topic(told, path))
    wanted.add(this.#topic(told, '$state'))
    const stale = [...told.topics.keys()].filter((topic) => !wanted.has(topic))
    const isSame = attributes.every(([, text, topic]) => told.topics.get(topic) === text)
    if (known && isSame && stale.length === 0) return
    this.#told.set(deviceId, told)
    this.#byId.set(homie.id, told)
    this.#say(told, '$state', 'init')
    // Required, and empty: nothing is retained there, and who listens hears that it is so.
    this.#parts.say(this.#topic(told, '$extensions'), '', true)
    for (const [path, text] of attributes) this.#say(told, path, text)
    for (const placed of places) this.#sayValue(told, placed, described)
    for (const topic of stale) this.#withdraw(told, topic)
    this.#say(told, '$state', stateOf(described))
  }

  #sayValue(told: Told, { path, property }: Placed, described: Described): void {
    if (!property.isRetained) return
    const value = shownOf(described, property.code, property.view)
    const payload = value === undefined ? undefined : encode(property.shape, value, dialect4)
    if (payload !== undefined) this.#say(told, path, payload)
  }

  #say(told: Told, path: string, payload: string): void {
    const topic = this.#topic(told, path)
    if ((told.topics.get(topic) ?? '') === payload) return
    if (payload === '') told.topics.delete(topic)
    else told.topics.set(topic, payload)
    this.#parts.say(topic, payload, true)
  }

  /** Readers keep what they have heard when nothing comes in its place, so they hear what holds without it. */
  #withdraw(told: Told, topic: string): void {
    const usual = topic.endsWith('/$settable') ? 'false' : topic.endsWith('/$retained') ? 'true' : undefined
    if (usual !== undefined) this.#parts.say(topic, usual, true)
    this.#take(told, topic)
  }

  #take(told: Told, topic: string): void {
    told.topics.delete(topic)
    this.#parts.say(topic, '', true)
  }

  /** Who has made something of it sees first that it is gone. */
  #clear(told: Told): void {
    this.#say(told, '$state', 'disconnected')
    for (const topic of [...told.topics.keys()].sort(identityFirst)) this.#take(told, topic)
  }
}

/** What cannot be reached is lost, as far as anybody can tell; who reports a fault wants somebody to look. */
function stateOf(described: Described): 'ready' | 'lost' | 'alert' {
  if (!isReachable(described)) return 'lost'
  return faultsOf(described).length > 0 ? 'alert' : 'ready'
}
