import type { Device } from '../domain/device.ts'
import { Again } from '../util/again.ts'
import { BoundedMap } from '../util/bounded-map.ts'
import { sleep } from '../util/clock.ts'
import { isAbort, toBridgeError } from '../util/error.ts'
import { hasSceneKeys } from './definition-reading.ts'
import { type ReadingParts, readOrTell } from './reading-parts.ts'

export interface LaterReadsParts
  extends Pick<ReadingParts, 'inventory' | 'book' | 'clock' | 'troubles' | 'signal'> {
  readonly budget: { left(priority: 'reconcile'): number; readonly limit: number }
  /** Reads the keys of a scene switch. */
  readonly bindings: (device: Device) => Promise<void>
}

/** With the usual day's calls; who has more waits less. */
const pace = { calls: 800, everyMs: 10_000, leastMs: 100 }
/** What this part of the day's calls is left for: lists of devices, and what is read when somebody tells of a change. */
const keptShare = 0.4
/** The same for devices that are described in part: without the rest some of their values are not shown. */
const keptFromSets = 0.1
/** What of a device that joins follows at once. */
const ofNewDevice = 3
/** Of no change of keys is anybody told; those of so many switches are read again with everything. */
const keysRenewed = 20
const refusedKept = 10_000
const again = { firstMs: 10 * 60_000, mostMs: 3 * 3_600_000 }

/**
 * What the mirror is right without, and richer with: points outside the standard set, names of channels, keys of scene
 * switches. Each is read once, behind the lists, a call at a time.
 */
export class LaterReads {
  readonly #parts: LaterReadsParts
  /** Scene switches whose keys were read, the one read longest ago first. */
  readonly #keysRead = new Set<string>()
  /** Devices of which something was refused in this round of readings. */
  readonly #refused = new BoundedMap<string, true>(refusedKept)
  /** Devices of which something met trouble on the way: it is tried again before the next round, but not at once. */
  readonly #troubled = new Set<string>()
  readonly #again: Again
  #atOnce = 0
  #isOpen = false
  #running: Promise<void> | undefined

  constructor(parts: LaterReadsParts) {
    this.#parts = parts
    const { clock, signal } = parts
    this.#again = new Again({ clock, signal, ...again, work: () => this.#tryAgain() })
    parts.inventory.events.on('deviceRemoved', ({ device }) => this.again(device.id))
    parts.inventory.events.on('specification', ({ before }) => {
      if (before === undefined) this.resume()
    })
  }

  /** Resolves when nothing is read. */
  get idle(): Promise<void> {
    return this.#running ?? Promise.resolve()
  }

  /** The lists are read: so many calls may follow at once, the rest one by one. */
  start(atOnce: number): void {
    this.#isOpen = true
    this.#atOnce = Math.max(this.#atOnce, atOnce)
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
      if (this.#troubled.size === 0) this.#again.well()
    })
  }

  /** Everything is read anew: what was refused may be permitted by now, and keys may run other scenes. */
  renew(): void {
    this.#troubled.clear()
    for (const [id] of [...this.#refused.entries()]) this.#refused.delete(id)
    for (const id of [...this.#keysRead].slice(0, keysRenewed)) this.#keysRead.delete(id)
  }

  /** Whatever was read of the device, or refused, was of before. */
  again(deviceId: string): void {
    this.#keysRead.delete(deviceId)
    this.#refused.delete(deviceId)
    this.#troubled.delete(deviceId)
  }

  /** Something of a device that is known may be missing by now. */
  resume(): void {
    if (this.#isOpen) this.start(ofNewDevice)
  }

  /** The keys were read by somebody else. */
  sawKeys(deviceId: string): void {
    this.#keysRead.delete(deviceId)
    this.#keysRead.add(deviceId)
  }

  /** One call out of turn; false when there is nothing to read. */
  async one(): Promise<boolean> {
    const next = this.#next()
    if (next) await this.#read(next)
    return next !== undefined
  }

  #tryAgain(): void {
    this.#troubled.clear()
    this.start(0)
  }

  /** Never rejects; what meets trouble is tried again later. */
  async #run(): Promise<void> {
    const { clock, budget, troubles, signal } = this.#parts
    const what = 'reading what devices have of their own'
    try {
      for (let next = this.#next(); next; next = this.#next()) {
        if (this.#atOnce > 0) this.#atOnce--
        else await sleep(clock, this.#pauseMs, signal)
        const kept = this.#parts.book.lacks(next) === 'set' ? keptFromSets : keptShare
        if (budget.left('reconcile') <= budget.limit * kept) return
        await this.#read(next).then(
          () => troubles.over(what),
          (thrown) => {
            if (isAbort(thrown) || signal.aborted) throw thrown
            troubles.tell(what, toBridgeError(thrown))
            this.#atOnce = 0
          },
        )
      }
    } catch {
      // Stopped.
    }
  }

  get #pauseMs(): number {
    const { calls, everyMs, leastMs } = pace
    return Math.max(leastMs, Math.min(everyMs, (everyMs * calls) / this.#parts.budget.limit))
  }

  async #read(device: Device): Promise<void> {
    const { book } = this.#parts
    try {
      if (book.lacks(device) !== undefined && !this.#refused.has(device.id)) await this.#readMore(device)
      else await this.#readKeys(device)
    } catch (thrown) {
      this.#troubled.add(device.id)
      this.#again.later()
      throw thrown
    }
  }

  /** Counted as refused until it has gone well: whoever is paired anew meanwhile is not. */
  async #readMore(device: Device): Promise<void> {
    const { book, troubles, signal } = this.#parts
    this.#refused.set(device.id, true)
    try {
      await readOrTell(troubles, `reading what ${device.id} has of its own`, async () => {
        await book.loadMore(device, { signal })
        this.#refused.delete(device.id)
      })
    } catch (thrown) {
      this.#refused.delete(device.id)
      throw thrown
    }
  }

  /** Counted as read from the start: whoever is paired anew meanwhile is not. */
  async #readKeys(device: Device): Promise<void> {
    this.sawKeys(device.id)
    try {
      await this.#parts.bindings(device)
    } catch (thrown) {
      this.#keysRead.delete(device.id)
      throw thrown
    }
  }

  /** The device of which something is still to be read: first what is described in part, last the keys. */
  #next(): Device | undefined {
    const { inventory, book } = this.#parts
    let keys: Device | undefined
    let more: Device | undefined
    for (const { device, specification } of inventory.devices.values()) {
      if (!specification || this.#troubled.has(device.id)) continue
      const lack = this.#refused.has(device.id) ? undefined : book.lacks(device)
      if (lack === 'set') return device
      if (lack !== undefined) more ??= device
      if (!keys && hasSceneKeys(specification) && !this.#keysRead.has(device.id)) keys = device
    }
    return more ?? keys
  }
}
