import { type Clock, every, type Timer } from '../util/clock.ts'
import type { DeviceRecord } from './events.ts'
import type { Inventory } from './inventory.ts'

export interface FreshnessParts {
  readonly inventory: Pick<Inventory, 'events' | 'devices'>
  readonly clock: Clock
  /** Whether the platform's queue is believed to tell what changes. */
  readonly isTrusted: () => boolean
  /** Reads the lists of devices once, to compare. */
  readonly look: () => void
  /** A read found a change of which the queue has told nothing. */
  readonly onMissed: () => void
}

const reviewMs = 60_000
/** A house in which nothing moves for so long may as well be one of which nobody tells us. */
const firstLookMs = 15 * 60_000
const lookAtMostMs = 2 * 3_600_000

/** What was read so shortly before the queue was heard shows how it was then. */
const readBeforeMs = 60_000

/** Watches the silence of the queue: after a while somebody looks whether there was nothing to tell. */
export class FreshnessWatch {
  readonly #parts: FreshnessParts
  #timer: Timer | undefined
  #heardAt: number
  #patienceMs = firstLookMs
  #lookAt = Number.POSITIVE_INFINITY
  /** When each device was read for the last time. */
  readonly #readAt = new WeakMap<DeviceRecord, number>()
  #connectedAt = Number.POSITIVE_INFINITY
  readonly #unfollow: () => void

  constructor(parts: FreshnessParts) {
    this.#parts = parts
    this.#heardAt = parts.clock.monotonic()
    this.#unfollow = parts.inventory.events.on('report', ({ record, source, changed }) => {
      if (source === 'poll') this.#compare(record, changed.length > 0)
    })
  }

  start(): void {
    this.#wait()
    this.#timer = every(this.#parts.clock, reviewMs, () => this.#review())
  }

  stop(): void {
    this.#timer?.cancel()
    this.#unfollow()
  }

  /** From now on it is expected to tell what changes. */
  connected(): void {
    this.#connectedAt = this.#parts.clock.monotonic()
  }

  /** The queue told something, whatever it was. */
  heard(): void {
    this.#heardAt = this.#parts.clock.monotonic()
    this.#patienceMs = firstLookMs
    this.#wait()
  }

  /** Milliseconds since the queue told something, or since the start. */
  get quietMs(): number {
    return this.#parts.clock.monotonic() - this.#heardAt
  }

  /** A change since another reading is one of which the queue should have told, if it was there all the time. */
  #compare(record: DeviceRecord, hasChanged: boolean): void {
    const { clock, onMissed } = this.#parts
    const before = this.#readAt.get(record) ?? Number.NEGATIVE_INFINITY
    this.#readAt.set(record, clock.monotonic())
    if (hasChanged && before >= this.#connectedAt - readBeforeMs) onMissed()
  }

  #wait(): void {
    this.#lookAt = this.#parts.clock.monotonic() + this.#patienceMs
  }

  #review(): void {
    const { clock, inventory, isTrusted, look } = this.#parts
    // Where the queue is not trusted, everything is read anyway.
    if (!isTrusted()) this.#wait()
    else if (clock.monotonic() >= this.#lookAt && inventory.devices.size > 0) {
      this.#patienceMs = Math.min(2 * this.#patienceMs, lookAtMostMs)
      this.#wait()
      look()
    }
  }
}
