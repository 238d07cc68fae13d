const slugBytes = 64

/** A name as a topic level: NFKC, lower case, letters, digits, `_` and `-` of any script; never empty. */
export function slugOf(name: string): string {
  const folded = name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}_-]+/gu, '_')
  const trimmed = trimUnderscores(cutBytes(trimUnderscores(folded), slugBytes))
  return trimmed === '' ? 'unnamed' : trimmed
}

/** Cuts at a character border so that the UTF-8 form has at most `bytes` bytes. */
export function cutBytes(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text
  let cut = ''
  let size = 0
  for (const character of text) {
    size += Buffer.byteLength(character)
    if (size > bytes) break
    cut += character
  }
  return cut
}

function trimUnderscores(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && text[start] === '_') start++
  while (end > start && text[end - 1] === '_') end--
  return text.slice(start, end)
}

export interface Named {
  readonly id: string
  readonly name: string
  readonly createdMs: number | null
}

/**
 * The slugs of all objects of one kind. A slug stays with its object until that is renamed or removed, and a freed
 * bare slug goes only to an object that is named so afterwards: a command by name never silently moves.
 */
export class SlugRegistry {
  readonly #slugOf = new Map<string, { readonly slug: string; readonly base: string }>()
  readonly #idOf = new Map<string, string>()
  /** Objects that an earlier run knew and this one has not seen yet: their slugs are kept for them. */
  readonly #unseen = new Set<string>()

  /** What an earlier run remembered; the base is what the name gave. */
  restore(slug: string, id: string): void {
    if (this.#idOf.has(slug) || this.#slugOf.has(id)) return
    this.#hold(id, slug, slug.split('~')[0] ?? slug)
    this.#unseen.add(id)
  }

  /** Ids of objects whose slugs are remembered, and that were not seen since. */
  get unseen(): ReadonlySet<string> {
    return this.#unseen
  }

  /** An object that was not seen is gone for good: its slug is free. */
  forget(id: string): void {
    if (this.#unseen.delete(id)) this.#release(id)
  }

  slug(id: string): string | undefined {
    return this.#slugOf.get(id)?.slug
  }

  /** The object that holds exactly this slug. */
  id(slug: string): string | undefined {
    return this.#idOf.get(slug)
  }

  /** The ids of all objects whose name gives this bare slug, holders of `slug~xxxx` included. */
  claimants(base: string): string[] {
    return [...this.#slugOf].filter(([, held]) => held.base === base).map(([id]) => id)
  }

  /**
   * Brings the registry in line with what exists now; the older object comes first where two are new. What is remembered
   * and was never seen stays: it may not have been read yet.
   */
  update(objects: Iterable<Named>): void {
    const present = [...objects].sort(olderFirst)
    const ids = new Set(present.map((object) => object.id))
    for (const id of ids) this.#unseen.delete(id)
    for (const id of [...this.#slugOf.keys()]) if (!ids.has(id) && !this.#unseen.has(id)) this.#release(id)
    const fresh = present.filter((object) => {
      const held = this.#slugOf.get(object.id)
      if (held?.base === slugOf(object.name)) return false
      if (held) this.#release(object.id)
      return true
    })
    for (const object of fresh) {
      const base = slugOf(object.name)
      this.#hold(object.id, this.#free(base, object.id), base)
    }
  }

  entries(): [slug: string, id: string][] {
    return [...this.#idOf]
  }

  #free(base: string, id: string): string {
    if (!this.#idOf.has(base)) return base
    for (let length = 4; length < id.length; length++) {
      const candidate = `${base}~${id.slice(-length)}`
      if (!this.#idOf.has(candidate)) return candidate
    }
    let whole = `${base}~${id}`
    // Taken when a longer id ends in this one.
    while (this.#idOf.has(whole)) whole += '_'
    return whole
  }

  #hold(id: string, slug: string, base: string): void {
    this.#slugOf.set(id, { slug, base })
    this.#idOf.set(slug, id)
  }

  #release(id: string): void {
    const held = this.#slugOf.get(id)
    if (!held) return
    this.#slugOf.delete(id)
    this.#idOf.delete(held.slug)
  }
}

function olderFirst(a: Named, b: Named): number {
  const byAge = (a.createdMs ?? Number.MAX_SAFE_INTEGER) - (b.createdMs ?? Number.MAX_SAFE_INTEGER)
  return byAge !== 0 ? byAge : a.id < b.id ? -1 : a.id > b.id ? 1 : 0
}
