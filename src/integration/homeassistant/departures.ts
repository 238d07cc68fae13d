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
  readonly #elapsed: (subject: string) => void
  readonly #bySubject = new Map<string, Departed>()

  /** `elapsed` is told of every subject whose document can do without its names again. */
  constructor(clock: Clock, elapsed: (subject: string) => void) {
    this.#clock = clock
    this.#elapsed = elapsed
  }

  /** Of everything that the document misses, what it names now. */
  named(subject: string, missing: readonly string[]): readonly string[] {
    const known = this.#bySubject.get(subject) ?? { past: new Set(), named: [], timer: undefined }
    this.#bySubject.set(subject, known)
    for (const key of known.past) if (!missing.includes(key)) known.past.delete(key)
    const named = missing.filter((key) => !known.past.has(key))
    if (named.some((key) => !known.named.includes(key))) this.#startAnew(subject, known)
    known.named = named
    return named
  }

  /** Everything that went is named once more; gives the subjects that it belongs to. */
  again(): readonly string[] {
    const subjects = [...this.#bySubject].filter(([, { past }]) => past.size > 0).map(([subject]) => subject)
    for (const subject of subjects) this.#bySubject.get(subject)?.past.clear()
    return subjects
  }

  forget(subject: string): void {
    this.#bySubject.get(subject)?.timer?.cancel()
    this.#bySubject.delete(subject)
  }

  stop(): void {
    for (const subject of [...this.#bySubject.keys()]) this.forget(subject)
  }

  #startAnew(subject: string, known: Departed): void {
    known.timer?.cancel()
    known.timer = this.#clock.after(namedMs, () => {
      known.timer = undefined
      for (const key of known.named) known.past.add(key)
      known.named = []
      this.#elapsed(subject)
    })
  }
}
