import type { Clock, Timer } from '../util/clock.ts'
import type { PublishedDevice } from './device-topics.ts'
import type { IndexTopics } from './index-topics.ts'
import type { MirroredHouse } from './mirror.ts'
import { homeMeta, roomMeta } from './payload.ts'
import type { Publisher } from './publisher.ts'

/** How many, and the entries of their list. */
interface Listed {
  readonly items: readonly object[]
  inHome(homeId: string): number
}

export interface SummaryTopicsParts {
  readonly publisher: Publisher
  readonly house: Pick<MirroredHouse, 'homes' | 'rooms' | 'devices'>
  readonly clock: Clock
  readonly index: IndexTopics
  readonly scenes: Listed
  readonly automations: Listed
  readonly exposeLocation: boolean
}

const settleMs = 50

/** What is said of homes and rooms as wholes, and the lists: they follow once for a burst of changes. */
export class SummaryTopics {
  readonly #parts: SummaryTopicsParts
  readonly #homes = new Set<string>()
  readonly #rooms = new Set<string>()
  #index = false
  /** Told when the lists do not show the thing any more. */
  #removals: (() => void)[] = []
  #timer: Timer | undefined

  constructor(parts: SummaryTopicsParts) {
    this.#parts = parts
  }

  touchHome(id: string): void {
    this.#homes.add(id)
    this.touchIndex()
  }

  touchRoom(id: string): void {
    this.#rooms.add(id)
    this.touchIndex()
  }

  touchIndex(): void {
    this.#index = true
    this.#timer ??= this.#parts.clock.after(settleMs, () => this.#flush())
  }

  removeHome(id: string): void {
    this.#homes.delete(id)
    this.#parts.publisher.clearGroup(homeGroup(id))
  }

  removeRoom(id: string): void {
    this.#rooms.delete(id)
    this.#parts.publisher.clearGroup(roomGroup(id))
  }

  /** Runs when everything of a removed thing is gone, the lists included. */
  afterwards(tell: () => void): void {
    this.touchIndex()
    this.#removals.push(tell)
  }

  stop(): void {
    if (this.#timer) this.#flush()
  }

  #flush(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    for (const id of this.#homes) this.#sayHome(id)
    for (const id of this.#rooms) this.#sayRoom(id)
    const { index, scenes, automations } = this.#parts
    if (this.#index) index.publish(scenes.items, automations.items)
    this.#homes.clear()
    this.#rooms.clear()
    this.#index = false
    const removals = this.#removals
    this.#removals = []
    for (const tell of removals) tell()
  }

  #sayHome(id: string): void {
    const { house, publisher, scenes, automations, exposeLocation } = this.#parts
    const home = house.homes.get(id)
    if (!home) return
    const rooms = [...house.rooms.values()].filter((room) => room.homeId === id)
    const devices = devicesOf(house, id).length
    const counts = { scenes: scenes.inHome(id), automations: automations.inHome(id) }
    const payload = homeMeta(home, rooms, devices, exposeLocation, counts)
    publisher.retain(homeGroup(id), 'metaHome', { home: id }, payload)
  }

  #sayRoom(id: string): void {
    const { house, publisher } = this.#parts
    const room = house.rooms.get(id)
    if (!room) return
    const ids = devicesOf(house, room.homeId)
      .filter(({ device }) => device.roomId === id)
      .map(({ device }) => device.id)
    publisher.retain(roomGroup(id), 'metaRoom', { room: id }, roomMeta(room, ids))
  }
}

export function devicesOf(house: Pick<MirroredHouse, 'devices'>, homeId: string): PublishedDevice[] {
  return [...house.devices.values()].filter(({ device }) => device.homeId === homeId)
}

export function homeGroup(id: string): string {
  return `home/${id}`
}

export function roomGroup(id: string): string {
  return `room/${id}`
}
