import { Ring } from '../../util/ring.ts'
import type { TailLine } from '../log-tail.ts'
import type { Members } from './device-pictures.ts'
import type { PageEvent, PageReceipt, PowerSample } from './protocol.ts'

/** How many of each had come at some moment. */
export type Counts = Readonly<Record<'events' | 'reports' | 'receipts' | 'log' | 'power', number>>

export const noneYet: Counts = { events: 0, reports: 0, receipts: 0, log: 0, power: 0 }

/** What happened lately, each kind apart, so that many of one do not push those of another out. */
export class Recent {
  readonly events = new Ring<PageEvent>(200)
  readonly reports = new Ring<PageEvent>(100)
  readonly receipts = new Ring<PageReceipt>(200)
  readonly #log: Ring<TailLine>
  readonly #power: Ring<PowerSample>
  readonly #redact: (text: string) => string

  constructor(log: Ring<TailLine>, power: Ring<PowerSample>, redact: (text: string) => string) {
    this.#log = log
    this.#power = power
    this.#redact = redact
  }

  get counts(): Counts {
    const { events, reports, receipts } = this
    return {
      events: events.count,
      reports: reports.count,
      receipts: receipts.count,
      log: this.#log.count,
      power: this.#power.count,
    }
  }

  /** What came since then, as members of a message. What was kept may hold what was learned to be a secret later. */
  since(then: Counts): Members {
    const news: Record<keyof Counts, readonly unknown[]> = {
      events: this.events.since(then.events),
      reports: this.reports.since(then.reports),
      receipts: this.receipts.since(then.receipts),
      log: this.#log.since(then.log),
      power: this.#power.since(then.power),
    }
    return Object.entries(news).flatMap(([name, entries]) =>
      entries.length === 0 ? [] : [[name, this.#redact(JSON.stringify(entries))] as const],
    )
  }
}
