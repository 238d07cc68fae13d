import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { partitionOf, TopicLog } from '../../../src/simulator/queue/topic-log.ts'

describe('the partition of a key', () => {
  it.each([
    // What Java's String.hashCode says: 97, 3105, and for the third the lowest number that there is.
    ['a', 97 % 11],
    ['ab', 3105 % 11],
    ['', 0],
    ['polygenelubricants', 0],
    ['bf3c9a7d41e0b2f6aaw1vn', 9],
  ])('of %o is %i', (key, partition) => {
    expect(partitionOf(key, 11)).toBe(partition)
  })

  it('is always the same and one that there is, and a test topic has but one', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (key) => {
        const partition = partitionOf(key, 11)
        expect(partition).toBe(partitionOf(key, 11))
        expect(partition).toBeGreaterThanOrEqual(0)
        expect(partition).toBeLessThan(11)
        expect(partitionOf(key, 1)).toBe(0)
      }),
    )
  })

  it('uses all eleven for a house full of devices', () => {
    const used = new Set(Array.from({ length: 200 }, (_, i) => partitionOf(`bf${i}x`, 11)))
    expect(used.size).toBe(11)
  })
})

describe('the log of a topic', () => {
  it('keeps what it got, in the order of a key, and forgets only what is too old', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 3_000 }))),
        fc.integer({ min: 0, max: 40_000 }),
        (given, before) => {
          const log = new TopicLog<number>(11)
          let nowMs = 0
          const published = given.map(([key, passMs], number) => {
            nowMs += passMs
            return log.append(`k${key}`, number, nowMs)
          })
          log.expire(before)
          for (const entry of published)
            expect(log.partitions[entry.partition]?.at(entry.offset)).toBe(
              entry.publishedMs < before ? undefined : entry,
            )
          for (const partition of log.partitions)
            for (let offset = partition.first; offset < partition.end; offset++)
              expect(partition.at(offset)).toMatchObject({ partition: partition.index, offset })
        },
      ),
    )
  })

  it('gives offsets without a gap also after ten thousand were forgotten', () => {
    const log = new TopicLog<number>(1)
    for (let i = 0; i < 10_000; i++) {
      expect(log.append('x', i, i).offset).toBe(i)
      log.partitions[0]?.forget(i - 5)
    }
    expect(log.partitions[0]?.first).toBe(9_994)
    expect(log.partitions[0]?.at(9_993)).toBeUndefined()
    expect(log.partitions[0]?.at(9_994)?.content).toBe(9_994)
    expect(log.partitions[0]?.at(10_000)).toBeUndefined()
  })
})
