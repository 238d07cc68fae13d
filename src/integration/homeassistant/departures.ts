import type { Clock, Timer } from '../../util/clock.ts'

/** How long an entity that went is named in its document: whoever listens has read it by then. */
const namedMs = 60_000

interface Departed {
  /** Keys that were named for long enough. */
  readonly past: Set<string>
  named: readonly string[]
  timer: Timer | undefined
}

/**
 * Entities that left their documents. Home Assistant removes one that is named with nothing but its platform; openHAB
 * refuses the whole document for it. So each is named for a minute, and once more when Home Assistant comes up.
 */
export class Departures {
  readonly #clock: Clock
  readonly #elapsed: (document: string) => void
  readonly #byDocument = new Map<string, Departed>()

  /** `elapsed` is told of every document that can do without its names again. */
  constructor(clock: Clock, elapsed: (document: string) => void) {
    this.#clock = clock
    this.#elapsed = elapsed
  }

  /** Of everything that the document misses, what it names now. */
  named(document: string, missing: readonly string[]): readonly string[] {
    const known = this.#byDocument.get(document) ?? { past: new Set(), named: [], timer: undefined }
    this.#byDocument.set(document, known)
    for (const key of known.past) if (!missing.includes(key)) known.past.delete(key)
    const named = missing.filter((key) => !known.past.has(key))
    if (named.some((key) => !known.named.includes(key))) this.#startAnew(document, known)
    known.named = named
    return named
  }

  /** Everything that went is named once more; gives the documents that it belongs to. */
  again(): readonly string[] {
    const documents = [...this.#byDocument]
      .filter(([, { past }]) => past.size > 0)
      .map(([document]) => document)
    for (const document of documents) this.#byDocument.get(document)?.past.clear()
    return documents
  }

  forget(document: string): void {
    this.#byDocument.get(document)?.timer?.cancel()
    this.#byDocument.delete(document)
  }

  stop(): void {
    for (const document of [...this.#byDocument.keys()]) this.forget(document)
  }

  #startAnew(document: string, known: Departed): void {
    known.timer?.cancel()
    known.timer = this.#clock.after(namedMs, () => {
      known.timer = undefined
      for (const key of known.named) known.past.add(key)
      known.named = []
      this.#elapsed(document)
    })
  }
}
