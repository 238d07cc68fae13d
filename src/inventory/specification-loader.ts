import type { Device } from '../domain/device.ts'
import { isAbort, toBridgeError } from '../util/error.ts'
import type { Inventory } from './inventory.ts'
import type { SpecificationBook } from './specification-book.ts'
import type { Troubles } from './troubles.ts'

export interface LoaderParts {
  readonly inventory: Inventory
  readonly book: SpecificationBook
  readonly troubles: Troubles
  readonly signal: AbortSignal
}

const atOnce = 4
/** Products that are read at once, for each home: more are left for later, the commonest first. */
export const productsOfHome = 14

/** Reads the specifications that devices lack, in the background, one run at a time. */
export class SpecificationLoader {
  readonly #parts: LoaderParts
  #running: Promise<void> | undefined
  #bareAgain = false
  /** Products were left for later because there are so many. */
  hasLeft = false

  constructor(parts: LoaderParts) {
    this.#parts = parts
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

  /** What fails now is tried again with the next list; a device that is refused goes without. */
  async #run(): Promise<void> {
    const { inventory, book } = this.#parts
    const again = this.#bareAgain
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
      for (const { device, specification } of inventory.devices.values()) {
        const lacking = !specification || (again && book.isBare(device.id))
        if (!lacking || tried.has(device.id) || !mayRead(device)) continue
        tried.add(device.id)
        return device
      }
      return undefined
    }
    await Promise.all(Array.from({ length: atOnce }, () => this.#oneByOne(next)))
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
        troubles.over(what)
      } catch (thrown) {
        if (isAbort(thrown) || signal.aborted) return
        const error = toBridgeError(thrown)
        troubles.tell(what, error)
        if (error.retry !== 'never') return
      }
    }
  }
}
