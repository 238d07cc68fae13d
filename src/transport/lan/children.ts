import type { LanDevice } from './device.ts'

export interface ChildrenEvents {
  readonly onPresence: (deviceId: string, online: boolean) => void
  readonly onUnknown: (cid: string) => void
}

/** Of each gateway: how many unknown ones are remembered, so that each is told of once. */
const unknownAtMost = 1_000

/** The devices behind a gateway: whose name is whose, and who is there. Outlives the gateway's connections. */
export class Children {
  readonly #device: () => LanDevice
  readonly #events: ChildrenEvents
  readonly #presence = new Map<string, boolean>()
  readonly #unknown = new Set<string>()

  constructor(device: () => LanDevice, events: ChildrenEvents) {
    this.#device = device
    this.#events = events
  }

  /** The id of the device that the gateway calls so; undefined, and told once, when nobody knows it. */
  idOf(cid: string): string | undefined {
    const id = this.#device().children.get(cid)
    if (id === undefined && !this.#unknown.has(cid) && this.#unknown.size < unknownAtMost) {
      this.#unknown.add(cid)
      this.#events.onUnknown(cid)
    }
    return id
  }

  /** What the gateway said last; undefined when it never did. */
  isOnline(cid: string): boolean | undefined {
    return this.#presence.get(cid)
  }

  /** A list, or a part of one. */
  listed({
    online,
    offline,
  }: {
    readonly online: readonly string[]
    readonly offline: readonly string[]
  }): void {
    for (const cid of online) this.#see(cid, true)
    for (const cid of offline) this.#see(cid, false)
  }

  /** Somebody was added or taken away: those that are unknown still may be news. */
  changed(): void {
    const { children } = this.#device()
    for (const cid of this.#presence.keys()) if (!children.has(cid)) this.#presence.delete(cid)
    for (const cid of children.keys()) this.#unknown.delete(cid)
  }

  #see(cid: string, online: boolean): void {
    const id = this.idOf(cid)
    if (id === undefined || this.#presence.get(cid) === online) return
    this.#presence.set(cid, online)
    this.#events.onPresence(id, online)
  }
}
