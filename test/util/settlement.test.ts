import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Settle, Settlement } from '../../src/util/settlement.ts'

function bench() {
  const told: (boolean | 'again')[] = []
  const settlement = new Settlement(
    (delivered) => told.push(delivered),
    () => told.push('again'),
  )
  return { settlement, told }
}

it('is told when all parts are answered and none comes any more', () => {
  const { settlement, told } = bench()
  const [one, two] = [settlement.part(), settlement.part()]
  one(true)
  two(true)
  expect(told).toEqual([])
  settlement.seal()
  expect(told).toEqual([true])
})

it('without parts is told at once, and one part that was refused on purpose is said', () => {
  const empty = bench()
  empty.settlement.seal()
  expect(empty.told).toEqual([true])
  const { settlement, told } = bench()
  settlement.part()(true)
  settlement.part()(false)
  settlement.seal()
  expect(told).toEqual([false])
})

it('asks to come again, at once and for good, where a part found no room', () => {
  const { settlement, told } = bench()
  const part = settlement.part()
  settlement.join(() => false)
  expect(told).toEqual(['again'])
  part(true)
  settlement.refuse()
  settlement.seal()
  expect(told).toEqual(['again'])
})

it('may have parts that bring others, after it was sealed', () => {
  const { settlement, told } = bench()
  const hold = settlement.part()
  settlement.seal()
  const late = settlement.part()
  hold(true)
  expect(told).toEqual([])
  late(true)
  expect(told).toEqual([true])
})

it('whatever happens in whatever order, one of the two is told, once', () => {
  const step = fc.oneof(
    fc.record({ answer: fc.nat(5), delivered: fc.boolean() }),
    fc.constantFrom('part' as const, 'refuse' as const),
  )
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const { settlement, told } = bench()
      const parts: Settle[] = []
      const answers: boolean[] = []
      let isRefused = false
      for (const one of steps) {
        if (one === 'part') parts.push(settlement.part())
        else if (one === 'refuse') {
          isRefused = true
          settlement.refuse()
        } else if (parts[one.answer]) {
          parts[one.answer]?.(one.delivered)
          answers[one.answer] ??= one.delivered
        }
      }
      expect(told).toEqual(isRefused ? ['again'] : [])
      settlement.seal()
      parts.forEach((part, i) => {
        part(true)
        answers[i] ??= true
      })
      expect(told).toEqual(isRefused ? ['again'] : [answers.every(Boolean)])
    }),
  )
})
