interface Part {
  readonly name: string
  readonly stop: () => void | Promise<void>
}

/** Parts that stop in reverse order of their start; stopping twice is fine. */
export class Disposer implements AsyncDisposable {
  readonly #parts: Part[] = []
  readonly #onError: (name: string, thrown: unknown) => void
  #stopping: Promise<void> | undefined
  #stopped = false

  constructor(onError: (name: string, thrown: unknown) => void) {
    this.#onError = onError
  }

  /** A part that starts while the others stop is stopped with them, and one that comes after them at once. */
  add(name: string, stop: () => void | Promise<void>): void {
    if (this.#stopped) void this.#stop({ name, stop })
    else this.#parts.push({ name, stop })
  }

  /** One part's failure does not keep the others running. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#stopping ??= this.#stopAll()
    return this.#stopping
  }

  async #stopAll(): Promise<void> {
    for (let part = this.#parts.pop(); part; part = this.#parts.pop()) await this.#stop(part)
    this.#stopped = true
  }

  async #stop({ name, stop }: Part): Promise<void> {
    try {
      await stop()
    } catch (thrown) {
      this.#onError(name, thrown)
    }
  }
}
