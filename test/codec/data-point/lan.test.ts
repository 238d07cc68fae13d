import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decode } from '../../../src/codec/data-point/decode.ts'
import { toLan } from '../../../src/codec/data-point/lan.ts'
import { point } from '../../support/point.ts'

const v2 = point('json', { code: 'colour_data_v2', colour: { h: 360, s: 1000, v: 1000 } })
const v1 = point('json', { code: 'colour_data', colour: { h: 360, s: 255, v: 255 } })

it.each([
  ['a colour of the newer kind is twelve digits', v2, { h: 201, s: 511, v: 899 }, '00c901ff0383'],
  ['also where the cloud takes it as text', v2, '{"h":201,"s":511,"v":899}', '00c901ff0383'],
  ['a colour of the older kind is fourteen digits', v1, { h: 0, s: 255, v: 255 }, 'ff00000000ffff'],
  [
    'other JSON is text',
    point('json', { code: 'control_data' }),
    { change_mode: 'direct' },
    '{"change_mode":"direct"}',
  ],
  ['text that is JSON stays as it is', point('json', { code: 'x' }), '[1, 2]', '[1,2]'],
  ['text that is none too', point('json', { code: 'x' }), 'none', 'none'],
  ['numbers keep their type', point('integer', { code: 'x' }), 50, 50],
  ['words too', point('enum', { code: 'x' }), 'white', 'white'],
  ['and base64', point('raw', { code: 'x' }), 'AAEC', 'AAEC'],
] as const)('%s', (_what, of, raw, expected) => {
  expect(toLan(of, raw)).toEqual(expected)
})

it('a colour comes back as it went (property)', () => {
  fc.assert(
    fc.property(
      fc.record({ h: fc.nat(360), s: fc.nat(1000), v: fc.nat(1000) }),
      fc.constantFrom(v1, v2),
      (colour, of) => {
        const most = of.colour?.s ?? 0
        const inRange = { h: colour.h, s: Math.min(most, colour.s), v: Math.min(most, colour.v) }
        expect(decode(of, toLan(of, inRange)).value).toEqual(inRange)
      },
    ),
  )
})
