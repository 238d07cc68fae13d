import { expect, it } from 'vitest'
import { Line } from '../../src/mqtt/line.ts'

interface One {
  readonly name: string
  readonly bytes: number
}

function lineOf(...names: string[]): Line<One> {
  const line = new Line<One>()
  for (const name of names) line.push({ name, bytes: 10 })
  return line
}

it('gives in the order in which it was given, over thousands, and knows what is left', () => {
  const line = new Line<One>()
  let next = 0
  for (let i = 0; i < 10_000; i++) {
    line.push({ name: String(i), bytes: 1 })
    if (i % 3 > 0) expect(line.shift()?.name).toBe(String(next++))
  }
  expect([line.length, line.bytes]).toEqual([10_000 - next, 10_000 - next])
  while (line.length > 0) expect(line.shift()?.name).toBe(String(next++))
  expect(line.shift()).toBeUndefined()
  expect([next, line.bytes]).toEqual([10_000, 0])
})

it('takes out what is asked for, and the others keep their places', () => {
  const line = lineOf('gone', 'a', 'x', 'b', 'x')
  line.shift()
  expect(line.remove(({ name }) => name === 'x').map(({ name }) => name)).toEqual(['x', 'x'])
  expect(line.remove(({ name }) => name === 'x')).toEqual([])
  expect([line.length, line.bytes]).toEqual([2, 20])
  expect([line.shift()?.name, line.shift()?.name]).toEqual(['a', 'b'])
})
