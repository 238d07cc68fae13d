import fc from 'fast-check'
import { expect, it } from 'vitest'
import { wellFormed } from '../../src/util/text.ts'

it('lone surrogates are replaced, everything else stays', () => {
  expect(wellFormed('a\ud800b')).toBe('a\ufffdb')
  expect(wellFormed('\udc00')).toBe('\ufffd')
  expect(wellFormed('Küche 🏠')).toBe('Küche 🏠')
})

it('what comes out can stand in a URL, whatever came in', () => {
  const anyText = fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units))
  fc.assert(
    fc.property(anyText, (text) => {
      expect(() => encodeURIComponent(wellFormed(text))).not.toThrow()
      expect(wellFormed(wellFormed(text))).toBe(wellFormed(text))
    }),
  )
})
