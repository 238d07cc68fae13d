import type { Device } from '../domain/device.ts'
import type { Home } from '../domain/home.ts'
import { isAbort, toBridgeError } from '../util/error.ts'
import { AbsenceTracker } from './absence.ts'
import { type Area, type PartOfHome, partsOfHome } from './area.ts'
import { DefinitionReading } from './definition-reading.ts'
import { DeviceReading } from './device-reading.ts'
import { LaterReads } from './later-reads.ts'
import type { Listed, ReadingParts } from './reading-parts.ts'
import { RememberedNames } from './remembered-names.ts'
import { RoomReading } from './room-reading.ts'
import { ToldReading } from './told-reading.ts'

/** A home is mirrored with so many calls; what they leave over goes into what can wait. */
const callsOfHome = 55

/** Brings the inventory what the directory lists; when, is for others to say. Rejects with BridgeError. */
export class Reading {
  readonly #parts: ReadingParts
  readonly #absentHomes = new AbsenceTracker({ empty: 'doubted' })
  readonly #devices: DeviceReading
  readonly #rooms: RoomReading
  readonly #definitions: DefinitionReading
  readonly #told: ToldReading
  readonly #names: RememberedNames
  readonly #later: LaterReads
  #homes: readonly Home[] = []
  #homesPending = false
  #gotDevices = false
  /** Something of an earlier run is missing that one more reading of everything decides over. */
  #listsPending = false

  constructor(parts: ReadingParts) {
    this.#parts = parts
    this.#devices = new DeviceReading(parts)
    this.#rooms = new RoomReading(parts)
    this.#definitions = new DefinitionReading(parts)
    this.#names = new RememberedNames(parts.inventory)
    this.#later = new LaterReads({
      ...parts,
      bindings: (device) => this.#definitions.bindings(device),
    })
    this.#told = new ToldReading({
      ...parts,
      devices: this.#devices,
      rooms: this.#rooms,
      onHome: (home) => this.#include(home),
    })
    parts.inventory.events.on('homeRemoved', ({ id }) => {
      this.#homes = this.#homes.filter((home) => home.id !== id)
    })
  }

  get homes(): readonly Home[] {
    return this.#homes
  }

  /** The last pass read the lists of devices at least: it is known what there is, whatever else is missing. */
  get gotDevices(): boolean {
    return this.#gotDevices
  }

  /** Calls that a pass over the homes takes. */
  get cost(): number {
    return this.#homes.length + this.#devices.valueReads
  }

  /** Something is missing that one more list of devices, or of everything, decides over. */
  get recheck(): { readonly devices: boolean; readonly all: boolean } {
    const all = this.#listsPending || this.#homesPending || this.#rooms.pending || this.#definitions.pending
    return { devices: this.#devices.pending, all }
  }

  /** Resolves when nothing is read in the background. */
  get idle(): Promise<void> {
    return Promise.all([this.#devices.idle, this.#later.idle]).then(() => {})
  }

  /**
   * Homes, then their devices with values, then the rest; specifications follow in the background, and behind them what
   * devices have of their own.
   */
  async everything(): Promise<void> {
    const { inventory, onRead, budget } = this.#parts
    const before = budget.left('reconcile')
    this.#listsPending = false
    this.#homesPending = false
    this.#rooms.pending = false
    this.#definitions.pending = false
    this.#gotDevices = false
    const listed = await this.#readHomes()
    const complete = await this.#devicesOfAll()
    await this.#eachHome('rooms', (home) => this.#rooms.read(home))
    this.#tellListed('home', listed)
    this.#tellListed('device', inventory.devices, complete)
    this.#tellListed('room', inventory.rooms)
    // A list that is refused proves nothing of what stands in it.
    if (await this.#eachHome('scenes', (home) => this.#definitions.scenes(home)))
      this.#tellListed('scene', inventory.scenes.all)
    if (await this.#eachHome('automations', (home) => this.#definitions.automations(home)))
      this.#tellListed('automation', inventory.automations.all)
    if (this.#parts.members) await this.#eachHome('members', (home) => this.#definitions.members(home))
    for (const home of this.#homes) await this.#devices.sketch(home)
    onRead()
    this.#later.renew()
    void this.#devices.idle.then(() => {
      const spent = before - budget.left('reconcile')
      if (!this.#parts.signal.aborted) this.#later.start(this.#homes.length * callsOfHome - spent)
    })
  }

  /** `complete`: the lists of all homes were read. */
  #tellListed(kind: Listed, things: { keys(): Iterable<string> }, complete = true): void {
    const { clock, onListed } = this.#parts
    const ids = new Set(things.keys())
    if (onListed(kind, ids)) this.#listsPending = true
    if (complete && this.#names.review(kind, ids, clock.monotonic())) this.#listsPending = true
  }

  async #readHomes(): Promise<ReadonlySet<string>> {
    const { directory, inventory, book, clock, signal, wanted = () => true } = this.#parts
    const homes = (await directory.homes({ signal })).filter(({ id }) => wanted(id))
    // What is left out on purpose goes at once; the rule of two lists is for what is merely missing.
    const known = () => [...inventory.homes.values()].filter(({ local }) => !local)
    for (const { id } of known().filter((home) => !wanted(home.id))) {
      for (const { device } of inventory.devicesOf(id)) book.forget(device.id)
      inventory.removeHome(id)
    }
    for (const home of homes) inventory.setHome(home)
    const listed = new Set(homes.map(({ id }) => id))
    const { gone, doubted, pending } = this.#absentHomes.review(
      known().map(({ id }) => id),
      listed,
      clock.monotonic(),
    )
    for (const id of gone) this.#told.removeHome(id)
    for (const id of doubted) await this.#askHome(id)
    // An empty list proves nothing: what is known is read on.
    this.#homes = homes.length > 0 ? homes : known()
    this.#devices.retryBare()
    this.#homesPending ||= pending
    return listed
  }

  /**
   * A list that shows no home at all is checked. Only "there is no such home" removes it: that the project may not read
   * it is also said when somebody took its rights away for a while.
   */
  async #askHome(id: string): Promise<void> {
    const { directory, clock, signal } = this.#parts
    this.#absentHomes.found(id, clock.monotonic())
    if ((await directory.home(id, { signal })) === 'gone') this.#told.removeHome(id)
  }

  #include(home: Home): void {
    this.#homes = [...this.#homes.filter(({ id }) => id !== home.id), home]
  }

  /** The lists of devices with their values. */
  async devices(): Promise<void> {
    const complete = await this.#devicesOfAll()
    this.#tellListed('device', this.#parts.inventory.devices, complete)
  }

  /** Everything that is in a home. */
  async home(home: Home): Promise<void> {
    for (const part of partsOfHome) await this.#partOf(home, part)
  }

  /** All values of one device, and the names of its channels. */
  device(device: Device): Promise<void> {
    return this.#devices.values(device)
  }

  /** One call for what no list carries: what was never read, else the points of the device whose turn it is. */
  async further(): Promise<void> {
    if (!(await this.#later.one())) await this.#devices.extension()
  }

  /** It was paired anew, perhaps before anybody noticed that it had gone. */
  joins(deviceId: string): void {
    const { directory, book } = this.#parts
    directory.forget(deviceId)
    book.renew(deviceId)
    this.#later.again(deviceId)
  }

  /** Reads a part again; nothing when there is no such home or device any more. Gives what is to be read after it. */
  async area(area: Area): Promise<readonly Area[]> {
    switch (area.of) {
      case 'homes':
        await this.#newHomes()
        return []
      case 'home':
      case 'roomNames':
      case 'registration': {
        const coming = await this.#told.read(area)
        this.#later.resume()
        return coming
      }
      case 'device':
      case 'bindings':
      case 'names': {
        const device = this.#parts.inventory.device(area.deviceId)?.device
        if (device) await this.#ofDevice(area.of, device)
        return []
      }
      default: {
        const home = this.#homes.find(({ id }) => id === area.homeId)
        if (home) await this.#partOf(home, area.of, area.gone)
        if (area.of === 'devices') this.#later.resume()
        return []
      }
    }
  }

  #ofDevice(of: 'device' | 'bindings' | 'names', device: Device): Promise<void> {
    if (of === 'bindings') {
      this.#later.sawKeys(device.id)
      return this.#definitions.bindings(device)
    }
    return of === 'names' ? this.#devices.names(device) : this.#devices.values(device)
  }

  /** The list of homes, and all that is in new ones. */
  async #newHomes(): Promise<void> {
    const known = new Set(this.#homes.map(({ id }) => id))
    await this.#readHomes()
    for (const home of this.#homes) {
      if (!known.has(home.id)) await this.home(home)
    }
  }

  #partOf(home: Home, part: PartOfHome, toldGone: readonly string[] = []): Promise<void> {
    switch (part) {
      case 'devices':
        return this.#devices.list(home, toldGone)
      case 'rooms':
        return this.#rooms.read(home)
      case 'scenes':
        return this.#definitions.scenes(home)
      case 'automations':
        return this.#definitions.automations(home)
      case 'members':
        return this.#parts.members ? this.#definitions.members(home) : Promise.resolve()
    }
  }

  async #devicesOfAll(): Promise<boolean> {
    this.#devices.valueReads = 0
    this.#devices.pending = false
    this.#gotDevices = false
    const complete = await this.#eachHome('devices', (home) => this.#devices.list(home))
    this.#gotDevices = true
    return complete
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
}
