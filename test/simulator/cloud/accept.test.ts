import { describe, expect, it } from 'vitest'
import { accepts, stored } from '../../../src/simulator/cloud/accept.ts'
import type { DpEntry, DpType } from '../../../src/simulator/world-file.ts'

const dp = (type: DpType, values: DpEntry['values'] = {}): DpEntry => ({
  id: 1,
  code: 'x',
  type,
  access: 'rw',
  values,
  initial: null,
})

const member = (max: number) => ({ min: 0, max, scale: 0, step: 1 })

describe('the cloud takes', () => {
  it.each<[type: DpType, values: DpEntry['values'], value: unknown]>([
    ['Boolean', {}, true],
    ['Integer', { min: -5, max: 5 }, -5],
    ['Integer', { min: -5, max: 5 }, 5],
    ['Integer', {}, 1e6],
    ['Enum', { range: ['a', 'b'] }, 'b'],
    ['String', { maxlen: 3 }, 'abc'],
    ['String', {}, 'x'.repeat(255)],
    ['Raw', { maxlen: 3 }, 'AAAA'],
    ['Bitmap', { label: ['a'] }, 1],
    ['Json', {}, { a: 1 }],
    ['Json', {}, '{"a":1}'],
    ['Json', {}, [1]],
    ['Json', { h: member(360), s: member(1000) }, { h: 360, s: 0 }],
    ['Json', { h: member(360) }, '{"h":37.5,"other":1}'],
  ])('%s %j: %j', (type, values, value) => {
    expect(accepts(dp(type, values), value)).toBe(true)
  })
})

describe('the cloud does not take', () => {
  it.each<[type: DpType, values: DpEntry['values'], value: unknown]>([
    ['Boolean', {}, 'true'],
    ['Boolean', {}, 1],
    ['Integer', { min: -5, max: 5 }, 6],
    ['Integer', { min: -5, max: 5 }, -6],
    ['Integer', { min: -5, max: 5 }, 1.5],
    ['Integer', {}, '5'],
    ['Enum', { range: ['a', 'b'] }, 'A'],
    ['Enum', { range: ['a', 'b'] }, 0],
    ['String', { maxlen: 3 }, 'abcd'],
    ['String', {}, 5],
    ['Raw', { maxlen: 3 }, 'AAAAAA=='],
    ['Raw', {}, 7],
    ['Bitmap', {}, -1],
    ['Bitmap', {}, '1'],
    ['Json', {}, 'no json'],
    ['Json', {}, 5],
    ['Json', {}, null],
    ['Json', { h: member(360) }, { h: 361 }],
    ['Json', { h: member(360) }, { s: 1 }],
    ['Json', { h: member(360) }, { h: '1' }],
  ])('%s %j: %j', (type, values, value) => {
    expect(accepts(dp(type, values), value)).toBe(false)
  })
})

it('a device keeps objects as text and everything else as it came', () => {
  expect(stored(dp('Json'), { h: 1 })).toBe('{"h":1}')
  expect(stored(dp('Json'), '{"h": 1}')).toBe('{"h": 1}')
  expect(stored(dp('Integer'), 5)).toBe(5)
})
