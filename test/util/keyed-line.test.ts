import fc from 'fast-check'
import { expect, it } from 'vitest'
import { KeyedLine } from '../../src/util/keyed-line.ts'

it('gives away what it holds in the order in which the keys came; one that is set again keeps its place', () => {
  const line = new KeyedLine<string, number>()
  line.set('a', 1)
  line.set('b', 2)
  line.set('c', 3)
  line.set('a', 4)
  line.delete('b')
  expect(line.shift()).toEqual(['a', 4])
  line.set('a', 5)
  expect([line.shift(), line.shift(), line.shift()]).toEqual([['c', 3], ['a', 5], undefined])
  line.set('d', 6)
  expect(line.shift()).toEqual(['d', 6])
})

type Step = { readonly kind: 'set' | 'delete' | 'shift'; readonly key: number }

const steps = fc.array(
  fc.record<Step>({
    kind: fc.constantFrom('set', 'set', 'delete', 'shift'),
    key: fc.integer({ min: 0, max: 30 }),
  }),
  { maxLength: 200 },
)

it('behaves like a map that is searched from its beginning, also where nothing is taken for long', () => {
  fc.assert(
    fc.property(steps, fc.nat({ max: 1_500 }), (taken, standing) => {
      const [line, model] = [new KeyedLine<number, number>(), new Map<number, number>()]
      const set = (key: number, value: number) => {
        line.set(key, value)
        model.set(key, value)
      }
      for (const [at, { kind, key }] of taken.entries()) {
        if (kind === 'set') set(key, at)
        else if (kind === 'delete') expect(line.delete(key)).toBe(model.delete(key))
        else {
          const [first] = model
          expect(line.shift()).toEqual(first)
          if (first) model.delete(first[0])
        }
        if (at === 40) for (let i = 0; i < standing; i++) set(i % 40, -i)
        expect(line.size).toBe(model.size)
        expect(line.get(key)).toBe(model.get(key))
      }
      expect([...line.entries()]).toEqual([...model])
    }),
  )
})

it('I-7: grows no further than what it holds, however much passes through', () => {
  const line = new KeyedLine<number, number>()
  for (let i = 0; i < 100_000; i++) {
    line.set(i, i)
    if (i >= 10) expect(line.shift()).toEqual([i - 10, i - 10])
  }
  expect(line.size).toBe(10)
})
