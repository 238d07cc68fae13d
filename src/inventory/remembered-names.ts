import type { SlugRegistry } from '../domain/slug.ts'
import { AbsenceTracker } from './absence.ts'
import type { Inventory } from './inventory.ts'

const kinds = ['device', 'scene', 'automation'] as const

type NamedKind = (typeof kinds)[number]

/**
 * Names that an earlier run gave to things which this one has not seen. They are kept until lists of all homes prove
 * that the things are gone, by the same rule as for the things (R-S3).
 */
export class RememberedNames {
  readonly #inventory: Inventory
  readonly #absent: Readonly<Record<NamedKind, AbsenceTracker>> = {
    device: new AbsenceTracker(),
    scene: new AbsenceTracker({ empty: 'proves' }),
    automation: new AbsenceTracker({ empty: 'proves' }),
  }

  constructor(inventory: Inventory) {
    this.#inventory = inventory
  }

  /** The lists of all homes were read at `now`, monotonic. True when one more would decide over some. */
  review(kind: string, listed: ReadonlySet<string>, now: number): boolean {
    if (!isNamed(kind)) return false
    const slugs = this.#slugs(kind)
    const { gone, pending } = this.#absent[kind].review([...slugs.unseen], listed, now)
    for (const id of gone) slugs.forget(id)
    if (gone.length > 0) this.#inventory.events.emit('namesForgotten', undefined)
    return pending
  }

  #slugs(kind: NamedKind): SlugRegistry {
    const { slugs, scenes, automations } = this.#inventory
    return { device: slugs.device, scene: scenes.slugs, automation: automations.slugs }[kind]
  }
}

function isNamed(kind: string): kind is NamedKind {
  return (kinds as readonly string[]).includes(kind)
}
