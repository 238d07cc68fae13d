import type { Specification } from '../domain/data-point.ts'
import type { Device } from '../domain/device.ts'
import type { Home } from '../domain/home.ts'
import { AbsenceTracker } from './absence.ts'
import type { Definition, DefinitionSet } from './definition-set.ts'
import { type ReadingParts, readOrTell } from './reading-parts.ts'

/** Brings what people made in the app: scenes, automations, who may use a home, which keys run which scenes. */
export class DefinitionReading {
  readonly #parts: ReadingParts
  readonly #absentScenes = new AbsenceTracker({ empty: 'proves' })
  readonly #absentAutomations = new AbsenceTracker({ empty: 'proves' })
  /** Something is missing that one more list decides over. */
  pending = false

  constructor(parts: ReadingParts) {
    this.#parts = parts
  }

  async scenes(home: Home): Promise<void> {
    const { directory, inventory, signal } = this.#parts
    const scenes = await directory.scenes(home, { signal })
    this.#settle(inventory.scenes, this.#absentScenes, home, scenes)
  }

  async automations(home: Home): Promise<void> {
    const { directory, inventory, signal } = this.#parts
    const automations = await directory.automations(home, { signal })
    this.#settle(inventory.automations, this.#absentAutomations, home, automations)
  }

  #settle<T extends Definition>(
    set: DefinitionSet<T>,
    absent: AbsenceTracker,
    home: Home,
    listed: readonly T[],
  ): void {
    set.set(listed)
    const known = set.inHome(home.id).map(({ id }) => id)
    const ids = new Set(listed.map(({ id }) => id))
    const { gone, pending } = absent.review(known, ids, this.#parts.clock.monotonic())
    for (const id of gone) set.remove(id)
    this.pending ||= pending
  }

  async members(home: Home): Promise<void> {
    const { directory, inventory, signal } = this.#parts
    inventory.members.set(home.id, await directory.members(home, { signal }))
  }

  async bindings(device: Device): Promise<void> {
    const { directory, inventory, troubles, signal } = this.#parts
    await readOrTell(troubles, `reading the scene keys of ${device.id}`, async () =>
      inventory.bindings.set(device.id, await directory.bindings(device, { signal })),
    )
  }
}

/** Keys that can run scenes are enums that are pressed. */
export function hasSceneKeys(specification: Specification | undefined): boolean {
  return [...(specification?.points.values() ?? [])].some(
    ({ momentary, type, code }) => momentary && type === 'enum' && code.startsWith('switch'),
  )
}
