import type { Home } from '../domain/home.ts'
import type { Directory, LinkHealth } from '../domain/link.ts'
import type { Source } from '../domain/report.ts'
import { backoff } from '../util/backoff.ts'
import { type Clock, every, type Timer } from '../util/clock.ts'
import { BridgeError, isAbort, toBridgeError } from '../util/error.ts'
import type { Random } from '../util/random.ts'
import { AbsenceTracker, listsApartMs } from './absence.ts'
import type { Inventory } from './inventory.ts'
import { nextPollMs } from './poll-plan.ts'
import type { SpecificationBook } from './specification-book.ts'
import { SpecificationLoader } from './specification-loader.ts'
import { Troubles } from './troubles.ts'

export interface SyncParts {
  readonly directory: Directory
  readonly inventory: Inventory
  readonly book: SpecificationBook
  /** Reads the values of devices whose list came without them; at most `batch` at a time. */
  readonly values: {
    readonly batch: number
    read(deviceIds: readonly string[], signal: AbortSignal): Promise<void>
  }
  readonly budget: { left(priority: 'reconcile'): number; readonly resetMs: number }
  readonly link: () => LinkHealth
  readonly clock: Clock
  readonly random: Random
  readonly leastPollMs: number
  /** False while a better source of state than polling is healthy. */
  readonly pollNeeded: () => boolean
  readonly onError: (error: BridgeError, what: string) => void
  /** A complete list of one kind, over all homes, was read. */
  readonly onListed: (kind: Listed, ids: ReadonlySet<string>) => void
}

export type Listed = 'home' | 'room' | 'device'

const fullEveryMs = 6 * 3_600_000
const fullApartMs = 10 * 60_000
const recheckMs = listsApartMs + 1_000
const resyncApartMs = 60_000
const staleAfterMs = 60_000
const watchMs = 5_000
const everything = 'reading the inventory'

export type ResyncScope = { readonly kind: 'all' } | { readonly kind: 'home' | 'device'; readonly id: string }

/** Lists carry the standard set alone: with each so many, the other points of one device are read. */
const roundsAnExtension = 3

/** Sources whose facts come over the cloud link and go stale with it. */
const cloudSources: readonly Source[] = ['poll']

/**
 * Keeps the inventory in step with the cloud: everything at start, each six hours and on request; in between the
 * lists of devices with their values, as often as the day's calls allow.
 */
export class Sync {
  readonly #parts: SyncParts
  readonly #absentHomes = new AbsenceTracker()
  readonly #absentRooms = new AbsenceTracker()
  readonly #absentDevices = new AbsenceTracker()
  readonly #life = new AbortController()
  #delays: Generator<number, never, void>
  #homes: readonly Home[] = []
  #wake: Timer | undefined
  #watch: Timer | undefined
  #running: Promise<void> = Promise.resolve()
  #fullDueAt: number
  #lastFullAt = Number.NEGATIVE_INFINITY
  #lastResyncAt = Number.NEGATIVE_INFINITY
  #lastGoodAt: number | undefined
  #intervalMs = 0
  /** Calls that the last pass over the homes took besides one for each. */
  #valueReads = 0
  #rounds = 0
  /** Monotonic, since when the link is seen down. */
  #downSince: number | undefined
  /** A list of devices, or the full round, that decides over something missing. */
  #recheck = { devices: false, all: false }
  readonly #troubles: Troubles
  readonly #loader: SpecificationLoader

  constructor(parts: SyncParts) {
    this.#parts = parts
    const { inventory, book } = parts
    this.#troubles = new Troubles(parts.onError)
    this.#loader = new SpecificationLoader({
      inventory,
      book,
      troubles: this.#troubles,
      signal: this.#life.signal,
    })
    this.#fullDueAt = parts.clock.monotonic()
    this.#delays = this.#newDelays()
  }

  start(): void {
    this.#schedule(0)
    this.#watch = every(this.#parts.clock, watchMs, () => this.#reviewStaleness())
  }

  async stop(): Promise<void> {
    this.#wake?.cancel()
    this.#watch?.cancel()
    this.#life.abort()
    await this.#running
    await this.#loader.idle
  }

  /** True once everything was read in this run. */
  get ready(): boolean {
    return this.#lastFullAt !== Number.NEGATIVE_INFINITY
  }

  /** Reads again on request, at most once a minute: `command/rate`. */
  async resync(scope: ResyncScope): Promise<void> {
    const work = this.#resyncWork(scope)
    const now = this.#parts.clock.monotonic()
    const last = scope.kind === 'all' ? Math.max(this.#lastFullAt, this.#lastResyncAt) : this.#lastResyncAt
    if (now - last < resyncApartMs) {
      throw new BridgeError('command/rate', 'The last resync was less than a minute ago.', { retry: 'later' })
    }
    this.#lastResyncAt = now
    await work()
  }

  /** Throws when there is no such home or device. */
  #resyncWork(scope: ResyncScope): () => Promise<void> {
    switch (scope.kind) {
      case 'all':
        return () => this.#outOfTurn(() => this.#full())
      case 'home': {
        const home = this.#homes.find(({ id }) => id === scope.id)
        if (!home) throw new BridgeError('command/unknown-home', `No home has the id ${scope.id}.`)
        return () => this.#outOfTurn(() => this.#readHome(home))
      }
      case 'device':
        if (!this.#parts.inventory.device(scope.id)) {
          throw new BridgeError('command/unknown-device', `No device has the id ${scope.id}.`)
        }
        return () => this.#parts.values.read([scope.id], this.#life.signal)
    }
  }

  async #readHome(home: Home): Promise<void> {
    await this.#readDevices(home)
    await this.#readRooms(home)
    if (this.#recheck.all)
      this.#fullDueAt = Math.min(this.#fullDueAt, this.#parts.clock.monotonic() + recheckMs)
  }

  /** What was read now may be due again sooner, or later. */
  async #outOfTurn(work: () => Promise<void>): Promise<void> {
    await this.#turn(work)
    if (this.#wake) this.#schedule(this.#untilNext())
  }

  /** One piece of work at a time; a failing one does not stop the next. */
  #turn(work: () => Promise<void>): Promise<void> {
    const turn = this.#running.then(work)
    this.#running = turn.catch(() => {})
    return turn
  }

  #schedule(ms: number): void {
    if (this.#life.signal.aborted) return
    this.#wake?.cancel()
    this.#wake = this.#parts.clock.after(ms, () => {
      this.#turn(() => this.#step()).then(
        () => this.#schedule(this.#untilNext()),
        (thrown) => {
          if (!this.#life.signal.aborted) this.#schedule(this.#afterFailure(thrown))
        },
      )
    })
  }

  async #step(): Promise<void> {
    if (this.#parts.clock.monotonic() >= this.#fullDueAt) await this.#full()
    else if (this.#parts.pollNeeded() || this.#recheck.devices) await this.#round()
    this.#delays = this.#newDelays()
  }

  #newDelays(): Generator<number, never, void> {
    return backoff({ baseMs: 1_000, capMs: 60_000, floor: 0.25 }, this.#parts.random)
  }

  #afterFailure(thrown: unknown): number {
    if (!isAbort(thrown)) this.#troubles.tell(everything, toBridgeError(thrown))
    const delay = this.#delays.next().value
    return this.#parts.budget.left('reconcile') > 0 ? delay : Math.max(delay, this.#untilBudget())
  }

  #untilBudget(): number {
    return Math.max(0, this.#parts.budget.resetMs - this.#parts.clock.now()) + 1_000
  }

  #untilNext(): number {
    const { clock, budget, leastPollMs } = this.#parts
    const untilFull = this.#fullDueAt - clock.monotonic()
    const cost = Math.max(1, this.#homes.length + this.#valueReads)
    const msLeft = Math.max(0, budget.resetMs - clock.now())
    const planned = nextPollMs(leastPollMs, { left: budget.left('reconcile'), msLeft, cost })
    this.#intervalMs = planned ?? this.#intervalMs
    const poll = planned ?? this.#untilBudget()
    const next = this.#recheck.devices ? Math.min(poll, recheckMs) : poll
    return Math.max(0, Math.min(untilFull, next))
  }

  /** Homes, then their devices with values, then rooms; specifications follow in the background. */
  async #full(): Promise<void> {
    const { directory, inventory, clock } = this.#parts
    const homes = await directory.homes({ signal: this.#life.signal })
    for (const home of homes) inventory.setHome(home)
    const listed = new Set(homes.map(({ id }) => id))
    const { gone, pending } = this.#absentHomes.review(inventory.homes.keys(), listed, clock.monotonic())
    for (const id of gone) inventory.removeHome(id)
    // An empty list proves nothing: what is known is read on.
    this.#homes = homes.length > 0 ? homes : [...inventory.homes.values()]
    this.#loader.retryBare()
    this.#recheck = { devices: false, all: pending }
    this.#valueReads = 0
    await this.#eachHome(this.#homes, 'devices', (home) => this.#readDevices(home))
    await this.#eachHome(this.#homes, 'rooms', (home) => this.#readRooms(home))
    this.#parts.onListed('home', listed)
    this.#parts.onListed('device', new Set(inventory.devices.keys()))
    this.#parts.onListed('room', new Set(inventory.rooms.keys()))
    this.#lastFullAt = clock.monotonic()
    this.#fullDueAt = this.#lastFullAt + (this.#recheck.all ? recheckMs : fullEveryMs)
    this.#good()
  }

  async #round(): Promise<void> {
    this.#recheck.devices = false
    this.#valueReads = 0
    await this.#eachHome(this.#homes, 'devices', (home) => this.#readDevices(home))
    this.#parts.onListed('device', new Set(this.#parts.inventory.devices.keys()))
    if (++this.#rounds % roundsAnExtension === 0) await this.#readExtension()
    this.#good()
  }

  /** A home that may not be read does not hide the others. */
  async #eachHome(
    homes: readonly Home[],
    part: 'devices' | 'rooms',
    read: (home: Home) => Promise<void>,
  ): Promise<void> {
    let failed: unknown
    for (const home of homes) {
      const what = `reading the ${part} of home ${home.id}`
      try {
        await read(home)
        this.#troubles.over(what)
      } catch (thrown) {
        if (isAbort(thrown)) throw thrown
        const error = toBridgeError(thrown)
        if (error.retry !== 'never') failed ??= error
        else if (this.#troubles.tell(what, error)) this.#fullSoon()
      }
    }
    if (failed !== undefined) throw failed
  }

  /** A home that is refused may be gone: the list of homes is due before its time. */
  #fullSoon(): void {
    const soonest = Math.max(this.#parts.clock.monotonic() + recheckMs, this.#lastFullAt + fullApartMs)
    this.#fullDueAt = Math.min(this.#fullDueAt, soonest)
  }

  async #readDevices(home: Home): Promise<void> {
    const { directory, inventory, book, clock, values } = this.#parts
    const { devices, reports } = await directory.devices(home, { signal: this.#life.signal })
    const listed = new Set(devices.map(({ id }) => id))
    inventory.setDevices(devices)
    const mine = inventory.devicesOf(home.id).map(({ device }) => device.id)
    const { gone, pending } = this.#absentDevices.review(mine, listed, clock.monotonic())
    for (const id of gone) {
      inventory.removeDevice(id)
      book.forget(id)
    }
    this.#recheck.devices ||= pending
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
      values.read(deviceIds, this.#life.signal),
    )
  }

  /** The points outside the standard set, of the device whose turn it is. */
  async #readExtension(): Promise<void> {
    const { book, budget } = this.#parts
    const device = book.longestUnread
    if (!device || budget.left('reconcile') === 0) return
    await this.#readOrTell(`reading the further points of ${device.id}`, () =>
      book.load(device, { signal: this.#life.signal }),
    )
  }

  async #readOrTell(what: string, read: () => Promise<void>): Promise<void> {
    this.#valueReads++
    try {
      await read()
      this.#troubles.over(what)
    } catch (thrown) {
      const error = toBridgeError(thrown)
      if (isAbort(thrown) || error.retry !== 'never') throw thrown
      this.#troubles.tell(what, error)
    }
  }

  async #readRooms(home: Home): Promise<void> {
    const { directory, inventory, clock } = this.#parts
    const { rooms, members } = await directory.rooms(home, { signal: this.#life.signal })
    for (const room of rooms) inventory.setRoom(room)
    const known = inventory.roomsOf(home.id).map(({ id }) => id)
    const { gone, pending } = this.#absentRooms.review(
      known,
      new Set(rooms.map(({ id }) => id)),
      clock.monotonic(),
    )
    for (const id of gone) inventory.removeRoom(id)
    this.#recheck.all ||= pending
    inventory.setMembers(home.id, members)
  }

  #good(): void {
    this.#troubles.over(everything)
    this.#lastGoodAt = this.#parts.clock.monotonic()
    this.#parts.inventory.setStale(new Set())
  }

  /** R-S1: over a minute without the link, or without a good read when one was due. */
  #reviewStaleness(): void {
    const { clock, link, inventory, pollNeeded } = this.#parts
    if (link().state !== 'down') this.#downSince = undefined
    else this.#downSince ??= clock.monotonic()
    // By our own watch: `sinceMs` of the link is wall clock, which may jump.
    const down = this.#downSince !== undefined && clock.monotonic() - this.#downSince >= staleAfterMs
    const silent =
      this.#lastGoodAt !== undefined &&
      clock.monotonic() - this.#lastGoodAt > staleAfterMs + 2 * this.#intervalMs
    if (down || (silent && pollNeeded())) inventory.setStale(new Set(cloudSources))
  }
}
