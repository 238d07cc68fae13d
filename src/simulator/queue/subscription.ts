import type { Clock, Timer } from '../../util/clock.ts'
import { activeConsumer, foremost, keyConsumer } from './assignment.ts'
import type { Consumer } from './consumer.ts'
import { Cursor } from './cursor.ts'
import type { LogEntry, Position, TopicLog } from './topic-log.ts'

export interface SubscriptionOptions<T> {
  readonly name: string
  readonly log: TopicLog<T>
  readonly clock: Clock
  /** How long a new reader of a partition waits before it reads. */
  readonly handOverMs: number
  readonly from: 'earliest' | 'latest'
  /** Hears how many messages are read again and why. */
  readonly onRedelivery?: (why: string, messages: number, consumer: string) => void
}

/** One full copy of a topic's stream, read by as many consumers as its type allows. */
export class Subscription<T> {
  readonly name: string
  readonly #options: SubscriptionOptions<T>
  readonly #cursors: readonly Cursor<T, Consumer<T>>[]
  /** In the order in which they came. */
  #consumers: readonly Consumer<T>[] = []
  /** Who reads each partition alone. */
  #active: (Consumer<T> | undefined)[] = []
  readonly #handOvers = new Map<number, Timer>()
  #turn = 0
  #pumping = false
  #again = false

  constructor(options: SubscriptionOptions<T>) {
    this.name = options.name
    this.#options = options
    this.#cursors = options.log.partitions.map((partition) => new Cursor(partition, options.from))
  }

  get consumers(): readonly Consumer<T>[] {
    return this.#consumers
  }

  get backlog(): number {
    return this.#cursors.reduce((sum, cursor) => sum + cursor.backlog, 0)
  }

  /** The partitions that a consumer reads alone. */
  partitionsOf(consumer: Consumer<T>): number[] {
    return [...this.#active.keys()].filter((index) => this.#active[index] === consumer)
  }

  /** The offset of a partition before which nothing is owed here. */
  mark(partition: number): number {
    return this.#cursors[partition]?.mark ?? 0
  }

  /** Whether a consumer of this type may come. */
  admits(type: Consumer<T>['wishes']['type']): boolean {
    return this.#consumers.every(({ wishes }) => wishes.type === type) && !this.#exclusive
  }

  attach(consumer: Consumer<T>): void {
    this.#consumers = [...this.#consumers, consumer]
    this.#assign(consumer.wishes.type)
    this.pump()
  }

  /** Whatever it left unacknowledged is read again by others, or by the next that comes. */
  detach(consumer: Consumer<T>): void {
    consumer.close()
    if (!this.#consumers.includes(consumer)) return
    this.#consumers = this.#consumers.filter((other) => other !== consumer)
    this.#release('disconnect', consumer, () => true)
    this.#assign(consumer.wishes.type)
    this.pump()
  }

  /** False when it was acknowledged before. Whose message it was makes no difference. */
  ack(position: Position): boolean {
    return this.#cursors[position.partition]?.ack(position.offset) ?? false
  }

  /** What a consumer did not get acknowledged in time, or was told to give again. */
  redeliver(why: string, consumer: Consumer<T>, positions: readonly Position[] | undefined): void {
    const which = consumer.single ? single(positions) : this.#wholePartitions(consumer, positions)
    consumer.drop(which)
    this.#release(why, consumer, which)
    this.pump()
  }

  /** Moves what can be moved towards the consumers. */
  pump(): void {
    // A delivery may cause an acknowledgement at once.
    if (this.#pumping) {
      this.#again = true
      return
    }
    this.#pumping = true
    do {
      this.#again = false
      this.#fetch()
      // What was delivered made room for more to be fetched ahead.
      for (const consumer of this.#consumers) if (consumer.flush()) this.#again = true
    } while (this.#again)
    this.#pumping = false
  }

  stop(): void {
    for (const timer of this.#handOvers.values()) timer.cancel()
    this.#handOvers.clear()
    for (const consumer of this.#consumers) consumer.close()
  }

  get #exclusive(): boolean {
    return this.#consumers.some(({ wishes }) => wishes.type === 'Exclusive')
  }

  /** Every partition in turn gives one message at a time, so that none starves. */
  #fetch(): void {
    let moved = true
    while (moved) {
      moved = false
      for (const [index, cursor] of this.#cursors.entries()) {
        if (this.#handOvers.has(index) || !this.#roomFor(index)) continue
        const taken = cursor.take((entry) => this.#readerOf(entry))
        if (!taken) continue
        const { entry, reader } = taken
        reader.accept(entry, reader.single ? cursor.redeliveries(entry.offset) : 0)
        moved = true
      }
    }
  }

  /** Saves looking through a partition that nobody could take anything from. */
  #roomFor(partition: number): boolean {
    const active = this.#active[partition]
    return active ? active.room > 0 : this.#consumers.some((consumer) => consumer.single && consumer.room > 0)
  }

  #readerOf(entry: LogEntry<T>): Consumer<T> | undefined {
    const active = this.#active[entry.partition]
    if (active) return active
    const [first] = this.#consumers
    if (first?.wishes.type === 'Key_Shared') return this.#keyReader(entry)
    const free = foremost(this.#consumers.filter(({ room }) => room > 0))
    return free[this.#turn++ % free.length]
  }

  /** A key changes hands only when its former reader owes nothing of it, or its order would be lost. */
  #keyReader(entry: LogEntry<T>): Consumer<T> | undefined {
    const reader = keyConsumer(foremost(this.#consumers), entry.key)
    if (!reader || reader.room === 0) return undefined
    return this.#cursors[entry.partition]?.heldByOther(entry.key, reader) ? undefined : reader
  }

  /** Order forbids single messages: with one of a partition everything that is read alone there comes again. */
  #wholePartitions(consumer: Consumer<T>, positions: readonly Position[] | undefined): Which {
    const partitions = positions && new Set(positions.map(({ partition }) => partition))
    return ({ partition }) => this.#active[partition] === consumer && (partitions?.has(partition) ?? true)
  }

  #assign(type: Consumer<T>['wishes']['type']): void {
    const { log, clock, handOverMs } = this.#options
    const alone = type === 'Exclusive' || type === 'Failover'
    for (const { index } of log.partitions) {
      const reader = alone ? activeConsumer(this.#consumers, index, log.partitions.length) : undefined
      if (reader === this.#active[index]) continue
      this.#active[index] = reader
      if (type !== 'Failover' || this.#handOvers.has(index)) continue
      if (handOverMs === 0) {
        this.#rewind(index)
        continue
      }
      const timer = clock.after(handOverMs, () => {
        this.#handOvers.delete(index)
        this.#rewind(index)
        this.pump()
      })
      this.#handOvers.set(index, timer)
    }
  }

  /** The new reader of a partition starts with everything that nobody acknowledged. */
  #rewind(partition: number): void {
    const reader = this.#active[partition]
    if (!reader) return
    const released = this.#cursors[partition]?.release(() => true, false) ?? 0
    if (released > 0) this.#options.onRedelivery?.('hand-over', released, reader.name)
  }

  #release(why: string, consumer: Consumer<T>, which: Which): void {
    let released = 0
    for (const [partition, cursor] of this.#cursors.entries())
      released += cursor.release(
        (offset, reader) => reader === consumer && which({ partition, offset }),
        consumer.single,
      )
    if (released > 0) this.#options.onRedelivery?.(why, released, consumer.name)
  }
}

type Which = (position: Position) => boolean

function single(positions: readonly Position[] = []): Which {
  const ids = new Set(positions.map(({ partition, offset }) => `${partition}:${offset}`))
  return ({ partition, offset }) => ids.has(`${partition}:${offset}`)
}
