import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json } from '../../src/domain/data-point.ts'
import { DeviceState, type PointFact } from '../../src/domain/state.ts'
import { stateDocument } from '../../src/mqtt/payload-state.ts'

/**
 * Keys without quotes and backslashes: once Node 24 has parsed an object with the key `\\`, it takes `\"` in another one
 * for that.
 */
const anyText = fc
  .oneof(fc.string({ unit: 'binary' }), fc.constantFrom('__proto__', 'a\nb', '-0'))
  .filter((text) => !/["\\]/.test(text))
const anyValue = fc.jsonValue({ stringUnit: fc.constantFrom(...'ab1 _-/é灯\n') })

const fact = (value: PointFact['value'], changes: Partial<PointFact> = {}): PointFact => ({
  raw: value,
  value,
  odd: false,
  timeMs: 1_000,
  receivedMs: 2_000,
  source: 'poll',
  ...changes,
})

describe('a state document', () => {
  const view = {
    id: 'a',
    seq: 3,
    source: 'lan',
    changed: ['t'],
    receivedMs: 2_000,
    listedMs: 500,
    total: () => undefined,
  } as const

  it('holds what portions add up to beside the last of them, and only there', () => {
    const state = new DeviceState()
    state.apply('add_ele', fact(0.012, { raw: 12 }))
    state.apply('on', fact(true))
    const total = (code: string) => (code === 'add_ele' ? 1.5 : undefined)
    const { meta } = JSON.parse(stateDocument({ ...view, state, isStale: () => false, total }).text)
    expect(meta).toEqual({
      add_ele: { timeMs: 1_000, source: 'poll', total: 1.5 },
      on: { timeMs: 1_000, source: 'poll' },
    })
  })

  it('holds shown values, raw ones where they differ, and what is known about each', () => {
    const state = new DeviceState()
    state.apply('t', fact(21.5, { raw: 215, source: 'lan', timeMs: 1_500 }))
    state.apply('on', fact(true))
    state.apply('odd', fact('x', { odd: true, source: 'snapshot' }))
    const isStale = ({ source }: PointFact) => source === 'snapshot'
    expect(JSON.parse(stateDocument({ ...view, state, isStale }).text)).toEqual({
      id: 'a',
      seq: 3,
      timeMs: 1_500,
      receivedMs: 2_000,
      source: 'lan',
      stale: true,
      changed: ['t'],
      dp: { t: 21.5, on: true, odd: 'x' },
      raw: { t: 215 },
      meta: {
        t: { timeMs: 1_500, source: 'lan' },
        on: { timeMs: 1_000, source: 'poll' },
        odd: { timeMs: 1_000, source: 'snapshot', stale: true, odd: true },
      },
    })
  })

  it('stands also while nothing is known, with the time of listing', () => {
    const { text } = stateDocument({ ...view, state: new DeviceState(), changed: [], isStale: () => true })
    expect(JSON.parse(text)).toMatchObject({ timeMs: 500, stale: false, dp: {}, raw: {}, meta: {} })
  })

  it('is one line', () => {
    const state = new DeviceState()
    state.apply('s', fact('a\nb'))
    expect(stateDocument({ ...view, state, isStale: () => false }).text).not.toContain('\n')
  })

  it('says what the same objects printed as a whole would say, whatever the codes and values are', () => {
    const known = fc.uniqueArray(fc.tuple(anyText, anyValue, fc.boolean(), fc.boolean()), {
      selector: ([code]) => code,
    })
    fc.assert(
      fc.property(known, (points) => {
        const state = new DeviceState()
        const [dp, raw, meta] = [new Map<string, unknown>(), new Map(), new Map()]
        for (const [code, value, same, odd] of points) {
          state.apply(code, fact(value as Json, { raw: same ? value : 'another', odd }))
          dp.set(code, value)
          if (!same && value !== 'another') raw.set(code, 'another')
          meta.set(code, { timeMs: 1_000, source: 'poll', ...(odd ? { odd } : {}) })
        }
        const { text } = stateDocument({ ...view, state, isStale: () => false })
        const whole = JSON.parse(text)
        for (const [told, meant] of [
          [whole.dp, dp],
          [whole.raw, raw],
          [whole.meta, meta],
        ] as const)
          expect(JSON.stringify(told)).toBe(JSON.stringify(Object.fromEntries(meant)))
      }),
    )
  })
})
