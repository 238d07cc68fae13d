/** Two lists closer together than this count as one. */
export const listsApartMs = 60_000

/**
 * R-S3: a thing is gone when two full lists in a row, at least a minute apart, do not show it. An empty list proves
 * nothing. The count lives in memory only.
 */
export class AbsenceTracker {
  readonly #missingSince = new Map<string, number>()
  readonly #emptyProves: boolean

  /** `emptyProves`: an empty list is one like others, where the last of a kind may well be deleted. */
  constructor({ emptyProves = false } = {}) {
    this.#emptyProves = emptyProves
  }

  /**
   * A full list arrived at `now` (monotonic). Gives the ids of `known` that are to be removed, and says whether some
   * are missing that one more list would decide.
   */
  review(
    known: Iterable<string>,
    listed: ReadonlySet<string>,
    now: number,
  ): { gone: string[]; pending: boolean } {
    const gone: string[] = []
    let pending = false
    for (const id of known) {
      if (listed.has(id)) {
        this.#missingSince.delete(id)
        continue
      }
      if (listed.size === 0 && !this.#emptyProves) continue
      const since = this.#missingSince.get(id)
      if (since === undefined) this.#missingSince.set(id, now)
      if (since !== undefined && now - since >= listsApartMs) {
        this.#missingSince.delete(id)
        gone.push(id)
      } else pending = true
    }
    return { gone, pending }
  }
}
