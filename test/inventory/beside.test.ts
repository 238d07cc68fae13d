import { expect, it } from 'vitest'
import { Beside } from '../../src/inventory/beside.ts'

function named(none?: readonly string[]) {
  const there = new Set(['h1', 'h2'])
  const told: (readonly [string, readonly string[]])[] = []
  const names = new Beside<readonly string[]>({
    isThere: (id) => there.has(id),
    ...(none ? { none } : {}),
    tell: (id, value) => told.push([id, value]),
  })
  return { there, told, names }
}

it('is told when it changes, and only then', () => {
  const { told, names } = named()
  names.set('h1', [])
  names.set('h1', ['a'])
  names.set('h1', ['a'])
  names.set('h2', ['a'])
  expect(told).toEqual([
    ['h1', []],
    ['h1', ['a']],
    ['h2', ['a']],
  ])
  expect([...names.all.keys()]).toEqual(['h1', 'h2'])
})

it('nothing, said for the first time, is no news where that means nothing', () => {
  const { told, names } = named([])
  names.set('h1', [])
  expect(told).toEqual([])
  expect(names.get('h1')).toBeUndefined()
  names.set('h1', ['a'])
  names.set('h1', [])
  expect(told).toEqual([
    ['h1', ['a']],
    ['h1', []],
  ])
})

it('nothing is kept of what is not there, and all is told again of what comes back', () => {
  const { there, told, names } = named()
  names.set('h3', ['a'])
  expect(names.get('h3')).toBeUndefined()
  names.set('h1', ['a'])
  names.forget('h1')
  there.delete('h1')
  names.set('h1', ['a'])
  there.add('h1')
  names.set('h1', ['a'])
  expect(told).toEqual([
    ['h1', ['a']],
    ['h1', ['a']],
  ])
})
