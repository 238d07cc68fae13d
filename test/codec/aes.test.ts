import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Aes, pad, unpad } from '../../src/codec/aes.ts'

const aes = new Aes(Buffer.from('0123456789abcdef'))
const nonce = Buffer.alloc(12, 7)
const bytes = fc.uint8Array({ maxLength: 100 })

it('what is padded is always longer, whole blocks, and comes back (property)', () => {
  fc.assert(
    fc.property(bytes, (plain) => {
      const padded = pad(plain)
      expect(padded.length % 16).toBe(0)
      expect(padded.length).toBeGreaterThan(plain.length)
      expect(unpad(padded)).toEqual(Buffer.from(plain))
      expect(aes.decrypt(aes.encrypt(padded))).toEqual(padded)
    }),
  )
})

it.each([
  ['nothing', ''],
  ['a zero', '00'],
  ['seventeen', '1111111111111111111111111111111111'],
  ['more than there is', '05'],
  ['one byte that differs', '0405040404'],
])('padding that is none is refused: %s', (_what, hex) => {
  expect(unpad(Buffer.from(hex, 'hex'))).toBeUndefined()
})

it('messages of whole blocks leave nothing behind for the next', () => {
  const [one, two] = [Buffer.alloc(32, 1), Buffer.alloc(16, 2)]
  const alone = new Aes(Buffer.from('0123456789abcdef')).encrypt(two)
  aes.encrypt(one)
  expect(aes.encrypt(two)).toEqual(alone)
})

it('a tag, a nonce or bytes beside it that were changed are noticed, and nothing is given out (property)', () => {
  fc.assert(
    fc.property(bytes, fc.nat(127), (plain, bit) => {
      const aad = Buffer.from('beside')
      const { data, tag } = aes.seal(nonce, plain, aad)
      expect(aes.open({ nonce, data, tag, aad })).toEqual(Buffer.from(plain))
      const wrong = Buffer.from(tag)
      wrong.writeUInt8(wrong.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
      expect(aes.open({ nonce, data, tag: wrong, aad })).toBeUndefined()
      expect(aes.open({ nonce, data, tag, aad: Buffer.from('besides') })).toBeUndefined()
      expect(aes.open({ nonce: Buffer.alloc(12, 8), data, tag, aad })).toBeUndefined()
      expect(aes.openUnproved({ nonce, data })).toEqual(Buffer.from(plain))
    }),
  )
})
