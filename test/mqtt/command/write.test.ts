import { describe, expect, it } from 'vitest'
import { valueCodec } from '../../../src/codec/data-point/codec.ts'
import { type Asked, checkWrite, readForms, type Target } from '../../../src/mqtt/command/write.ts'
import type { BridgeError } from '../../../src/util/error.ts'
import { somePoints, targetOf } from '../../support/command-desk.ts'

function refusal(run: () => unknown): BridgeError {
  try {
    run()
  } catch (thrown) {
    return thrown as BridgeError
  }
  throw new Error('it was accepted')
}

describe('7.1: the forms of a JSON command', () => {
  it('dp holds shown values, raw holds raw ones, and options stand beside them', () => {
    expect(readForms({ dp: { temp_set: 21.5 }, raw: { bright: 500 }, id: 'r1', clamp: true })).toEqual({
      asked: [
        { code: 'temp_set', as: 'shown', value: 21.5 },
        { code: 'bright', as: 'raw', value: 500 },
      ],
      options: { id: 'r1', clamp: true },
    })
  })

  it('the platform’s own form holds raw values', () => {
    expect(readForms({ commands: [{ code: 'temp_set', value: 215 }], from: 'x' })).toEqual({
      asked: [{ code: 'temp_set', as: 'raw', value: 215 }],
      options: { from: 'x' },
    })
  })

  it('a flat object holds shown values and no options: what looks like one is a data point', () => {
    expect(readForms({ switch_led: true, id: 'r1' })).toEqual({
      asked: [
        { code: 'switch_led', as: 'shown', value: true },
        { code: 'id', as: 'shown', value: 'r1' },
      ],
      options: {},
    })
  })

  it.each([
    [{}],
    [{ dp: {} }],
    [{ dp: null }],
    [{ dp: [] }],
    [{ dp: 'on' }],
    [{ raw: {} }],
    [{ commands: [] }],
    [{ commands: {} }],
    [{ commands: [{ code: 'a' }] }],
    [{ commands: [{ value: 1 }] }],
    [{ commands: [7] }],
    [{ dp: { a: 1 }, raw: { a: 1 } }],
    [{ dp: { a: 1 }, commands: [{ code: 'a', value: 1 }] }],
    [
      {
        commands: [
          { code: 'a', value: 1 },
          { code: 'a', value: 2 },
        ],
      },
    ],
  ])('refuses %j', (message) => {
    expect(refusal(() => readForms(message)).code).toBe('command/bad-value')
  })

  it('names a member that it does not know beside the values', () => {
    const error = refusal(() => readForms({ dp: { a: 1 }, ttI: 5 }))
    expect(error.code).toBe('command/bad-value')
    expect(error.message).toContain('"ttI"')
  })
})

describe('checkWrite', () => {
  const known = { switch_led: true, colour: { h: 10, s: 20, v: 30 }, dp_101: 5 }
  const lamp = targetOf('bf1', somePoints, known)
  const parts = { codec: valueCodec, isStale: () => false, locksAllowed: false, clamp: false }
  const check = (asked: Asked | Asked[], more: Partial<typeof parts> = {}, target: Target = lamp) =>
    checkWrite(target, [asked].flat(), { ...parts, ...more })
  const shown = (code: string, value: unknown): Asked => ({ code, as: 'shown', value })
  const text = (code: string, value: string, json = false): Asked => ({ code, as: 'text', value, json })

  it.each([
    [shown('switch_led', true), { shown: true, raw: true }],
    [text('switch_led', ' ON '), { shown: true, raw: true }],
    [text('switch_led', '0'), { shown: false, raw: false }],
    [shown('temp_set', 21.5), { shown: 21.5, raw: 215 }],
    [text('temp_set', '21.5'), { shown: 21.5, raw: 215 }],
    [{ code: 'temp_set', as: 'raw', value: 215 } as Asked, { shown: 21.5, raw: 215 }],
    [text('mode', 'white'), { shown: 'white', raw: 'white' }],
    [text('mode', '"white"'), { shown: 'white', raw: 'white' }],
    [text('text', 'as it is'), { shown: 'as it is', raw: 'as it is' }],
    [text('text', '"quoted"', true), { shown: 'quoted', raw: 'quoted' }],
    [text('bytes', 'AQID'), { shown: 'AQID', raw: 'AQID' }],
    [text('plan', '{"a":[1]}'), { shown: { a: [1] }, raw: { a: [1] } }],
    [shown('colour', { s: 500 }), { shown: { h: 10, s: 500, v: 30 }, raw: { h: 10, s: 500, v: 30 } }],
    [shown('flags', ['b']), { shown: ['b'], raw: 2 }],
    [shown('flags', 1), { shown: ['a'], raw: 1 }],
    [text('dp_101', '7'), { shown: 7, raw: 7 }],
    [
      { code: 'colour', as: 'view', view: 'hsv', value: '120,50,100' } as Asked,
      { raw: { h: 120, s: 500, v: 1000 } },
    ],
  ])('takes %j', (asked, expected) => {
    const { points, once } = check(asked)
    expect(points).toMatchObject([{ code: asked.code, ...expected }])
    expect(once).toBe(false)
  })

  it.each([
    [shown('swich_led', true), 'unknown-dp', 'swich_led'],
    [shown('power', 1), 'read-only', 'power'],
    [shown('switch_mode1', 'click'), 'read-only', 'switch_mode1'],
    [shown('switch_led', 'perhaps'), 'bad-value', 'perhaps'],
    [shown('bright', 5), 'out-of-range', '5'],
    [shown('bright', 1001), 'out-of-range', '1001'],
    [shown('temp_set', 35.1), 'out-of-range', '35.1'],
    [text('bright', 'much'), 'bad-value', 'much'],
    [shown('bright', '0x10'), 'bad-value', '0x10'],
    [shown('bright', true), 'bad-value', 'true'],
    [shown('mode', 'White'), 'not-in-enum', 'White'],
    [text('text', 'far too long'), 'too-long', '12'],
    [text('bytes', 'no base64!'), 'bad-value', 'no base64!'],
    [text('bytes', 'AQIDBAUG'), 'too-long', '6'],
    [text('plan', 'no json'), 'bad-value', 'no json'],
    [shown('flags', ['c']), 'not-in-enum', 'c'],
    [shown('colour', { h: 361 }), 'out-of-range', '361'],
    [{ code: 'colour', as: 'view', view: 'hsl', value: '1,2,3' } as Asked, 'unknown-view', 'hsl'],
    [{ code: 'colour', as: 'view', view: 'rgb', value: '256,0,0' } as Asked, 'bad-value', '255'],
    [{ code: 'flags', as: 'view', view: 'mask', value: '1' } as Asked, 'read-only', 'flags'],
  ])('refuses %j as %s, and the sentence names field and value', (asked, reason, value) => {
    const error = refusal(() => check(asked))
    expect(error).toMatchObject({ code: `command/${reason}`, retry: 'never' })
    expect(error.message).toContain(asked.code)
    expect(error.message).toContain(value)
    expect(error.message).toMatch(/[.?]$/)
    expect(error.details).toHaveLength(1)
    expect(JSON.stringify(error.details?.[0])).toContain(asked.code)
  })

  it('an unknown point comes with those that are near, and those that can be written', () => {
    const error = refusal(() => check(shown('swich_led', true)))
    expect(error.message).toContain('Did you mean switch_led?')
    expect(error.details?.[0]).toMatchObject({ dp: 'swich_led', near: ['switch_led'] })
    expect(error.details).toEqual([
      expect.objectContaining({ writable: expect.not.arrayContaining(['power']) }),
    ])
  })

  it('a value is cut to 64 characters in the sentence', () => {
    const { message } = refusal(() => check(shown('mode', 'x'.repeat(1_000))))
    expect(message.length).toBeLessThan(200)
  })

  it('it is all or nothing, and every fault is told', () => {
    const error = refusal(() => check([shown('switch_led', true), shown('bright', 5), shown('mode', 'x')]))
    expect(error.code).toBe('command/out-of-range')
    expect(error.details).toMatchObject([{ dp: 'bright' }, { dp: 'mode' }])
    expect(error.message).toContain('And 1 more.')
  })

  it('clamp limits instead, and says so; a step is fitted, and said so', () => {
    expect(check(shown('bright', 5000), { clamp: true })).toMatchObject({
      points: [{ raw: 1000 }],
      warnings: ['clamped'],
    })
    expect(check(shown('temp_set', 21.3))).toMatchObject({
      points: [{ shown: 21.5, raw: 215 }],
      warnings: ['adjusted'],
    })
  })

  it('the same warning is given once for all points', () => {
    const both = [shown('bright', 5000), shown('temp_set', 99)]
    expect(check(both, { clamp: true }).warnings).toEqual(['clamped'])
  })

  it('a toggle turns round what is known, acts once, and needs to know', () => {
    expect(check(text('switch_led', 'toggle'))).toMatchObject({ points: [{ shown: false }], once: true })
    expect(check(shown('switch_led', 'TOGGLE'))).toMatchObject({ points: [{ shown: false }], once: true })
    const stale = refusal(() => check(text('switch_led', 'toggle'), { isStale: () => true }))
    expect(stale).toMatchObject({ code: 'command/no-state', retry: 'never' })
    const unknown = targetOf('bf1', somePoints)
    expect(refusal(() => check(text('switch_led', 'toggle'), {}, unknown)).code).toBe('command/no-state')
  })

  it('part of a colour needs the rest to be known', () => {
    const error = refusal(() => check(shown('colour', { h: 1 }), {}, targetOf('bf1', somePoints)))
    expect(error.code).toBe('command/no-state')
  })

  it('one point that acts on every write makes the whole write once', () => {
    expect(check([shown('bright', 20), shown('ir_send', 'x')]).once).toBe(true)
  })

  it('locks are written only where the class is allowed', () => {
    const door = targetOf('bf2', somePoints, {}, { category: 'jtmspro' })
    const error = refusal(() => check(shown('switch_led', true), {}, door))
    expect(error.code).toBe('command/forbidden')
    expect(error.message).toContain('operations.allow')
    expect(check(shown('switch_led', true), { locksAllowed: true }, door).points).toHaveLength(1)
  })

  it('a device of which nothing is described yet is not written', () => {
    const { device, state } = lamp
    const error = refusal(() =>
      check(shown('switch_led', true), {}, { device, state, specification: undefined }),
    )
    expect(error.code).toBe('command/no-state')
  })

  it('inherited names are no data points', () => {
    for (const code of ['constructor', '__proto__', 'toString', 'hasOwnProperty'])
      expect(refusal(() => check(shown(code, true))).code).toBe('command/unknown-dp')
  })
})
