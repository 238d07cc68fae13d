import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { activeConsumer, foremost, keyConsumer } from '../../../src/simulator/queue/assignment.ts'

const consumer = (name: string, priority = 0) => ({ name, priority })
const shares = (...consumers: readonly ReturnType<typeof consumer>[]) =>
  Array.from({ length: 11 }, (_, partition) => activeConsumer(consumers, partition, 11)?.name ?? '-').join('')

describe('who reads a partition', () => {
  it.each([
    ['nobody', [], '-----------'],
    ['one alone reads all', [consumer('a')], 'aaaaaaaaaaa'],
    ['two share six and five, by name', [consumer('b'), consumer('a')], 'abababababa'],
    ['three share by turns', [consumer('c'), consumer('a'), consumer('b')], 'abcabcabcab'],
    ['a stand-by reads nothing', [consumer('a', 1), consumer('b')], 'bbbbbbbbbbb'],
    ['stand-bys share when the main one has left', [consumer('z', 1), consumer('a', 1)], 'azazazazaza'],
    ['of equal names the first goes first', [consumer('a'), consumer('a')], 'aaaaaaaaaaa'],
  ])('%s', (_what, consumers, expected) => {
    expect(shares(...consumers)).toBe(expected)
  })

  it('of a single one is whoever came first among the foremost', () => {
    const [late, first, second] = [consumer('a', 1), consumer('z'), consumer('b')]
    expect(activeConsumer([late, first, second], 0, 1)).toBe(first)
    expect(activeConsumer([], 0, 1)).toBeUndefined()
  })

  it('is fair: shares differ by one partition at most, and every partition has a reader', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 15 }),
        fc.nat(2),
        (names, priority) => {
          const consumers = names.map((name) => consumer(name, priority))
          const counts = new Map(names.map((name) => [name, 0]))
          for (let partition = 0; partition < 11; partition++) {
            const name = activeConsumer(consumers, partition, 11)?.name ?? ''
            counts.set(name, (counts.get(name) ?? 0) + 1)
          }
          const all = [...counts.values()]
          expect(Math.max(...all) - Math.min(...all)).toBeLessThanOrEqual(1)
          expect(all.reduce((sum, count) => sum + count, 0)).toBe(11)
          // Who came when makes no difference.
          const turned = [...consumers].reverse()
          for (let partition = 0; partition < 11; partition++)
            expect(activeConsumer(turned, partition, 11)).toBe(activeConsumer(consumers, partition, 11))
        },
      ),
    )
  })
})

describe('who shares', () => {
  it('are those of the best priority, and a key has one of them', () => {
    const [a, b, c] = [consumer('a', 3), consumer('b', 1), consumer('c', 1)]
    expect(foremost([a, b, c])).toEqual([b, c])
    expect(foremost([])).toEqual([])
    expect(keyConsumer([], 'x')).toBeUndefined()
    const readers = new Set(Array.from({ length: 50 }, (_, i) => keyConsumer([b, c], `key${i}`)))
    expect(readers).toEqual(new Set([b, c]))
    expect(keyConsumer([b, c], 'x')).toBe(keyConsumer([b, c], 'x'))
  })
})
