import type { Device } from '../domain/device.ts'
import { Again } from '../util/again.ts'
import type { Clock } from '../util/clock.ts'
import { isAbort, toBridgeError } from '../util/error.ts'
import type { Inventory } from './inventory.ts'
import type { SpecificationBook } from './specification-book.ts'
import type { Troubles } from './troubles.ts'

export interface LoaderParts {
  readonly inventory: Inventory
  readonly book: SpecificationBook
  readonly clock: Clock
  readonly troubles: Troubles
  readonly signal: AbortSignal
}

const atOnce = 4
/** Products that are read at once, for each home: more are left for later, the commonest first. */
export const productsOfHome = 14

/** Lists may be hours apart, and without its specification a device shows nothing. */
const again = { firstMs: 30_000, mostMs: 3_600_000 }

/** Reads the specifications that devices lack, in the background, one run at a time. */
export class SpecificationLoader {
  readonly #parts: LoaderParts
  readonly #again: Again
  /** Devices whose last try met trouble. */
  readonly #troubled = new Set<string>()
  #running: Promise<void> | undefined
  #bareAgain = false
  /** Products were left for later because there are so many. */
  hasLeft = false

  constructor(parts: LoaderParts) {
    this.#parts = parts
    const { clock, signal } = parts
    this.#again = new Again({ clock, signal, ...again, work: () => this.start() })
  }

  /** Resolves when nothing runs. */
  get idle(): Promise<void> {
    return this.#running ?? Promise.resolve()
  }

  start(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
  }

  /** A refusal of models may have been lifted: the next run asks for them once more. */
  retryBare(): void {
    this.#bareAgain = true
  }

  /** What meets trouble is tried again by itself; a device that is refused goes without until the next list. */
  async #run(): Promise<void> {
    const { book } = this.#parts
    const withBare = this.#bareAgain
    this.#bareAgain = false
    this.hasLeft = false
    const tried = new Set<string>()
    const products = this.#commonest()
    const mayRead = (device: Device) => {
      const product = book.unreadProduct(device)
      if (product === undefined || products.has(product)) return true
      this.hasLeft ||= products.size >= this.#productsAtMost
      return products.size < this.#productsAtMost && products.add(product) !== undefined
    }
    // Devices that are listed meanwhile join; a worker that gives up leaves the rest for later.
    const next = () => {
      for (const device of this.#lacking(withBare)) {
        if (!tried.has(device.id) && mayRead(device)) {
          tried.add(device.id)
          return device
        }
      }
      return undefined
    }
    await Promise.all(Array.from({ length: atOnce }, () => this.#oneByOne(next)))
    this.#review()
  }

  /** Some may have gone meanwhile, or been described with others of their product. */
  #review(): void {
    const lacking = new Set([...this.#lacking(false)].map(({ id }) => id))
    for (const id of this.#troubled) if (!lacking.has(id)) this.#troubled.delete(id)
    if (this.#troubled.size > 0) this.#again.later()
    else this.#again.well()
  }

  /** Those that met trouble come last: they keep no other from its turn. */
  *#lacking(withBare: boolean): Generator<Device> {
    const { inventory, book } = this.#parts
    for (const isLast of [false, true]) {
      for (const { device, specification } of inventory.devices.values()) {
        const isLacking = !specification || (withBare && book.isBare(device.id))
        if (isLacking && this.#troubled.has(device.id) === isLast) yield device
      }
    }
  }

  get #productsAtMost(): number {
    return productsOfHome * Math.max(1, this.#parts.inventory.homes.size)
  }

  /** The products that are read now. */
  #commonest(): Set<string> {
    const { inventory, book } = this.#parts
    const counts = new Map<string, number>()
    for (const { device, specification } of inventory.devices.values()) {
      const product = specification ? undefined : book.unreadProduct(device)
      if (product !== undefined) counts.set(product, (counts.get(product) ?? 0) + 1)
    }
    const sorted = [...counts].sort(([, a], [, b]) => b - a)
    return new Set(sorted.slice(0, this.#productsAtMost).map(([product]) => product))
  }

  async #oneByOne(next: () => Device | undefined): Promise<void> {
    const { book, troubles, signal } = this.#parts
    for (let device = next(); device && !signal.aborted; device = next()) {
      const what = `reading the specification of ${device.id}`
      try {
        await book.load(device, { signal })
        this.#troubled.delete(device.id)
        troubles.over(what)
      } catch (thrown) {
        if (isAbort(thrown) || signal.aborted) return
        const error = toBridgeError(thrown)
        troubles.tell(what, error)
        if (error.retry !== 'never') {
          this.#troubled.add(device.id)
          return
        }
        this.#troubled.delete(device.id)
      }
    }
  }
}
