import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { holds, type Operator, operatorsOf, plainCode, typeOfValue } from '../../src/domain/condition.ts'
import type { Json } from '../../src/domain/data-point.ts'

describe('operators', () => {
  it('go by the type of the data point', () => {
    expect(operatorsOf('boolean')).toEqual(['=='])
    expect(operatorsOf('enum')).toEqual(['=='])
    expect(operatorsOf('integer')).toEqual(['<', '==', '>'])
    expect(operatorsOf('json')).toEqual([])
  })

  it.each<readonly [unknown, string]>([
    [true, 'boolean'],
    [20, 'integer'],
    ['20', 'integer'],
    ['-1.5', 'integer'],
    ['', 'enum'],
    ['test', 'enum'],
    ['0x10', 'enum'],
    ['Infinity', 'enum'],
  ])('%j alone is as good as %s', (value, type) => {
    expect(typeOfValue(value)).toBe(type)
  })
})

describe('a comparison', () => {
  it.each<readonly [unknown, Operator, Json, boolean]>([
    [21, '>', 20, true],
    [20, '>', 20, false],
    [20, '==', '20', true],
    ['20.0', '==', 20, true],
    [19, '<', '20', true],
    [true, '==', 'true', true],
    ['false', '==', true, false],
    ['scene', '==', 'scene', true],
    ['scene', '==', 'Scene', false],
    ['scene', '<', 'seen', false],
    [9, '<', '10', true],
    [null, '==', null, false],
    [undefined, '==', 'undefined', false],
    [{ h: 1 }, '==', '[object Object]', false],
    [true, '>', false, false],
    [Number.NaN, '==', Number.NaN, false],
  ])('%j %s %j: %s', (actual, operator, value, expected) => {
    expect(holds({ operator, value }, actual)).toBe(expected)
  })

  it('of two numbers has exactly one of the three operators', () => {
    const numbers = fc.oneof(fc.integer(), fc.integer().map(String))
    fc.assert(
      fc.property(numbers, numbers, (actual, value) => {
        const true_ = (['<', '==', '>'] as const).filter((operator) => holds({ operator, value }, actual))
        expect(true_).toHaveLength(1)
      }),
    )
  })

  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.anything(),
        fc.jsonValue(),
        fc.constantFrom('<', '==', '>'),
        (actual, value, operator) => {
          expect(typeof holds({ operator: operator as Operator, value: value as Json }, actual)).toBe(
            'boolean',
          )
        },
      ),
    )
  })
})

it('codes may carry the dollar of newer pages', () => {
  expect(['$temp', 'temp', '$', '$$'].map(plainCode)).toEqual(['temp', 'temp', '$', '$'])
})
