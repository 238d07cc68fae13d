import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SubscriptionType } from '../../../src/simulator/queue/assignment.ts'
import { Consumer, type ConsumerWishes } from '../../../src/simulator/queue/consumer.ts'
import { Subscription } from '../../../src/simulator/queue/subscription.ts'
import { type LogEntry, TopicLog } from '../../../src/simulator/queue/topic-log.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

interface Delivered {
  readonly entry: LogEntry<number>
  readonly redeliveryCount: number
}

/** A topic of numbers and its one subscription. */
class Bench {
  readonly clock = new VirtualClock()
  readonly log: TopicLog<number>
  readonly subscription: Subscription<number>
  readonly redelivered: string[] = []
  #number = 0

  constructor(partitions = 11, handOverMs = 0) {
    this.log = new TopicLog(partitions)
    this.subscription = new Subscription({
      name: 'sub',
      log: this.log,
      clock: this.clock,
      handOverMs,
      from: 'earliest',
      onRedelivery: (why, messages) => this.redelivered.push(`${why} ${messages}`),
    })
  }

  append(messages = 1, key?: string): void {
    for (let i = 0; i < messages; i++) {
      const number = this.#number++
      this.log.append(key ?? `k${number}`, number, this.clock.now())
      this.subscription.pump()
    }
  }

  join(
    type: SubscriptionType,
    wishes: Partial<ConsumerWishes> = {},
    onDelivery: (reader: Reader, entry: LogEntry<number>) => void = () => {},
  ): Reader {
    return new Reader(this, type, wishes, onDelivery)
  }
}

class Reader {
  readonly got: Delivered[] = []
  readonly consumer: Consumer<number>
  readonly #bench: Bench

  /** `onDelivery` hears of each delivery while it happens. */
  constructor(
    bench: Bench,
    type: SubscriptionType,
    wishes: Partial<ConsumerWishes>,
    onDelivery: (reader: Reader, entry: LogEntry<number>) => void,
  ) {
    this.#bench = bench
    const { clock, subscription } = bench
    this.consumer = new Consumer<number>(
      {
        type,
        name: 'reader',
        priority: 0,
        ackTimeoutMs: 0,
        window: 1_000,
        nackDelayMs: 60_000,
        pull: false,
        ...wishes,
      },
      {
        clock,
        deliver: (entry, redeliveryCount) => {
          this.got.push({ entry, redeliveryCount })
          onDelivery(this, entry)
        },
        redeliver: (why, positions) => subscription.redeliver(why, this.consumer, positions),
      },
    )
    subscription.attach(this.consumer)
  }

  get numbers(): number[] {
    return this.got.map(({ entry }) => entry.content)
  }

  /** The numbers that came since the last time. */
  take(): number[] {
    return this.got.splice(0).map(({ entry }) => entry.content)
  }

  ack(entry: LogEntry<number> | undefined): void {
    if (!entry) throw new Error('there is none')
    this.consumer.acknowledged(entry)
    this.#bench.subscription.ack(entry)
    this.#bench.subscription.pump()
  }

  ackAll(): void {
    for (const { entry } of this.got.splice(0)) this.ack(entry)
  }

  nack(entry: LogEntry<number> | undefined): void {
    if (!entry) throw new Error('there is none')
    this.consumer.refused(entry)
  }

  leave(): void {
    this.#bench.subscription.detach(this.consumer)
  }
}

const sorted = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b)
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)

describe('one reader', () => {
  it('gets everything, each key in order, and what it did not acknowledge again after it came back', () => {
    const bench = new Bench()
    bench.append(20)
    const first = bench.join('Exclusive')
    bench.append(10)
    expect(sorted(first.numbers)).toEqual(upTo(30))
    const [one, two] = first.got.map(({ entry }) => entry)
    first.ack(one)
    first.ack(two)
    first.leave()
    expect(bench.redelivered).toEqual(['disconnect 28'])
    const again = bench.join('Exclusive')
    expect(again.got).toHaveLength(28)
    expect(again.numbers).not.toContain(one?.content)
    expect(again.got.every(({ redeliveryCount }) => redeliveryCount === 0)).toBe(true)
    again.ackAll()
    expect(bench.subscription.backlog).toBe(0)
  })

  it('gets at most a window of messages that lack their acknowledgement', () => {
    const bench = new Bench()
    const reader = bench.join('Failover', { window: 5 })
    bench.append(20)
    expect(reader.got).toHaveLength(5)
    reader.ack(reader.got[0]?.entry)
    expect(reader.got).toHaveLength(6)
    reader.ack(reader.got[1]?.entry)
    reader.ack(reader.got[2]?.entry)
    expect(reader.got).toHaveLength(8)
  })

  it('loses a place of its window for good with every duplicate that it does not acknowledge', async () => {
    const bench = new Bench(1)
    const reader = bench.join('Failover', { window: 3, ackTimeoutMs: 2_000 })
    bench.append(10)
    const [slow] = reader.got.map(({ entry }) => entry)
    for (const { entry } of reader.got.slice(1)) reader.ack(entry)
    expect(reader.take()).toEqual([0, 1, 2, 3, 4])
    reader.ack(bench.log.partitions[0]?.at(3))
    reader.ack(bench.log.partitions[0]?.at(4))
    expect(reader.take()).toEqual([5, 6])
    await bench.clock.advance(2_000)
    // Three lack their acknowledgement and none is delivered: the window is full with what came before.
    expect(bench.redelivered).toHaveLength(1)
    expect(reader.take()).toEqual([])
    // What was fetched again comes again, acknowledged meanwhile or not.
    reader.ack(slow)
    expect(reader.take()).toEqual([0])
    for (const [offset, next] of [
      [0, 5],
      [5, 6],
      [6, 7],
      [7, 8],
    ] as const) {
      reader.ack(bench.log.partitions[0]?.at(offset))
      expect(reader.take()).toEqual([next])
    }
    // Only 8 is owed, but 5 and 6 came twice and were acknowledged once: of three places one is left.
    expect(bench.subscription.backlog).toBe(2)
    expect(reader.consumer.outstanding).toBe(3)
  })

  it('that acknowledges while it gets does not confuse the line', () => {
    const bench = new Bench()
    const reader = bench.join('Failover', { window: 2 }, (self, entry) => self.ack(entry))
    bench.append(50)
    expect(sorted(reader.numbers)).toEqual(upTo(50))
    expect(bench.subscription.backlog).toBe(0)
  })

  it('gets in pull mode what it permits', () => {
    const bench = new Bench()
    const reader = bench.join('Exclusive', { pull: true })
    bench.append(5)
    expect(reader.got).toEqual([])
    reader.consumer.permit(2)
    bench.subscription.pump()
    expect(reader.got).toHaveLength(2)
    reader.ackAll()
    expect(reader.got).toEqual([])
  })
})

describe('an acknowledgement that does not come in time', () => {
  it.each(['Failover', 'Exclusive'] as const)(
    'brings everything back on %s, over all partitions, and says nothing of it',
    async (type) => {
      const bench = new Bench()
      const reader = bench.join(type, { ackTimeoutMs: 3_000 })
      bench.append(5)
      await bench.clock.advance(2_000)
      bench.append(15)
      const first = reader.take()
      await bench.clock.advance(999)
      expect(reader.got).toEqual([])
      await bench.clock.advance(1)
      expect(sorted(reader.numbers)).toEqual(sorted(first))
      expect(reader.got.every(({ redeliveryCount }) => redeliveryCount === 0)).toBe(true)
      expect(bench.redelivered).toEqual(['ack-timeout 20'])
      reader.ackAll()
      await bench.clock.advance(10_000)
      expect(reader.got).toEqual([])
    },
  )

  it.each(['Shared', 'Key_Shared'] as const)(
    'brings back that message alone on %s, and counts',
    async (type) => {
      const bench = new Bench()
      const reader = bench.join(type, { ackTimeoutMs: 3_000 })
      bench.append(3)
      await bench.clock.advance(2_000)
      bench.append(2)
      const [slow, ...others] = reader.got.splice(0, 3).map(({ entry }) => entry)
      for (const entry of others) reader.ack(entry)
      expect(sorted(reader.take())).toEqual([3, 4])
      await bench.clock.advance(1_000)
      expect(reader.got).toEqual([{ entry: slow, redeliveryCount: 1 }])
      await bench.clock.advance(3_000)
      expect(reader.got.filter(({ entry }) => entry === slow).map((one) => one.redeliveryCount)).toEqual([
        1, 2,
      ])
    },
  )

  it('counts from when the message was fetched ahead, not from when it was delivered', async () => {
    const bench = new Bench(1)
    const reader = bench.join('Failover', { ackTimeoutMs: 3_000, window: 1 })
    bench.append(3)
    await bench.clock.advance(2_500)
    reader.ack(reader.got[0]?.entry)
    expect(reader.numbers).toEqual([0, 1])
    await bench.clock.advance(500)
    expect(bench.redelivered).toEqual(['ack-timeout 2'])
  })

  it('never comes up without a time', async () => {
    const bench = new Bench()
    const reader = bench.join('Failover')
    bench.append(3)
    await bench.clock.advance(3_600_000)
    expect(reader.got).toHaveLength(3)
    expect(bench.clock.waiting).toBe(0)
  })
})

describe('a message that is refused', () => {
  it('comes again after the delay, with everything of its partition where order counts', async () => {
    const bench = new Bench()
    const reader = bench.join('Failover', { nackDelayMs: 5_000 })
    bench.append(3, 'one')
    bench.append(3, 'two')
    const entries = reader.got.splice(0).map(({ entry }) => entry)
    reader.nack(entries.find(({ content }) => content === 1))
    await bench.clock.advance(4_999)
    expect(reader.got).toEqual([])
    await bench.clock.advance(1)
    expect(reader.take()).toEqual([0, 1, 2])
    expect(bench.redelivered).toEqual(['nack 3'])
  })

  it('comes alone where readers share', async () => {
    const bench = new Bench()
    const reader = bench.join('Shared')
    bench.append(3, 'one')
    reader.nack(reader.got.splice(0)[1]?.entry)
    await bench.clock.advance(60_000)
    expect(reader.got).toMatchObject([{ entry: { content: 1 }, redeliveryCount: 1 }])
  })

  it('does not come to who has left', async () => {
    const bench = new Bench()
    const reader = bench.join('Failover')
    bench.append(1)
    reader.nack(reader.got.splice(0)[0]?.entry)
    reader.leave()
    await bench.clock.advance(60_000)
    expect(reader.got).toEqual([])
    expect(bench.clock.waiting).toBe(0)
  })
})

describe('Failover', () => {
  it('makes whoever takes a partition over wait a second, then start with what nobody acknowledged', async () => {
    const bench = new Bench(11, 1_000)
    const a = bench.join('Failover', { name: 'a' })
    bench.append(22)
    await bench.clock.advance(999)
    expect(a.got).toEqual([])
    await bench.clock.advance(1)
    expect(sorted(a.numbers)).toEqual(upTo(22))
    const b = bench.join('Failover', { name: 'b' })
    expect([a, b].map(({ consumer }) => bench.subscription.partitionsOf(consumer).length)).toEqual([6, 5])
    // What the first one acknowledges during the hand-over is not read again.
    const odd = a.got.filter(({ entry }) => entry.partition % 2 === 1).map(({ entry }) => entry)
    a.ack(odd[0])
    await bench.clock.advance(1_000)
    expect(sorted(b.numbers)).toEqual(sorted(odd.slice(1).map(({ content }) => content)))
    expect(bench.redelivered.reduce((sum, text) => sum + Number(text.split(' ')[1]), 0)).toBe(odd.length - 1)
  })

  it('gives everything to the other when one leaves, and nothing meanwhile', async () => {
    const bench = new Bench(11, 1_000)
    const [a, b] = [bench.join('Failover', { name: 'a' }), bench.join('Failover', { name: 'b' })]
    await bench.clock.advance(1_000)
    bench.append(40)
    expect(sorted([...a.numbers, ...b.numbers])).toEqual(upTo(40))
    const left = b.take()
    expect(left.length).toBeGreaterThan(0)
    const mine = a.take()
    b.leave()
    expect(a.got).toEqual([])
    await bench.clock.advance(1_000)
    expect(sorted(a.take())).toEqual(sorted(left))
    bench.append(10)
    expect(a.got).toHaveLength(10)
    expect(mine.length + left.length).toBe(40)
  })

  it('lets a stand-by wait until the main one has gone', async () => {
    const bench = new Bench()
    const main = bench.join('Failover', { name: 'z', priority: 0 })
    const standBy = bench.join('Failover', { name: 'a', priority: 1 })
    await bench.clock.advance(0)
    bench.append(30)
    expect([main.got.length, standBy.got.length]).toEqual([30, 0])
    main.ackAll()
    bench.append(30)
    main.leave()
    await bench.clock.advance(0)
    expect(standBy.got).toHaveLength(30)
  })

  it('ignores the late acknowledgements of one that has nothing to say there any more', async () => {
    const bench = new Bench()
    const a = bench.join('Failover', { name: 'b', ackTimeoutMs: 5_000 })
    await bench.clock.advance(0)
    bench.append(22)
    const b = bench.join('Failover', { name: 'a' })
    await bench.clock.advance(0)
    const before = b.got.length
    await bench.clock.advance(5_000)
    // Its own come again; those that the other reads by now do not.
    expect(b.got).toHaveLength(before)
    expect(a.got).toHaveLength(22 + (22 - before))
  })
})

describe('Shared', () => {
  it('deals messages out, each to one', () => {
    const bench = new Bench()
    const [a, b] = [bench.join('Shared'), bench.join('Shared')]
    bench.append(100)
    expect([a.got.length, b.got.length]).toEqual([50, 50])
    expect(sorted([...a.numbers, ...b.numbers])).toEqual(upTo(100))
  })

  it('gives the rest to who has room, and the foremost first', () => {
    const bench = new Bench()
    const a = bench.join('Shared', { window: 5 })
    const b = bench.join('Shared', { priority: 1 })
    bench.append(30)
    // Five delivered, five fetched ahead.
    expect([a.got.length, b.got.length]).toEqual([5, 20])
  })

  it('gives what one left to others, and counts', () => {
    const bench = new Bench()
    const [a, b] = [bench.join('Shared'), bench.join('Shared')]
    bench.append(10)
    b.take()
    a.leave()
    expect(b.got).toHaveLength(5)
    expect(b.got.every(({ redeliveryCount }) => redeliveryCount === 1)).toBe(true)
  })
})

describe('Key_Shared', () => {
  it('keeps a key with one reader and in order, also while another comes', () => {
    const bench = new Bench()
    const a = bench.join('Key_Shared', { name: 'a' })
    for (let i = 0; i < 60; i++) bench.append(1, `key${i % 6}`)
    const b = bench.join('Key_Shared', { name: 'b' })
    for (let i = 0; i < 60; i++) bench.append(1, `key${i % 6}`)
    // Nothing of a key goes to the newcomer while the other owes something of it.
    expect(b.got).toEqual([])
    const later = new Set(a.got.slice(60).map(({ entry }) => entry.key))
    a.ackAll()
    const keysOfB = new Set(b.got.map(({ entry }) => entry.key))
    expect(later.size).toBeGreaterThan(0)
    expect(keysOfB.size).toBe(6 - later.size)
    for (const key of keysOfB) expect(later).not.toContain(key)
    expect(b.got).toHaveLength(10 * keysOfB.size)
    for (const key of keysOfB) {
      const numbers = b.got.filter(({ entry }) => entry.key === key).map(({ entry }) => entry.content)
      expect(numbers).toEqual(sorted(numbers))
    }
  })
})

describe('whatever readers do', () => {
  const types = ['Exclusive', 'Failover', 'Shared', 'Key_Shared'] as const
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('append' as const), n: fc.nat(8) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('ack' as const), n: fc.nat(5) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('join' as const), n: fc.nat(2) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), n: fc.nat(3) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('nack' as const), n: fc.nat(5) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), n: fc.nat(5_000) }) },
  )

  it.each(types)(
    'every message reaches somebody at least once on %s, and is owed until it is acknowledged',
    async (type) => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
          const bench = new Bench(11, 500)
          let readers: Reader[] = []
          let appended = 0
          let named = 0
          const acked = new Set<number>()
          const join = () => {
            if (type === 'Exclusive' && readers.length > 0) return
            readers.push(
              bench.join(type, { name: `r${named++}`, window: 7, ackTimeoutMs: 1_500, nackDelayMs: 700 }),
            )
          }
          for (const { do: what, n } of steps) {
            const reader = readers[n % Math.max(1, readers.length)]
            const one = reader?.got[n % Math.max(1, reader.got.length)]?.entry
            if (what === 'append') {
              bench.append(n, `k${n}`)
              appended += n
            } else if (what === 'join') join()
            else if (what === 'wait') await bench.clock.advance(n)
            else if (reader && what === 'leave') {
              reader.leave()
              readers = readers.filter((other) => other !== reader)
            } else if (reader && one && what === 'ack') {
              reader.ack(one)
              acked.add(one.content)
            } else if (reader && one && what === 'nack') reader.nack(one)
            expect(bench.subscription.backlog).toBe(appended - acked.size)
          }
          // In the end one comes who does it well.
          for (const reader of readers) reader.leave()
          const good = bench.join(type, { name: 'good' }, (self, entry) => {
            self.ack(entry)
            acked.add(entry.content)
          })
          await bench.clock.advance(1_000)
          bench.subscription.pump()
          expect(sorted([...acked])).toEqual(upTo(appended))
          expect(bench.subscription.backlog).toBe(0)
          good.leave()
        }),
        { numRuns: 40 },
      )
    },
  )
})
