import { SlugRegistry } from '../domain/slug.ts'
import { sameJson } from '../domain/state.ts'
import { Emitter } from '../util/emitter.ts'

/** What people made in the app of a home, and named. */
export interface Definition {
  readonly id: string
  readonly name: string
  readonly homeId: string
}

export type DefinitionEvents<T> = {
  changed: { readonly now: T; readonly before: T | undefined }
  removed: T
}

/** All scenes, or all automations, of all homes. */
export class DefinitionSet<T extends Definition> {
  readonly events = new Emitter<DefinitionEvents<T>>()
  readonly slugs = new SlugRegistry()
  readonly #all = new Map<string, T>()

  get all(): ReadonlyMap<string, T> {
    return this.#all
  }

  get(id: string): T | undefined {
    return this.#all.get(id)
  }

  inHome(homeId: string): T[] {
    return [...this.#all.values()].filter((one) => one.homeId === homeId)
  }

  /** Adds those of a list or brings them up to date. */
  set(listed: readonly T[]): void {
    const changes = listed.flatMap((now) => {
      const before = this.#all.get(now.id)
      return sameJson(before, now) ? [] : [{ now, before }]
    })
    for (const { now } of changes) this.#all.set(now.id, now)
    if (changes.length > 0) this.#updateSlugs()
    for (const change of changes) this.events.emit('changed', change)
  }

  remove(id: string): void {
    const removed = this.#all.get(id)
    if (!removed) return
    this.#all.delete(id)
    this.#updateSlugs()
    this.events.emit('removed', removed)
  }

  #updateSlugs(): void {
    this.slugs.update([...this.#all.values()].map(({ id, name }) => ({ id, name, createdMs: null })))
  }
}
