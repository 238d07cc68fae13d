import { sameJson } from '../domain/state.ts'

export interface BesideParts<V> {
  /** Of what is not there nothing is kept. */
  readonly isThere: (id: string) => boolean
  /** What says no more than nothing said yet; undefined: anything does. */
  readonly none?: V
  readonly tell: (id: string, value: V) => void
}

/** What is known beside homes or devices, by their ids: told when it changes, forgotten with them. */
export class Beside<V> {
  readonly #parts: BesideParts<V>
  readonly #values = new Map<string, V>()

  constructor(parts: BesideParts<V>) {
    this.#parts = parts
  }

  get all(): ReadonlyMap<string, V> {
    return this.#values
  }

  /** Undefined where nobody asked. */
  get(id: string): V | undefined {
    return this.#values.get(id)
  }

  set(id: string, value: V): void {
    const { isThere, none, tell } = this.#parts
    if (!isThere(id) || sameJson(this.#values.get(id) ?? none, value)) return
    this.#values.set(id, value)
    tell(id, value)
  }

  forget(id: string): void {
    this.#values.delete(id)
  }
}
