import type { LinkHealth } from '../../src/domain/link.ts'
import type { Listed } from '../../src/inventory/reading-parts.ts'
import { SpecificationBook } from '../../src/inventory/specification-book.ts'
import { Sync, type SyncParts } from '../../src/inventory/sync.ts'
import { BridgeError } from '../../src/util/error.ts'
import { seededRandom } from '../../src/util/random.ts'
import { deviceOf, homeOf, reportOf, roomOf } from './device.ts'
import { FakeDirectory, lampModel } from './fake-directory.ts'
import { newInventory } from './inventory.ts'
import { dayMs } from './span.ts'
import { VirtualClock } from './virtual-clock.ts'

export const midnight = Date.UTC(2026, 10, 21)

export const unavailable = new BridgeError('cloud/unavailable', 'trouble', { retry: 'later' })
export const forbidden = new BridgeError('cloud/permission', 'not yours', { retry: 'never' })

/** What is asked for of a home, in order. */
export const partsOfHome = ['devices h1', 'rooms h1', 'placed r1', 'scenes h1', 'automations h1']

/** A house of one home with two lamps in a room, read every half a minute at most. */
export class SyncBench {
  readonly clock = new VirtualClock(midnight)
  readonly directory = new FakeDirectory(this.clock)
  readonly inventory = newInventory(this.clock)
  readonly errors: string[] = []
  readonly listed: { readonly kind: Listed; readonly ids: readonly string[] }[] = []
  readonly valueReads: string[][] = []
  readonly sync: Sync
  health: LinkHealth = { state: 'up', sinceMs: midnight, reason: null, lastMs: null }
  /** How often everything was read. */
  reads = 0
  /** Calls that the day still allows. */
  left = 1_000_000
  /** All that a day allows. */
  limit = 1_000_000
  pollNeeded = true
  valueTrouble: (deviceIds: readonly string[]) => Error | undefined = () => undefined

  constructor(changes: Partial<SyncParts> = {}) {
    const { clock, directory, inventory } = this
    directory.homesNow = [homeOf('h1')]
    directory.roomsNow = [roomOf('r1')]
    directory.devicesNow = [deviceOf('bf1', { roomId: 'r1' }), deviceOf('bf2')]
    directory.models = { p1: lampModel }
    const all = () => this.limit
    const parts: SyncParts = {
      directory,
      inventory,
      book: new SpecificationBook({ directory, inventory, overrides: {} }),
      values: {
        batch: 20,
        read: async (deviceIds) => {
          this.valueReads.push([...deviceIds])
          const trouble = this.valueTrouble(deviceIds)
          if (trouble) throw trouble
          for (const id of deviceIds) inventory.apply(reportOf(id, { switch_led: true }, clock.now()))
        },
      },
      budget: {
        left: () => this.left,
        get limit() {
          return all()
        },
        get resetMs() {
          return (Math.floor(clock.now() / dayMs) + 1) * dayMs
        },
      },
      link: () => this.health,
      clock,
      random: seededRandom(1),
      leastPollMs: 30_000,
      pollNeeded: () => this.pollNeeded,
      onError: (error, what) => this.errors.push(`${what}: ${error.code}`),
      members: false,
      onListed: (kind, ids) => {
        this.listed.push({ kind, ids: [...ids] })
        return false
      },
      onRead: () => this.reads++,
    }
    // Not spread: some of them may be looked up at each use.
    this.sync = new Sync(Object.defineProperties(parts, Object.getOwnPropertyDescriptors(changes)))
  }

  /** Started, with everything read once. */
  async started(): Promise<this> {
    this.sync.start()
    await this.clock.advance(1)
    return this
  }

  get deviceIds(): string[] {
    return [...this.inventory.devices.keys()]
  }

  /** What was asked for while so much time passed. */
  async calls(ms: number): Promise<string[]> {
    const before = this.directory.calls.length
    await this.clock.advance(ms)
    return this.directory.calls.slice(before)
  }
}
