import type { Clock, Timer } from './clock.ts'

const slotMs = 10

/** Many short waits on one timer: what falls due within ten milliseconds is called together, never too soon. */
export class Slots<T> {
  readonly #clock: Clock
  readonly #onDue: (item: T) => void
  readonly #slots = new Map<number, T[]>()
  #timer: Timer | undefined
  #next = Number.POSITIVE_INFINITY

  constructor(clock: Clock, onDue: (item: T) => void) {
    this.#clock = clock
    this.#onDue = onDue
  }

  /** `dueAt`: monotonic, in milliseconds. */
  add(item: T, dueAt: number): void {
    const slot = Math.ceil(dueAt / slotMs)
    const items = this.#slots.get(slot)
    if (items) items.push(item)
    else this.#slots.set(slot, [item])
    if (slot < this.#next) this.#wait(slot)
  }

  /** Nobody is called any more for what was added. */
  clear(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#next = Number.POSITIVE_INFINITY
    this.#slots.clear()
  }

  #wait(slot: number): void {
    this.#timer?.cancel()
    this.#next = slot
    const leftMs = slot * slotMs - this.#clock.monotonic()
    this.#timer = this.#clock.after(Math.max(0, leftMs), () => this.#call())
  }

  #call(): void {
    const now = Math.floor(this.#clock.monotonic() / slotMs)
    const due = [...this.#slots].filter(([slot]) => slot <= now).sort(([a], [b]) => a - b)
    for (const [slot] of due) this.#slots.delete(slot)
    this.#next = Number.POSITIVE_INFINITY
    this.#timer = undefined
    if (this.#slots.size > 0) this.#wait(Math.min(...this.#slots.keys()))
    for (const [, items] of due) for (const item of items) this.#onDue(item)
  }
}
