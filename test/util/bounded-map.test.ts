import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { BoundedMap } from '../../src/util/bounded-map.ts'

it('I-7: keeps the newest entries and never more than its capacity', () => {
  const map = new BoundedMap<number, string>(3)
  for (let i = 0; i < 1_000; i++) map.set(i, String(i))
  expect([...map.entries()]).toEqual([
    [997, '997'],
    [998, '998'],
    [999, '999'],
  ])
})

it('an entry that is set again is young again, one that is only read is not', () => {
  const map = new BoundedMap<string, number>(2)
  map.set('a', 1)
  map.set('b', 2)
  map.set('a', 3)
  map.set('c', 4)
  expect([...map.entries()]).toEqual([
    ['a', 3],
    ['c', 4],
  ])
  map.get('a')
  map.has('a')
  map.set('d', 5)
  expect(map.has('a')).toBe(false)
})

type Step = { readonly kind: 'set' | 'delete'; readonly key: number }

const steps = fc.array(
  fc.record<Step>({ kind: fc.constantFrom('set', 'delete'), key: fc.integer({ min: 0, max: 8 }) }),
  { maxLength: 60 },
)

it('I-7: behaves like a list of the newest entries, whatever is set and deleted', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), steps, (capacity, taken) => {
      const map = new BoundedMap<number, number>(capacity)
      let model: [number, number][] = []
      for (const [at, { kind, key }] of taken.entries()) {
        const others = model.filter(([known]) => known !== key)
        if (kind === 'set') {
          map.set(key, at)
          model = [...others, [key, at] as [number, number]].slice(-capacity)
        } else {
          expect(map.delete(key)).toBe(others.length < model.length)
          model = others
        }
        expect([...map.entries()]).toEqual(model)
        expect(map.size).toBe(model.length)
        expect(map.get(key)).toBe(model.find(([known]) => known === key)?.[1])
      }
    }),
  )
})

it.each([
  ['far below its capacity', 200, 20_000],
  ['at its capacity', 200, 200],
])('I-7: what was replaced %s is let go', async (_, keys, capacity) => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const map = new BoundedMap<number, object>(capacity)
  const replaced = Array.from({ length: 50_000 }, (_, at) => {
    const value = { at }
    map.set(at % keys, value)
    return new WeakRef(value)
  }).slice(0, -keys)
  // What a WeakRef was made of lives until the turn ends.
  await new Promise((resolve) => setImmediate(resolve))
  collect()
  expect(replaced.filter((ref) => ref.deref() !== undefined).length).toBeLessThan(2_000)
  expect(map.size).toBe(keys)
})
