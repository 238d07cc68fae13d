/** One typed event map. A listener that throws is a defect; it must not stop the others. */
export class Emitter<Events extends Record<string, unknown>> {
  readonly #listeners = new Map<keyof Events, Set<(event: never) => void>>()
  readonly #onThrow: (thrown: unknown) => void

  /** `onThrow` hears what listeners throw; by default it is thrown again outside the call stack. */
  constructor(onThrow: (thrown: unknown) => void = rethrow) {
    this.#onThrow = onThrow
  }

  /** Listens until the returned function is called. */
  on<K extends keyof Events>(kind: K, listener: (event: Events[K]) => void): () => void {
    const listeners = this.#listeners.get(kind) ?? new Set()
    this.#listeners.set(kind, listeners)
    listeners.add(listener as (event: never) => void)
    return () => listeners.delete(listener as (event: never) => void)
  }

  emit<K extends keyof Events>(kind: K, event: Events[K]): void {
    for (const listener of this.#listeners.get(kind) ?? []) {
      try {
        ;(listener as (event: Events[K]) => void)(event)
      } catch (thrown) {
        this.#onThrow(thrown)
      }
    }
  }
}

function rethrow(thrown: unknown): void {
  queueMicrotask(() => {
    throw thrown
  })
}
