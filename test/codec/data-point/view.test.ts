import { describe, expect, it } from 'vitest'
import { readColour, viewNames, views, writeView } from '../../../src/codec/data-point/view.ts'
import type { DataPoint, Json } from '../../../src/domain/data-point.ts'
import { point } from '../../support/point.ts'

const v1 = point('json', { code: 'colour_data', colour: { h: 360, s: 255, v: 255 } })
const v2 = point('json', { code: 'colour_data_v2', colour: { h: 360, s: 1000, v: 1000 } })
const fault = point('bitmap', { code: 'fault', access: 'ro', labels: ['e1', 'e2'] })
const phase = point('raw', { code: 'phase_a', access: 'ro' })

/** Names and values of the derived scalars. */
function derived(what: DataPoint, shown: Json): Record<string, Json> {
  return Object.fromEntries(views(what, shown).map(({ name, value }) => [name, value]))
}

describe('what can be derived', () => {
  it('follows from the kind of the point', () => {
    const names = (what: DataPoint) => viewNames(what).map(({ name, writable }) => `${name} ${writable}`)
    expect(names(v2)).toEqual(['hsv true', 'rgb true'])
    expect(names({ ...v2, access: 'ro' })).toEqual(['hsv false', 'rgb false'])
    expect(names(fault)).toEqual(['mask false', 'active false'])
    expect(names(phase)).toEqual(['voltage false', 'current false', 'power false'])
    expect(names(point('integer', { code: 'temp_current' }))).toEqual([])
    expect(names(point('json', { code: 'scene_data' }))).toEqual([])
  })

  it('is nothing for a press or a ring', () => {
    for (const what of [v2, fault, phase].map((kind) => ({ ...kind, momentary: true }))) {
      expect(viewNames(what)).toEqual([])
      expect(views(what, { h: 1, s: 2, v: 3 })).toEqual([])
    }
  })

  it('has the names that were announced, and no other', () => {
    const shown: [DataPoint, Json][] = [
      [v1, { h: 1, s: 2, v: 3 }],
      [fault, ['e1']],
      [phase, 'CQAACQYAAf4='],
    ]
    for (const [what, value] of shown) {
      expect(Object.keys(derived(what, value))).toEqual(viewNames(what).map(({ name }) => name))
    }
  })
})

describe('derived values', () => {
  const cases: [what: DataPoint, shown: Json, expected: Record<string, Json>][] = [
    [v2, { h: 201, s: 511, v: 899 }, { hsv: '201,51,90', rgb: '112,188,229' }],
    [v1, { h: 37, s: 255, v: 200 }, { hsv: '37,100,78', rgb: '200,123,0' }],
    [v2, { h: 360, s: 1000, v: 1000 }, { hsv: '360,100,100', rgb: '255,0,0' }],
    [v2, { h: 0, s: 0, v: 0 }, { hsv: '0,0,0', rgb: '0,0,0' }],
    [fault, [], { mask: 0, active: false }],
    [fault, ['e2', 'bit4'], { mask: 18, active: true }],
    [phase, 'CQAACQYAAf4=', { voltage: 230.4, current: 2.31, power: 0.51 }],
  ]

  it.each(
    cases.map(([what, shown, expected]) => ({
      code: what.code,
      text: JSON.stringify(shown),
      what,
      shown,
      expected,
    })),
  )('of $code $text', ({ what, shown, expected }) => {
    expect(derived(what, shown)).toEqual(expected)
  })

  it('of a colour never leave their scales, whatever a lamp reports', () => {
    expect(derived(v1, { h: 0, s: 1000, v: 1000 })).toEqual({ hsv: '0,100,100', rgb: '255,0,0' })
    expect(derived(v2, { h: 400, s: -5, v: 2000 })).toEqual({ hsv: '360,0,100', rgb: '255,255,255' })
    expect(derived(v2, { h: -30, s: 1000, v: 1000 })).toEqual({ hsv: '0,100,100', rgb: '255,0,0' })
  })

  it.each<[what: DataPoint, shown: Json]>([
    [v2, null],
    [v2, 'odd'],
    [v2, { h: 1, s: 2 }],
    [v2, { h: '1', s: 2, v: 3 }],
    [fault, null],
    [fault, 7],
    [fault, ['nobody']],
    [fault, [{ toString: 1 }]],
    [phase, null],
    [phase, ''],
    [phase, 5],
  ])('are absent when the value cannot be read: %#', (what, shown) => {
    expect(derived(what, shown)).toEqual({})
  })
})

describe('a written view', () => {
  it.each<[what: DataPoint, view: string, text: string, value: Json]>([
    [v2, 'hsv', '201,51,90', { h: 201, s: 510, v: 900 }],
    [v1, 'hsv', '37,100,78', { h: 37, s: 255, v: 199 }],
    [v2, 'hsv', ' 360 , 0 , 100 ', { h: 360, s: 0, v: 1000 }],
    [v2, 'rgb', '112,188,229', { h: 201, s: 511, v: 898 }],
    [v1, 'rgb', '200,123,0', { h: 37, s: 255, v: 200 }],
    [v1, 'rgb', '0,0,0', { h: 0, s: 0, v: 0 }],
  ])('stands for a colour in device units: %#', (what, view, text, value) => {
    expect(writeView(what, view, text)).toEqual({ value })
  })

  it.each([
    ['hsv', '361,0,0'],
    ['hsv', '0,101,0'],
    ['rgb', '256,0,0'],
    ['rgb', '1,2'],
    ['rgb', '1,2,3,4'],
    ['rgb', '-1,2,3'],
    ['hsv', '1.5,2,3'],
    ['hsv', ''],
    ['hsv', '{"h":1,"s":2,"v":3}'],
    ['rgb', '#ff0000'],
  ])('%s %j is refused with the rule', (view, text) => {
    const written = writeView(v2, view, text)
    expect('fault' in written && written.fault).toMatch(
      view === 'hsv' ? /colour_data_v2\/hsv .* 360, 100, 100/ : /colour_data_v2\/rgb .* 255, 255, 255/,
    )
  })

  it('of what can only be read, or of nothing that there is, is refused', () => {
    expect(writeView(fault, 'mask', '1')).toHaveProperty('fault')
    expect(writeView(phase, 'voltage', '230')).toHaveProperty('fault')
    expect(writeView(v2, 'cmyk', '1,2,3')).toHaveProperty('fault')
    expect(writeView({ ...v2, access: 'ro' }, 'hsv', '1,2,3')).toHaveProperty('fault')
  })
})

it('a colour has all its members as numbers', () => {
  expect(readColour({ h: 1, s: 2, v: 3 })).toEqual({ h: 1, s: 2, v: 3 })
  for (const shown of [undefined, null, 7, 'x', [1, 2, 3], { h: 1, s: 2 }, { h: 1, s: 2, v: '3' }]) {
    expect(readColour(shown as Json)).toBeUndefined()
  }
})
