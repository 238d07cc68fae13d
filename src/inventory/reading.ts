import type { Specification } from '../domain/data-point.ts'
import type { Device } from '../domain/device.ts'
import type { Home } from '../domain/home.ts'
import type { Directory } from '../domain/link.ts'
import type { Clock } from '../util/clock.ts'
import { isAbort, toBridgeError } from '../util/error.ts'
import { AbsenceTracker } from './absence.ts'
import type { Definition, DefinitionSet } from './definition-set.ts'
import type { Inventory } from './inventory.ts'
import type { SpecificationBook } from './specification-book.ts'
import { SpecificationLoader } from './specification-loader.ts'
import type { Troubles } from './troubles.ts'

export type Listed = 'home' | 'room' | 'device' | 'scene' | 'automation'

export interface ReadingParts {
  readonly directory: Directory
  readonly inventory: Inventory
  readonly book: SpecificationBook
  /** Reads the values of devices whose list came without them; at most `batch` at a time. */
  readonly values: {
    readonly batch: number
    read(deviceIds: readonly string[], signal: AbortSignal): Promise<void>
  }
  readonly clock: Clock
  readonly troubles: Troubles
  readonly signal: AbortSignal
  /** A complete list of one kind, over all homes, was read; true when one more would decide over something. */
  readonly onListed: (kind: Listed, ids: ReadonlySet<string>) => boolean
  /** Everything was read. */
  readonly onRead: () => void
  /** It is known now that a device has keys which can run scenes. */
  readonly onSceneKeys: (deviceId: string) => void
  /** A home is refused since now. */
  readonly onRefused: () => void
  /** Whether the members of homes are wanted: they are people. */
  readonly members: boolean
}

const partsOfHome = ['devices', 'rooms', 'scenes', 'automations', 'members'] as const

type PartOfHome = (typeof partsOfHome)[number]

/** A part of what exists that something may have changed. */
export type Area =
  | { readonly of: 'homes' }
  | { readonly of: PartOfHome; readonly homeId: string }
  | { readonly of: 'device' | 'bindings'; readonly deviceId: string }

/** Brings the inventory what the directory lists; when, is for others to say. Rejects with BridgeError. */
export class Reading {
  readonly #parts: ReadingParts
  readonly #absentHomes = new AbsenceTracker()
  readonly #absentRooms = new AbsenceTracker()
  readonly #absentDevices = new AbsenceTracker()
  readonly #absentScenes = new AbsenceTracker({ emptyProves: true })
  readonly #absentAutomations = new AbsenceTracker({ emptyProves: true })
  readonly #loader: SpecificationLoader
  #homes: readonly Home[] = []
  /** Calls that the last pass over the homes took besides one for each. */
  #valueReads = 0
  /** From now on the keys of a device that is described are for others to ask about. */
  #bindingsRead = false
  /** Something is missing that one more list of devices, or of everything, decides over. */
  recheck = { devices: false, all: false }

  constructor(parts: ReadingParts) {
    this.#parts = parts
    this.#loader = new SpecificationLoader(parts)
    parts.inventory.events.on('specification', ({ record, before }) => {
      if (this.#bindingsRead && before === undefined && hasSceneKeys(record.specification))
        parts.onSceneKeys(record.device.id)
    })
  }

  get homes(): readonly Home[] {
    return this.#homes
  }

  /** Calls that a pass over the homes takes. */
  get cost(): number {
    return this.#homes.length + this.#valueReads
  }

  /** Resolves when nothing is read in the background. */
  get idle(): Promise<void> {
    return this.#loader.idle
  }

  /** Homes, then their devices with values, then the rest; specifications follow in the background. */
  async everything(): Promise<void> {
    const { inventory, members, onRead } = this.#parts
    this.recheck = { devices: false, all: false }
    const listed = await this.#readHomes()
    await this.#devicesOfAll()
    await this.#eachHome('rooms', (home) => this.#readRooms(home))
    this.#tellListed('home', listed)
    this.#tellListed('device', inventory.devices)
    this.#tellListed('room', inventory.rooms)
    // A list that is refused proves nothing of what stands in it.
    if (await this.#eachHome('scenes', (home) => this.#readScenes(home)))
      this.#tellListed('scene', inventory.scenes.all)
    if (await this.#eachHome('automations', (home) => this.#readAutomations(home)))
      this.#tellListed('automation', inventory.automations.all)
    if (members) await this.#eachHome('members', (home) => this.#readMembers(home))
    await this.#bindingsOfAll()
    onRead()
  }

  #tellListed(kind: Listed, things: { keys(): Iterable<string> }): void {
    if (this.#parts.onListed(kind, new Set(things.keys()))) this.recheck.all = true
  }

  async #bindingsOfAll(): Promise<void> {
    const { inventory } = this.#parts
    this.#bindingsRead = true
    for (const { device, specification } of [...inventory.devices.values()])
      if (hasSceneKeys(specification)) await this.#readBindings(device)
  }

  async #readHomes(): Promise<ReadonlySet<string>> {
    const { directory, inventory, clock, signal } = this.#parts
    const homes = await directory.homes({ signal })
    for (const home of homes) inventory.setHome(home)
    const listed = new Set(homes.map(({ id }) => id))
    const { gone, pending } = this.#absentHomes.review(inventory.homes.keys(), listed, clock.monotonic())
    for (const id of gone) inventory.removeHome(id)
    // An empty list proves nothing: what is known is read on.
    this.#homes = homes.length > 0 ? homes : [...inventory.homes.values()]
    this.#loader.retryBare()
    this.recheck.all ||= pending
    return listed
  }

  /** The lists of devices with their values. */
  async devices(): Promise<void> {
    this.recheck.devices = false
    await this.#devicesOfAll()
    this.#tellListed('device', this.#parts.inventory.devices)
  }

  /** Everything that is in a home. */
  async home(home: Home): Promise<void> {
    for (const part of partsOfHome) await this.#partOf(home, part)
  }

  /** Reads a part again; nothing when there is no such home or device any more. */
  async area(area: Area): Promise<void> {
    if (area.of === 'homes') return this.#newHomes()
    if ('deviceId' in area) {
      const device = this.#parts.inventory.device(area.deviceId)?.device
      if (device) await (area.of === 'device' ? this.device(device) : this.#readBindings(device))
      return
    }
    const home = this.#homes.find(({ id }) => id === area.homeId)
    if (home) await this.#partOf(home, area.of)
  }

  /** The list of homes, and all that is in new ones. */
  async #newHomes(): Promise<void> {
    const known = new Set(this.#homes.map(({ id }) => id))
    await this.#readHomes()
    for (const home of this.#homes) {
      if (!known.has(home.id)) await this.home(home)
    }
  }

  #partOf(home: Home, part: PartOfHome): Promise<void> {
    switch (part) {
      case 'devices':
        return this.#readDevices(home)
      case 'rooms':
        return this.#readRooms(home)
      case 'scenes':
        return this.#readScenes(home)
      case 'automations':
        return this.#readAutomations(home)
      case 'members':
        return this.#parts.members ? this.#readMembers(home) : Promise.resolve()
    }
  }

  /** All values of one device, and the names of its points. */
  async device(device: Device): Promise<void> {
    const { book, values, signal } = this.#parts
    await values.read([device.id], signal)
    if (book.isExtended(device.id)) await book.load(device, { signal })
    await book.renameAll(device, { signal })
  }

  /** The points outside the standard set, of the device whose turn it is. */
  async extension(): Promise<void> {
    const { book, signal } = this.#parts
    const device = book.longestUnread
    if (!device) return
    await this.#readOrTell(`reading the further points of ${device.id}`, () => book.load(device, { signal }))
  }

  async #devicesOfAll(): Promise<void> {
    this.#valueReads = 0
    await this.#eachHome('devices', (home) => this.#readDevices(home))
  }

  /** A home that may not be read does not hide the others; false when there is one. */
  async #eachHome(part: PartOfHome, read: (home: Home) => Promise<void>): Promise<boolean> {
    const { troubles, onRefused } = this.#parts
    let failed: unknown
    let complete = true
    for (const home of this.#homes) {
      const what = `reading the ${part} of home ${home.id}`
      try {
        await read(home)
        troubles.over(what)
      } catch (thrown) {
        if (isAbort(thrown)) throw thrown
        const error = toBridgeError(thrown)
        complete = false
        if (error.retry !== 'never') failed ??= error
        // A refused list of devices may mean that the home is gone; of another list, that the project may not read it.
        else if (troubles.tell(what, error) && (part === 'devices' || part === 'rooms')) onRefused()
      }
    }
    if (failed !== undefined) throw failed
    return complete
  }

  async #readDevices(home: Home): Promise<void> {
    const { directory, inventory, book, clock, values } = this.#parts
    const { devices, reports } = await directory.devices(home, { signal: this.#parts.signal })
    const listed = new Set(devices.map(({ id }) => id))
    inventory.setDevices(devices)
    const mine = inventory.devicesOf(home.id).map(({ device }) => device.id)
    const { gone, pending } = this.#absentDevices.review(mine, listed, clock.monotonic())
    for (const id of gone) {
      inventory.removeDevice(id)
      book.forget(id)
    }
    this.recheck.devices ||= pending
    for (const device of devices) if (!inventory.specification(device.id)) book.recall(device)
    for (const report of reports) inventory.apply(report)
    this.#loader.start()
    const valued = new Set(reports.map(({ deviceId }) => deviceId))
    const silent = devices.filter(({ id }) => !valued.has(id)).map(({ id }) => id)
    for (let i = 0; i < silent.length; i += values.batch) {
      await this.#readValues(silent.slice(i, i + values.batch))
    }
  }

  /** Values that are refused are told; they do not keep those of the other devices. */
  async #readValues(deviceIds: readonly string[]): Promise<void> {
    const { values } = this.#parts
    await this.#readOrTell(`reading the values of ${deviceIds.join(', ')}`, () =>
      values.read(deviceIds, this.#parts.signal),
    )
  }

  async #readOrTell(what: string, read: () => Promise<void>): Promise<void> {
    const { troubles } = this.#parts
    this.#valueReads++
    try {
      await read()
      troubles.over(what)
    } catch (thrown) {
      const error = toBridgeError(thrown)
      if (isAbort(thrown) || error.retry !== 'never') throw thrown
      troubles.tell(what, error)
    }
  }

  async #readRooms(home: Home): Promise<void> {
    const { directory, inventory, clock } = this.#parts
    const { rooms, places } = await directory.rooms(home, { signal: this.#parts.signal })
    for (const room of rooms) inventory.setRoom(room)
    const known = inventory.roomsOf(home.id).map(({ id }) => id)
    const { gone, pending } = this.#absentRooms.review(
      known,
      new Set(rooms.map(({ id }) => id)),
      clock.monotonic(),
    )
    for (const id of gone) inventory.removeRoom(id)
    this.recheck.all ||= pending
    inventory.setPlaces(home.id, places)
  }

  async #readScenes(home: Home): Promise<void> {
    const { directory, inventory, signal } = this.#parts
    const scenes = await directory.scenes(home, { signal })
    this.#settle(inventory.scenes, this.#absentScenes, home, scenes)
  }

  async #readAutomations(home: Home): Promise<void> {
    const { directory, inventory, signal } = this.#parts
    const automations = await directory.automations(home, { signal })
    this.#settle(inventory.automations, this.#absentAutomations, home, automations)
  }

  #settle<T extends Definition>(
    set: DefinitionSet<T>,
    absent: AbsenceTracker,
    home: Home,
    listed: readonly T[],
  ): void {
    set.set(listed)
    const known = set.inHome(home.id).map(({ id }) => id)
    const ids = new Set(listed.map(({ id }) => id))
    const { gone, pending } = absent.review(known, ids, this.#parts.clock.monotonic())
    for (const id of gone) set.remove(id)
    this.recheck.all ||= pending
  }

  async #readMembers(home: Home): Promise<void> {
    const { directory, inventory, signal } = this.#parts
    inventory.setMembers(home.id, await directory.members(home, { signal }))
  }

  async #readBindings(device: Device): Promise<void> {
    const { directory, inventory, signal } = this.#parts
    await this.#readOrTell(`reading the scene keys of ${device.id}`, async () =>
      inventory.setBindings(device.id, await directory.bindings(device, { signal })),
    )
  }
}

/** Keys that can run scenes are enums that are pressed. */
function hasSceneKeys(specification: Specification | undefined): boolean {
  return [...(specification?.points.values() ?? [])].some(
    ({ momentary, type, code }) => momentary && type === 'enum' && code.startsWith('switch'),
  )
}
