import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isPhaseCode, parsePhase } from '../../../src/codec/data-point/phase.ts'

it.each([
  // 09 00 | 00 09 06 | 00 01 fe
  ['CQAACQYAAf4=', { voltage: 230.4, current: 2.31, power: 0.51 }],
  // 08 fa | 00 03 fc | 00 00 dc
  ['CPoAA/wAANw=', { voltage: 229.8, current: 1.02, power: 0.22 }],
  // ff ff | ff ff ff | ff ff ff, and a byte that nobody explains
  ['//////////////8=', { voltage: 6553.5, current: 16777.215, power: 16777.215 }],
])('the bytes %s are volts, amperes and kilowatts', (raw, phase) => {
  expect(parsePhase(raw)).toEqual(phase)
})

it('an object of them is read too', () => {
  expect(parsePhase({ electricCurrent: 2.31, power: 0.51, voltage: 230.4 })).toEqual({
    voltage: 230.4,
    current: 2.31,
    power: 0.51,
  })
})

it.each(['', 'CQAACQYAAQ==', {}, { voltage: '230' }, null, 7, [], ['CQAACQYAAf4=']])(
  '%j is no phase',
  (value) => {
    expect(parsePhase(value)).toBeUndefined()
  },
)

it('never shows more decimals than the meter has', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 8, maxLength: 8 }), (bytes) => {
      const phase = parsePhase(Buffer.from(bytes).toString('base64'))
      expect(String(phase?.voltage)).toMatch(/^\d+(\.\d)?$/)
      expect(String(phase?.current)).toMatch(/^\d+(\.\d{1,3})?$/)
      expect(String(phase?.power)).toMatch(/^\d+(\.\d{1,3})?$/)
    }),
  )
})

it('has the codes of three phases', () => {
  const codes = ['phase_a', 'phase_b', 'phase_c', 'phase_d', 'phase_ab', 'xphase_a', 'phase']
  expect(codes.filter(isPhaseCode)).toEqual(['phase_a', 'phase_b', 'phase_c'])
})
