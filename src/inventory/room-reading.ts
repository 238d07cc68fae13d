import type { Home, Room } from '../domain/home.ts'
import { AbsenceTracker } from './absence.ts'
import type { ReadingParts } from './reading-parts.ts'

/** Brings the rooms of homes, and which devices stand in them. */
export class RoomReading {
  readonly #parts: ReadingParts
  readonly #absent = new AbsenceTracker({ empty: 'doubted' })
  /** Something is missing that one more list decides over. */
  pending = false

  constructor(parts: ReadingParts) {
    this.#parts = parts
  }

  /** The rooms of a home with what stands in them. */
  async read(home: Home): Promise<void> {
    const { directory, inventory, signal } = this.#parts
    const rooms = await directory.rooms(home, { signal })
    // Nothing stands in the rooms of a home without devices.
    const isEmpty = inventory.devicesOf(home.id).length === 0
    const places = isEmpty ? [] : await Promise.all(rooms.map((room) => this.#placed(room)))
    await this.#settle(home, rooms, false)
    inventory.setPlaces(home.id, new Map(places))
  }

  /** The list of rooms alone, and what stands in those that are new; told to be gone, what it lacks goes at once. */
  async names(home: Home, toldGone: boolean): Promise<void> {
    const { directory, inventory, signal } = this.#parts
    const rooms = await directory.rooms(home, { signal })
    const fresh = rooms.filter(({ id }) => !inventory.rooms.has(id))
    await this.#settle(home, rooms, toldGone)
    if (inventory.devicesOf(home.id).length === 0) return
    for (const room of fresh) inventory.placeIn(...(await this.#placed(room)))
  }

  async #settle(home: Home, rooms: readonly Room[], toldGone: boolean): Promise<void> {
    const { inventory, clock } = this.#parts
    for (const room of rooms) inventory.setRoom(room)
    const known = inventory.roomsOf(home.id).map(({ id }) => id)
    const listed = new Set(rooms.map(({ id }) => id))
    const { gone, doubted, pending } = this.#absent.review(known, listed, clock.monotonic())
    const missing = toldGone ? known.filter((id) => !listed.has(id)) : []
    for (const id of listed.size > 0 ? new Set([...gone, ...missing]) : gone) this.#remove(id)
    const asked = listed.size === 0 && toldGone ? missing : doubted
    for (const id of asked) await this.#ask(home, id)
    this.pending ||= pending && !toldGone
  }

  /** A list that shows no room at all is checked: a room of which the cloud says that there is none is gone. */
  async #ask(home: Home, roomId: string): Promise<void> {
    const { directory, inventory, clock, signal } = this.#parts
    const room = inventory.rooms.get(roomId)
    if (!room || room.homeId !== home.id) return
    this.#absent.found(roomId, clock.monotonic())
    if ((await directory.placed(room, { signal })) === 'gone') this.#remove(roomId)
  }

  async #placed(room: Room): Promise<[roomId: string, deviceIds: readonly string[]]> {
    const { directory, signal } = this.#parts
    const placed = await directory.placed(room, { signal })
    // It went while we read.
    return [room.id, typeof placed === 'string' ? [] : placed]
  }

  #remove(id: string): void {
    this.#parts.inventory.removeRoom(id)
    this.#absent.forget(id)
  }
}
