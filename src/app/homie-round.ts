/** Tells one device after the other, as fast as there is room for what it has to say. */
export class HomieRound {
  readonly #due = new Set<string>()
  readonly #hasRoom: () => boolean
  readonly #tell: (deviceId: string) => void
  #onDone: (() => void)[] = []
  #isGoing = false

  constructor(hasRoom: () => boolean, tell: (deviceId: string) => void) {
    this.#hasRoom = hasRoom
    this.#tell = tell
  }

  /** Whether there are devices that were not told yet. */
  get isBehind(): boolean {
    return this.#due.size > 0
  }

  /** These too; `onDone` when all are told. */
  add(deviceIds: Iterable<string>, onDone: () => void): void {
    for (const id of deviceIds) this.#due.add(id)
    this.#onDone.push(onDone)
    this.go()
  }

  /** There may be room again. */
  go(): void {
    // Telling one may make room by itself.
    if (this.#isGoing) return
    this.#isGoing = true
    for (const id of this.#due) {
      if (!this.#hasRoom()) break
      this.#due.delete(id)
      this.#tell(id)
    }
    this.#isGoing = false
    if (this.#due.size === 0) for (const done of this.#onDone.splice(0)) done()
  }

  /** Nobody listens any more; who comes back is told everything. */
  forget(): void {
    this.#due.clear()
    this.#onDone = []
  }
}
