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

/** Reads the specifications that devices lack, in the background, one run at a time. */
export class SpecificationLoader {
  readonly #parts: LoaderParts
  #running: Promise<void> | undefined
  #bareAgain = false

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
    const tried = new Set<string>()
    // Devices that are listed meanwhile join; a worker that gives up leaves the rest for later.
    const next = () => {
      for (const { device, specification } of inventory.devices.values()) {
        const lacking = !specification || (again && book.isBare(device.id))
        if (!lacking || tried.has(device.id)) continue
        tried.add(device.id)
        return device
      }
      return undefined
    }
    await Promise.all(Array.from({ length: atOnce }, () => this.#oneByOne(next)))
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
