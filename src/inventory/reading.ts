import type { Device } from '../domain/device.ts'
import type { Home } from '../domain/home.ts'
import type { Directory } from '../domain/link.ts'
import type { Clock } from '../util/clock.ts'
import { isAbort, toBridgeError } from '../util/error.ts'
import { AbsenceTracker } from './absence.ts'
import type { Inventory } from './inventory.ts'
import type { SpecificationBook } from './specification-book.ts'
import { SpecificationLoader } from './specification-loader.ts'
import type { Troubles } from './troubles.ts'

export type Listed = 'home' | 'room' | 'device'

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
  /** A complete list of one kind, over all homes, was read. */
  readonly onListed: (kind: Listed, ids: ReadonlySet<string>) => void
  /** A home is refused since now. */
  readonly onRefused: () => void
}

/** Brings the inventory what the directory lists; when, is for others to say. Rejects with BridgeError. */
export class Reading {
  readonly #parts: ReadingParts
  readonly #absentHomes = new AbsenceTracker()
  readonly #absentRooms = new AbsenceTracker()
  readonly #absentDevices = new AbsenceTracker()
  readonly #loader: SpecificationLoader
  #homes: readonly Home[] = []
  /** Calls that the last pass over the homes took besides one for each. */
  #valueReads = 0
  /** Something is missing that one more list of devices, or of everything, decides over. */
  recheck = { devices: false, all: false }

  constructor(parts: ReadingParts) {
    this.#parts = parts
    this.#loader = new SpecificationLoader(parts)
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

  /** Homes, then their devices with values, then rooms; specifications follow in the background. */
  async everything(): Promise<void> {
    const { directory, inventory, clock, signal, onListed } = this.#parts
    const homes = await directory.homes({ signal })
    for (const home of homes) inventory.setHome(home)
    const listed = new Set(homes.map(({ id }) => id))
    const { gone, pending } = this.#absentHomes.review(inventory.homes.keys(), listed, clock.monotonic())
    for (const id of gone) inventory.removeHome(id)
    // An empty list proves nothing: what is known is read on.
    this.#homes = homes.length > 0 ? homes : [...inventory.homes.values()]
    this.#loader.retryBare()
    this.recheck = { devices: false, all: pending }
    await this.#devicesOfAll()
    await this.#eachHome('rooms', (home) => this.#readRooms(home))
    onListed('home', listed)
    onListed('device', new Set(inventory.devices.keys()))
    onListed('room', new Set(inventory.rooms.keys()))
  }

  /** The lists of devices with their values. */
  async devices(): Promise<void> {
    this.recheck.devices = false
    await this.#devicesOfAll()
    this.#parts.onListed('device', new Set(this.#parts.inventory.devices.keys()))
  }

  async home(home: Home): Promise<void> {
    await this.#readDevices(home)
    await this.#readRooms(home)
  }

  /** All values of one device. */
  async device(device: Device): Promise<void> {
    const { book, values, signal } = this.#parts
    await values.read([device.id], signal)
    if (book.isExtended(device.id)) await book.load(device, { signal })
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

  /** A home that may not be read does not hide the others. */
  async #eachHome(part: 'devices' | 'rooms', read: (home: Home) => Promise<void>): Promise<void> {
    const { troubles, onRefused } = this.#parts
    let failed: unknown
    for (const home of this.#homes) {
      const what = `reading the ${part} of home ${home.id}`
      try {
        await read(home)
        troubles.over(what)
      } catch (thrown) {
        if (isAbort(thrown)) throw thrown
        const error = toBridgeError(thrown)
        if (error.retry !== 'never') failed ??= error
        else if (troubles.tell(what, error)) onRefused()
      }
    }
    if (failed !== undefined) throw failed
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
    const { rooms, members } = await directory.rooms(home, { signal: this.#parts.signal })
    for (const room of rooms) inventory.setRoom(room)
    const known = inventory.roomsOf(home.id).map(({ id }) => id)
    const { gone, pending } = this.#absentRooms.review(
      known,
      new Set(rooms.map(({ id }) => id)),
      clock.monotonic(),
    )
    for (const id of gone) inventory.removeRoom(id)
    this.recheck.all ||= pending
    inventory.setMembers(home.id, members)
  }
}
