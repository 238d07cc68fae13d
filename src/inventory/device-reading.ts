import type { Device } from '../domain/device.ts'
import type { Home } from '../domain/home.ts'
import { AbsenceTracker } from './absence.ts'
import type { RegistrationArea } from './area.ts'
import { type ReadingParts, readOrTell } from './reading-parts.ts'
import { SpecificationLoader } from './specification-loader.ts'

/** So many devices at most are asked one by one whether an empty list is right. */
const doubtedAtOnce = 20

/** What became of a device that was asked for by itself. */
export type Registration = 'here' | 'elsewhere' | 'absent'

/** Brings devices with their values: by the list of a home, or one by itself. */
export class DeviceReading {
  readonly #parts: ReadingParts
  readonly #absent = new AbsenceTracker({ empty: 'doubted' })
  readonly #loader: SpecificationLoader
  /** Calls that were made besides one for each home. */
  valueReads = 0
  /** Something is missing that one more list decides over. */
  pending = false

  constructor(parts: ReadingParts) {
    this.#parts = parts
    this.#loader = new SpecificationLoader(parts)
  }

  /** Resolves when nothing is read in the background. */
  get idle(): Promise<void> {
    return this.#loader.idle
  }

  /** Devices of a home whose products are left for later are described by what one call tells of all of them. */
  async sketch(home: Home): Promise<void> {
    const { directory, inventory, book, troubles, signal } = this.#parts
    await this.#loader.idle
    if (!this.#loader.hasLeft) return
    const bare = inventory.devicesOf(home.id).filter(({ specification }) => specification === undefined)
    if (bare.length === 0) return
    await readOrTell(troubles, `reading what scenes use in home ${home.id}`, async () => {
      const sketches = await directory.sketches(home, { signal })
      // Where nothing is told at all, the next list brings them their turn.
      if (sketches.size === 0) return
      for (const { device } of bare) book.sketch(device, sketches.get(device.id) ?? [])
    })
  }

  /** A refusal of models may have been lifted. */
  retryBare(): void {
    this.#loader.retryBare()
  }

  /** The devices of a home; those of `toldGone` that it does not show go at once, unless it shows none at all. */
  async list(home: Home, toldGone: readonly string[] = []): Promise<void> {
    const { directory, inventory, book, clock, values, signal } = this.#parts
    const { devices, reports, askedMs } = await directory.devices(home, { signal })
    const listed = new Set(devices.map(({ id }) => id))
    this.#set(devices, askedMs)
    const mine = inventory.devicesOf(home.id).map(({ device }) => device.id)
    const { gone, doubted, pending } = this.#absent.review(mine, listed, clock.monotonic())
    const left = listed.size === 0 ? [] : mine.filter((id) => toldGone.includes(id) && !listed.has(id))
    for (const id of [...gone, ...left]) this.#remove(id)
    this.pending ||= pending && left.length < mine.length - listed.size
    for (const device of devices) if (!inventory.specification(device.id)) book.recall(device)
    for (const report of reports) inventory.apply(report)
    this.#loader.start()
    const valued = new Set(reports.map(({ deviceId }) => deviceId))
    const silent = devices.filter(({ id }) => !valued.has(id)).map(({ id }) => id)
    for (let i = 0; i < silent.length; i += values.batch) {
      await this.#readValues(silent.slice(i, i + values.batch))
    }
    const asked =
      listed.size === 0 && toldGone.length > 0 ? mine.filter((id) => toldGone.includes(id)) : doubted
    if (asked.length > 0) await this.#askEach(home, asked)
  }

  /**
   * A list that shows nothing is checked: the home, and each device by itself, until one of them is there after all.
   */
  async #askEach(home: Home, deviceIds: readonly string[]): Promise<void> {
    const { directory, clock, signal } = this.#parts
    // Whatever comes of it, it is not asked again with each list.
    for (const id of deviceIds) this.#absent.found(id, clock.monotonic())
    this.valueReads++
    if (typeof (await directory.home(home.id, { signal })) === 'string') return
    for (const deviceId of deviceIds.slice(0, doubtedAtOnce)) {
      this.valueReads++
      const { found } = await this.read({ deviceId, toldGone: true })
      if (found === 'here') return
    }
    for (const id of deviceIds.slice(doubtedAtOnce)) this.#absent.forget(id)
    this.pending ||= deviceIds.length > doubtedAtOnce
  }

  /**
   * One device by itself. `here`: it is in one of our homes, and up to date now. `elsewhere`: in a home that is not
   * mirrored. `absent`: the cloud knows none, or none of ours. Told to be gone, it is removed in the latter two cases.
   */
  async read({ deviceId, toldGone }: Pick<RegistrationArea, 'deviceId' | 'toldGone'>): Promise<{
    readonly found: Registration
    readonly homeId?: string
  }> {
    const { directory, inventory, book, signal } = this.#parts
    const found = await directory.device(deviceId, { signal })
    if (typeof found === 'string') {
      if (toldGone) this.#remove(deviceId)
      return { found: 'absent' }
    }
    const { device, reports, askedMs } = found
    if (!inventory.homes.has(device.homeId)) {
      if (toldGone) this.#remove(deviceId)
      return { found: 'elsewhere', homeId: device.homeId }
    }
    this.#set([device], askedMs)
    if (!inventory.specification(deviceId)) book.recall(device)
    for (const report of reports) inventory.apply(report)
    this.#loader.start()
    return { found: 'here' }
  }

  /** All values of one device, and the names of its points. */
  async values(device: Device): Promise<void> {
    const { book, values, signal } = this.#parts
    await values.read([device.id], signal)
    if (book.isExtended(device.id)) await book.extend(device, { signal })
    await book.renameAll(device, { signal })
  }

  /** The names of the points of one device. */
  names(device: Device): Promise<void> {
    const { book, signal } = this.#parts
    return book.renamePoints(device, { signal })
  }

  /** The points outside the standard set, of the device whose turn it is. */
  async extension(): Promise<void> {
    const { book, troubles, signal } = this.#parts
    const device = book.longestUnread
    if (!device) return
    this.valueReads++
    await readOrTell(troubles, `reading the further points of ${device.id}`, () =>
      book.extend(device, { signal }),
    )
  }

  /** Values that are refused are told; they do not keep those of the other devices. */
  async #readValues(deviceIds: readonly string[]): Promise<void> {
    const { values, troubles, signal } = this.#parts
    this.valueReads++
    await readOrTell(troubles, `reading the values of ${deviceIds.join(', ')}`, () =>
      values.read(deviceIds, signal),
    )
  }

  /**
   * One that is of another product now was paired anew: it is another thing under the same id. Where it stands nobody
   * tells with it.
   */
  #set(devices: readonly Device[], askedMs: number | undefined): void {
    const { inventory } = this.#parts
    const renewed = devices.map((device) => {
      const before = inventory.device(device.id)?.device
      const [was, is] = [before?.product.id ?? '', device.product.id]
      if (!before || was === '' || is === '' || was === is) return device
      this.#remove(device.id)
      const roomId = before.homeId === device.homeId ? before.roomId : null
      return { ...device, roomId: device.roomId ?? roomId }
    })
    inventory.setDevices(renewed, askedMs)
  }

  #remove(id: string): void {
    const { inventory, book } = this.#parts
    inventory.removeDevice(id)
    book.forget(id)
    this.#absent.forget(id)
  }
}
