/** Parts that stop in reverse order of their start; stopping twice is fine. */
export class Disposer implements AsyncDisposable {
  readonly #parts: { readonly name: string; readonly stop: () => void | Promise<void> }[] = []
  readonly #onError: (name: string, thrown: unknown) => void
  #stopping: Promise<void> | undefined

  constructor(onError: (name: string, thrown: unknown) => void) {
    this.#onError = onError
  }

  add(name: string, stop: () => void | Promise<void>): void {
    this.#parts.push({ name, stop })
  }

  /** One part's failure does not keep the others running. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#stopping ??= this.#stopAll()
    return this.#stopping
  }

  async #stopAll(): Promise<void> {
    for (const part of this.#parts.reverse()) {
      try {
        await part.stop()
      } catch (thrown) {
        this.#onError(part.name, thrown)
      }
    }
  }
}
