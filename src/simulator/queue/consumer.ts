import type { Clock, Timer } from '../../util/clock.ts'
import type { Ranked, SubscriptionType } from './assignment.ts'
import type { LogEntry, Position } from './topic-log.ts'

/** What a client asked for in its address. */
export interface ConsumerWishes extends Ranked {
  readonly type: SubscriptionType
  /** 0 = messages may stay unacknowledged for ever. */
  readonly ackTimeoutMs: number
  /** How many delivered messages may lack their acknowledgement. */
  readonly window: number
  readonly nackDelayMs: number
  /** Delivers only what was permitted. */
  readonly pull: boolean
}

export interface ConsumerPorts<T> {
  readonly clock: Clock
  /** One frame to the client. */
  readonly deliver: (entry: LogEntry<T>, redeliveryCount: number) => void
  /** Messages to be read again; undefined = all that this consumer holds. */
  readonly redeliver: (why: 'ack-timeout' | 'nack', positions: readonly Position[] | undefined) => void
}

interface Queued<T> {
  readonly entry: LogEntry<T>
  readonly redeliveryCount: number
}

interface Tracked<T> {
  readonly entry: LogEntry<T>
  readonly sinceMs: number
}

/**
 * A client's half of the proxy: it fetches ahead into a queue of its own, and its timers start there, before the
 * client has seen anything. What it counts is deliveries less acknowledgements, whichever messages they were for.
 */
export class Consumer<T> implements Ranked {
  readonly wishes: ConsumerWishes
  readonly #ports: ConsumerPorts<T>
  #queue: Queued<T>[] = []
  /** Oldest first. */
  readonly #tracked = new Map<string, Tracked<T>>()
  readonly #timers = new Set<Timer>()
  #ackTimer: Timer | undefined
  #outstanding = 0
  #permits = 0
  #closed = false

  constructor(wishes: ConsumerWishes, ports: ConsumerPorts<T>) {
    this.wishes = wishes
    this.#ports = ports
  }

  get name(): string {
    return this.wishes.name
  }

  get priority(): number {
    return this.wishes.priority
  }

  /** Deliveries less acknowledgements. */
  get outstanding(): number {
    return this.#outstanding
  }

  /** How many more it fetches ahead. */
  get room(): number {
    return this.#closed ? 0 : this.wishes.window - this.#queue.length
  }

  /** Single messages can be read again, and say how often they came, only where order does not count. */
  get single(): boolean {
    return this.wishes.type === 'Shared' || this.wishes.type === 'Key_Shared'
  }

  accept(entry: LogEntry<T>, redeliveryCount: number): void {
    this.#queue.push({ entry, redeliveryCount })
    if (this.wishes.ackTimeoutMs > 0) {
      const id = idOf(entry)
      // Taken out first, or one that comes again would keep its old place.
      this.#tracked.delete(id)
      this.#tracked.set(id, { entry, sinceMs: this.#ports.clock.monotonic() })
      this.#arm()
    }
  }

  /** Delivers as much as the window, or what was permitted, allows; false = nothing. */
  flush(): boolean {
    let delivered = false
    while (!this.#closed && this.#mayDeliver()) {
      const next = this.#queue.shift()
      if (!next) break
      delivered = true
      this.#outstanding++
      if (this.wishes.pull) this.#permits--
      this.#ports.deliver(next.entry, next.redeliveryCount)
    }
    return delivered
  }

  /** An acknowledgement came, for whatever it was. */
  acknowledged(position: Position): void {
    this.#outstanding--
    this.#tracked.delete(idOf(position))
  }

  /** One frame went out twice. */
  deliveredAgain(): void {
    this.#outstanding++
  }

  /** The client wants it again; not at once, but after the delay that it asked for. */
  refused(position: Position): void {
    this.acknowledged(position)
    const timer = this.#ports.clock.after(this.wishes.nackDelayMs, () => {
      this.#timers.delete(timer)
      this.#ports.redeliver('nack', [position])
    })
    this.#timers.add(timer)
  }

  permit(messages: number): void {
    this.#permits += messages
  }

  /** Forgets of these what it fetched ahead, and how long they wait. */
  drop(which: (entry: LogEntry<T>) => boolean): void {
    this.#queue = this.#queue.filter(({ entry }) => !which(entry))
    for (const [id, { entry }] of this.#tracked) if (which(entry)) this.#tracked.delete(id)
  }

  /** Nothing is delivered any more. */
  close(): void {
    this.#closed = true
    this.#ackTimer?.cancel()
    for (const timer of this.#timers) timer.cancel()
    this.#timers.clear()
  }

  #mayDeliver(): boolean {
    return this.wishes.pull ? this.#permits > 0 : this.#outstanding < this.wishes.window
  }

  #arm(): void {
    if (this.#ackTimer || this.#closed) return
    const [oldest] = this.#tracked.values()
    if (!oldest) return
    const waitMs = oldest.sinceMs + this.wishes.ackTimeoutMs - this.#ports.clock.monotonic()
    this.#ackTimer = this.#ports.clock.after(waitMs, () => {
      this.#ackTimer = undefined
      this.#expire()
      this.#arm()
    })
  }

  #expire(): void {
    const untilMs = this.#ports.clock.monotonic() - this.wishes.ackTimeoutMs
    const late: LogEntry<T>[] = []
    for (const { entry, sinceMs } of this.#tracked.values()) {
      if (sinceMs > untilMs) break
      late.push(entry)
    }
    if (late.length === 0) return
    // Where single messages cannot come again, everything fetched ahead goes, also of partitions that others read now.
    const gone = new Set(late)
    this.drop((entry) => !this.single || gone.has(entry))
    this.#ports.redeliver('ack-timeout', this.single ? late : undefined)
  }
}

function idOf({ partition, offset }: Position): string {
  return `${partition}:${offset}`
}
