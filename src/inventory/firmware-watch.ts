import { type FirmwareModule, isUpgrading } from '../domain/firmware.ts'
import { backoff } from '../util/backoff.ts'
import { BoundedMap } from '../util/bounded-map.ts'
import { type Clock, sleep, type Timer } from '../util/clock.ts'
import { type BridgeError, isAbort, toBridgeError } from '../util/error.ts'
import type { Random } from '../util/random.ts'
import type { Inventory } from './inventory.ts'
import { Troubles } from './troubles.ts'

export interface FirmwareWatchParts {
  readonly inventory: Pick<Inventory, 'devices' | 'firmware'>
  /** Reads the versions of a device; `urgent` when somebody waits for them. Rejects with BridgeError. */
  readonly read: (
    deviceId: string,
    how: { readonly signal: AbortSignal; readonly urgent: boolean },
  ) => Promise<readonly FirmwareModule[]>
  readonly budget: { left(priority: 'reconcile'): number }
  readonly clock: Clock
  readonly random: Random
  /** Whether every device is asked once a day. */
  readonly daily: boolean
  readonly onError: (error: BridgeError, what: string) => void
}

const firstRoundMs = 10 * 60_000
const hourMs = 3_600_000
const dayMs = 24 * hourMs
const followAtMostMs = hourMs
/** The platform may need so long until its versions show that an upgrade has begun. */
const beginsWithinMs = 2 * 60_000
const toldKept = 10_000
/** The versions show what was told a little later. */
const toldMs = 1_000
const followDelays = { baseMs: 2_000, capMs: 60_000, floor: 0.5 }

/** What firmware devices have: read when somebody asks, while an upgrade runs, and once a day where that is wanted. */
export class FirmwareWatch {
  readonly #parts: FirmwareWatchParts
  readonly #troubles: Troubles
  readonly #life = new AbortController()
  readonly #followed = new Map<string, Promise<void>>()
  /** Read once, because somebody told of them. */
  readonly #readOnce = new Map<string, Promise<void>>()
  /** What was last told of an upgrade, by device. */
  readonly #told = new BoundedMap<string, string>(toldKept)
  #round: Promise<void> = Promise.resolve()
  #timer: Timer | undefined

  constructor(parts: FirmwareWatchParts) {
    this.#parts = parts
    this.#troubles = new Troubles(parts.onError)
  }

  start(): void {
    const { inventory } = this.#parts
    for (const [deviceId, modules] of inventory.firmware.all)
      if (modules.some(isUpgrading)) this.follow(deviceId)
    this.review()
  }

  /** Whether there is a daily check may have changed. */
  review(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    if (this.#parts.daily) this.#schedule(firstRoundMs)
  }

  async stop(): Promise<void> {
    this.#timer?.cancel()
    this.#life.abort()
    await Promise.all([this.#round, ...this.#followed.values(), ...this.#readOnce.values()])
  }

  /** Reads the versions of a device because somebody asks. */
  async check(deviceId: string, signal: AbortSignal): Promise<readonly FirmwareModule[]> {
    return this.#read(deviceId, AbortSignal.any([signal, this.#life.signal]), true)
  }

  /** An upgrade was taken by the cloud: its progress is read until it ends, for an hour at most. */
  follow(deviceId: string): void {
    if (this.#followed.has(deviceId)) return
    const following = this.#follow(deviceId).finally(() => this.#followed.delete(deviceId))
    this.#followed.set(deviceId, following)
  }

  /** Somebody told how an upgrade goes: with each new word the versions are read once, unless they are followed anyway. */
  told(deviceId: string, status: string | null): void {
    const word = status ?? ''
    if (this.#told.get(deviceId) === word || !this.#parts.inventory.devices.has(deviceId)) return
    this.#told.set(deviceId, word)
    if (this.#followed.has(deviceId) || this.#readOnce.has(deviceId)) return
    const reading = this.#readSoon(deviceId).finally(() => this.#readOnce.delete(deviceId))
    this.#readOnce.set(deviceId, reading)
  }

  /** Never rejects. */
  async #readSoon(deviceId: string): Promise<void> {
    const { clock } = this.#parts
    const { signal } = this.#life
    let word: string | undefined
    do {
      const slept = await sleep(clock, toldMs, signal).then(
        () => true,
        () => false,
      )
      if (!slept) return
      word = this.#told.get(deviceId)
      await this.#readOrTell(deviceId)
    } while (word !== this.#told.get(deviceId))
  }

  /** Never rejects. */
  async #follow(deviceId: string): Promise<void> {
    const { clock, random, inventory } = this.#parts
    const { signal } = this.#life
    const startedAt = clock.monotonic()
    const passedMs = () => clock.monotonic() - startedAt
    let begun = false
    for (const waitMs of backoff(followDelays, random)) {
      const slept = await sleep(clock, waitMs, signal).then(
        () => true,
        () => false,
      )
      if (!slept || passedMs() > followAtMostMs || !inventory.devices.has(deviceId)) return
      const modules = await this.#readOrTell(deviceId)
      if (modules === 'refused') return
      const running = modules?.some(isUpgrading) ?? true
      begun ||= modules !== undefined && running
      if (!running && (begun || passedMs() > beginsWithinMs)) return
    }
  }

  /** Undefined when the next try may go better. */
  async #readOrTell(deviceId: string): Promise<readonly FirmwareModule[] | 'refused' | undefined> {
    const what = `following the upgrade of ${deviceId}`
    try {
      const modules = await this.#read(deviceId, this.#life.signal, false)
      this.#troubles.over(what)
      return modules
    } catch (thrown) {
      if (isAbort(thrown) || this.#life.signal.aborted) return 'refused'
      const error = toBridgeError(thrown)
      this.#troubles.tell(what, error)
      return error.retry === 'never' ? 'refused' : undefined
    }
  }

  async #read(deviceId: string, signal: AbortSignal, urgent: boolean): Promise<readonly FirmwareModule[]> {
    const modules = await this.#parts.read(deviceId, { signal, urgent })
    this.#parts.inventory.firmware.set(deviceId, modules)
    return modules
  }

  #schedule(ms: number): void {
    if (this.#life.signal.aborted) return
    const timer = this.#parts.clock.after(ms, () => {
      this.#round = this.#round
        .then(() => this.#readAll())
        .then((complete) => {
          if (this.#timer === timer) this.#schedule(complete ? dayMs : hourMs)
        })
    })
    this.#timer = timer
  }

  /** False when the rest has to wait. Never rejects. */
  async #readAll(): Promise<boolean> {
    const { inventory, budget, read } = this.#parts
    const { signal } = this.#life
    const what = 'the daily check for firmware'
    for (const deviceId of [...inventory.devices.keys()]) {
      if (!this.#parts.daily) return true
      if (budget.left('reconcile') === 0) return false
      try {
        const modules = await read(deviceId, { signal, urgent: false })
        // Many devices have no firmware of their own; that is no news.
        if (modules.length > 0) inventory.firmware.set(deviceId, modules)
      } catch (thrown) {
        if (isAbort(thrown) || signal.aborted) return false
        const error = toBridgeError(thrown)
        if (error.retry === 'never') continue
        this.#troubles.tell(what, error)
        return false
      }
    }
    this.#troubles.over(what)
    return true
  }
}
