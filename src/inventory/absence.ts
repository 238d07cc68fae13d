/** Two lists closer together than this count as one. */
export const listsApartMs = 60_000
/** What was found to be there although lists show nothing at all is not asked about again for so long. */
const foundForMs = 6 * 3_600_000

/**
 * What an empty list says of the things that are known: nothing, as much as any other list, or that they are to be
 * asked for one by one.
 */
export type EmptyList = 'ignored' | 'proves' | 'doubted'

export interface Verdict {
  /** To be removed. */
  readonly gone: string[]
  /** Missing from two empty lists: to be removed when the cloud, asked for each of them, says that it is not there. */
  readonly doubted: string[]
  /** Some are missing that one more list would decide. */
  readonly pending: boolean
}

/**
 * R-S3: a thing is gone when two full lists in a row, at least a minute apart, do not show it. The count lives in
 * memory only.
 */
export class AbsenceTracker {
  readonly #missing = new Map<string, { readonly since: number; readonly byEmpty: boolean }>()
  readonly #foundAt = new Map<string, number>()
  readonly #empty: EmptyList

  constructor({ empty = 'ignored' }: { readonly empty?: EmptyList } = {}) {
    this.#empty = empty
  }

  /** A full list arrived at `now` (monotonic). */
  review(known: Iterable<string>, listed: ReadonlySet<string>, now: number): Verdict {
    const gone: string[] = []
    const doubted: string[] = []
    let pending = false
    const isEmpty = listed.size === 0
    for (const id of known) {
      if (listed.has(id)) {
        this.#missing.delete(id)
        this.#foundAt.delete(id)
        continue
      }
      if (isEmpty && (this.#empty === 'ignored' || this.#wasFound(id, now))) continue
      const isDoubt = isEmpty && this.#empty === 'doubted'
      const before = this.#missing.get(id)
      // An empty list is no first proof for one that is not empty.
      const counts = before !== undefined && (isDoubt || !before.byEmpty)
      if (!counts) this.#missing.set(id, { since: now, byEmpty: isDoubt })
      if (counts && now - before.since >= listsApartMs) {
        this.#missing.delete(id)
        const verdict = isDoubt ? doubted : gone
        verdict.push(id)
      } else pending = true
    }
    return { gone, doubted, pending }
  }

  /** A doubted thing is there after all. */
  found(id: string, now: number): void {
    this.#foundAt.set(id, now)
  }

  forget(id: string): void {
    this.#missing.delete(id)
    this.#foundAt.delete(id)
  }

  #wasFound(id: string, now: number): boolean {
    const at = this.#foundAt.get(id)
    return at !== undefined && now - at < foundForMs
  }
}
