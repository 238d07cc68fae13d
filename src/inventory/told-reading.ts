import type { Home } from '../domain/home.ts'
import { BoundedMap } from '../util/bounded-map.ts'
import type { Area, RegistrationArea, ToldArea } from './area.ts'
import type { DeviceReading } from './device-reading.ts'
import type { ReadingParts } from './reading-parts.ts'
import type { RoomReading } from './room-reading.ts'

export interface ToldReadingParts extends ReadingParts {
  readonly devices: DeviceReading
  readonly rooms: RoomReading
  /** A home is mirrored from now on, or has changed. */
  readonly onHome: (home: Home) => void
}

const strangersKept = 10_000
const strangersForMs = 6 * 3_600_000
/** Unknown devices that speak are asked for so often at most; the lists show those of our homes anyway. */
const unknownAnHour = 20
const hourMs = 3_600_000

/** Looks at the one thing of which something was told, with a call or two. */
export class ToldReading {
  readonly #parts: ToldReadingParts
  /** Devices that are none of ours, and when that was found. */
  readonly #strangers = new BoundedMap<string, number>(strangersKept)

  /** When unknown devices were asked for because they spoke; monotonic. */
  #asked: number[] = []

  constructor(parts: ToldReadingParts) {
    this.#parts = parts
  }

  /** Gives what is to be read after it. */
  async read(area: ToldArea): Promise<readonly Area[]> {
    switch (area.of) {
      case 'home': {
        const isNew = !this.#parts.inventory.homes.has(area.homeId)
        const isOurs = await this.#home(area.homeId, area.toldGone)
        return isNew && isOurs ? contentOf(area.homeId) : []
      }
      case 'roomNames': {
        const home = this.#parts.inventory.homes.get(area.homeId)
        if (home) await this.#parts.rooms.names(home, area.toldGone)
        return []
      }
      case 'registration':
        return this.#registration(area)
    }
  }

  removeHome(id: string): void {
    const { inventory, book } = this.#parts
    const devices = inventory.devicesOf(id).map(({ device }) => device.id)
    inventory.removeHome(id)
    for (const deviceId of devices) book.forget(deviceId)
  }

  /** Whether it is one of ours; what is in a new one besides rooms is for others to read. */
  async #home(id: string, toldGone: boolean): Promise<boolean> {
    const { directory, inventory, rooms, onHome, signal } = this.#parts
    const home = await directory.home(id, { signal })
    if (typeof home === 'string') {
      if (toldGone) this.removeHome(id)
      return false
    }
    const isNew = !inventory.homes.has(id)
    inventory.setHome(home)
    onHome(home)
    if (isNew) await rooms.names(home, false)
    return true
  }

  async #registration(area: RegistrationArea): Promise<readonly Area[]> {
    const { inventory, devices } = this.#parts
    const { deviceId } = area
    const isExpected = inventory.device(deviceId) || area.isComing || area.homeId !== null
    if (!isExpected && !this.#mayAsk(deviceId)) return []
    const { found, homeId } = await devices.read(area)
    // Nobody tells in which room it stands.
    if (found === 'here') return area.isComing ? roomsAround(inventory.device(deviceId)?.device.homeId) : []
    // It joined a home that nobody told of yet.
    if (found === 'elsewhere' && homeId !== undefined && (await this.#home(homeId, false))) {
      await devices.read({ deviceId, toldGone: false })
      return contentOf(homeId)
    }
    if (found === 'absent' && area.isComing) return [{ ...area, isComing: false }]
    this.#strangers.set(deviceId, this.#parts.clock.monotonic())
    return []
  }

  /** Whether to ask for a device of which nothing is known but that it spoke. */
  #mayAsk(deviceId: string): boolean {
    const now = this.#parts.clock.monotonic()
    const at = this.#strangers.get(deviceId)
    if (at !== undefined && now - at < strangersForMs) return false
    this.#asked = this.#asked.filter((before) => now - before < hourMs)
    if (this.#asked.length >= unknownAnHour) return false
    this.#asked.push(now)
    return true
  }
}

/** What a home that is new to us may have in it, besides its rooms. */
function contentOf(homeId: string): readonly Area[] {
  return (['devices', 'rooms', 'scenes', 'automations'] as const).map((of) => ({ of, homeId }))
}

function roomsAround(homeId: string | undefined): readonly Area[] {
  return homeId === undefined || homeId === '' ? [] : [{ of: 'rooms', homeId }]
}
