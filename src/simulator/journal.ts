import type { Clock } from '../util/clock.ts'

export interface JournalEntry {
  readonly timeMs: number
  /** Monotonic, for measuring. */
  readonly at: number
  readonly kind: 'request' | 'command' | 'report' | 'scene' | 'automation' | 'queue' | 'lan'
  /** Id of the operation, device, scene or automation; what happened at the queue. For the LAN, of the device. */
  readonly subject: string
  readonly detail: Readonly<Record<string, unknown>>
}

const kept = 100_000

/** What happened in the simulator, newest last; for tests and for people who wonder. */
export class Journal {
  readonly #clock: Clock
  #entries: JournalEntry[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  note(kind: JournalEntry['kind'], subject: string, detail: JournalEntry['detail'] = {}): void {
    this.#entries.push({ timeMs: this.#clock.now(), at: this.#clock.monotonic(), kind, subject, detail })
    if (this.#entries.length > kept) this.#entries = this.#entries.slice(-kept / 2)
  }

  entries(kind?: JournalEntry['kind'], subject?: string): readonly JournalEntry[] {
    return this.#entries.filter(
      (entry) =>
        (kind === undefined || entry.kind === kind) && (subject === undefined || entry.subject === subject),
    )
  }

  clear(): void {
    this.#entries = []
  }
}
