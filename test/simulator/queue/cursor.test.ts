import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Cursor } from '../../../src/simulator/queue/cursor.ts'
import { Partition } from '../../../src/simulator/queue/topic-log.ts'

type Reader = 'a' | 'b'

function build(messages: number) {
  const partition = new Partition<number>(0)
  const cursor = new Cursor<number, Reader>(partition, 'earliest')
  for (let i = 0; i < messages; i++) partition.append(`k${i % 3}`, i, i)
  const take = (reader: Reader = 'a') => cursor.take(() => reader)?.entry.offset
  return { partition, cursor, take }
}

describe('where a subscription stands in a partition', () => {
  it('begins with the oldest message, or with the next', () => {
    const { partition, take } = build(2)
    expect([take(), take(), take()]).toEqual([0, 1, undefined])
    const late = new Cursor<number, Reader>(partition, 'latest')
    expect(late.take(() => 'a')).toBeUndefined()
    partition.append('k', 7, 7)
    expect(late.take(() => 'a')?.entry.content).toBe(7)
  })

  it('moves on with acknowledgements, in whatever order they come', () => {
    const { cursor, take } = build(4)
    take()
    take()
    expect(cursor.ack(1)).toBe(true)
    expect(cursor.mark).toBe(0)
    expect(cursor.ack(0)).toBe(true)
    expect(cursor.mark).toBe(2)
    expect(cursor.ack(0)).toBe(false)
    expect(cursor.ack(99)).toBe(false)
    expect(cursor.backlog).toBe(2)
    // Nobody has to have read it.
    expect(cursor.ack(3)).toBe(true)
    expect([take(), take()]).toEqual([2, undefined])
  })

  it('reads again what was let go, the oldest first, and counts only where that is wanted', () => {
    const { cursor, take } = build(5)
    for (let i = 0; i < 4; i++) take(i % 2 === 0 ? 'a' : 'b')
    cursor.ack(0)
    expect(cursor.release((_, reader) => reader === 'a', false)).toBe(1)
    expect(cursor.release((_, reader) => reader === 'b', true)).toBe(2)
    expect([take(), take(), take(), take(), take()]).toEqual([1, 2, 3, 4, undefined])
    expect([1, 2, 3].map((offset) => cursor.redeliveries(offset))).toEqual([1, 0, 1])
    cursor.ack(1)
    expect(cursor.redeliveries(1)).toBe(0)
  })

  it('sets aside what nobody may have now and reads on', () => {
    const { cursor } = build(6)
    const free = (key: string) => cursor.take((entry) => (entry.key === key ? 'a' : undefined))?.entry.offset
    expect([free('k1'), free('k1'), free('k1')]).toEqual([1, 4, undefined])
    expect(cursor.heldByOther('k1', 'a')).toBe(false)
    expect(cursor.heldByOther('k1', 'b')).toBe(true)
    expect(cursor.heldByOther('k0', 'b')).toBe(false)
    expect([0, 0, 0, 0, 0].map(() => cursor.take(() => 'b')?.entry.offset)).toEqual([0, 2, 3, 5, undefined])
  })

  it('owes nothing of what retention took away', () => {
    const { partition, cursor, take } = build(6)
    for (let i = 0; i < 4; i++) take()
    cursor.ack(1)
    cursor.release((offset) => offset === 2, true)
    partition.forget(3)
    expect(cursor.mark).toBe(3)
    expect(cursor.backlog).toBe(3)
    expect(cursor.ack(0)).toBe(false)
    expect([take(), take(), take()]).toEqual([4, 5, undefined])
  })

  it('loses nothing and gives nothing twice, whatever happens', () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ do: fc.constant('append' as const), n: fc.nat(3) }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('take' as const), n: fc.nat(1) }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('ack' as const), n: fc.nat(30) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('release' as const), n: fc.nat(1) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('forget' as const), n: fc.nat(4) }) },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const { partition, cursor, take } = build(0)
        const held = new Map<number, Reader>()
        const done = new Set<number>()
        for (const { do: what, n } of steps) {
          const reader: Reader = n === 0 ? 'a' : 'b'
          switch (what) {
            case 'append':
              for (let i = 0; i <= n; i++) partition.append(`k${i}`, i, 0)
              break
            case 'take': {
              const offset = take(reader)
              if (offset === undefined) {
                // Everything that is kept is with somebody or done.
                for (let i = partition.first; i < partition.end; i++)
                  expect(held.has(i) || done.has(i)).toBe(true)
                break
              }
              expect(held.has(offset) || done.has(offset)).toBe(false)
              expect(offset).toBeGreaterThanOrEqual(partition.first)
              held.set(offset, reader)
              break
            }
            case 'ack': {
              const owed = n >= partition.first && n < partition.end && !done.has(n)
              expect(cursor.ack(n)).toBe(owed)
              if (owed) done.add(n)
              held.delete(n)
              break
            }
            case 'release':
              cursor.release((_, holder) => holder === reader, true)
              for (const [offset, holder] of held) if (holder === reader) held.delete(offset)
              break
            case 'forget':
              partition.forget(partition.first + n)
              for (const offset of held.keys()) if (offset < partition.first) held.delete(offset)
              break
          }
          const kept = [...done].filter((offset) => offset >= partition.first)
          expect(cursor.backlog).toBe(partition.end - partition.first - kept.length)
        }
      }),
      { numRuns: 300 },
    )
  })
})
