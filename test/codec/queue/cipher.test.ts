import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromBase64 } from '../../../src/codec/base64.ts'
import { Cipher } from '../../../src/codec/queue/cipher.ts'
import { queueFault } from '../../support/queue-fault.ts'

const key = Buffer.from('4b5a69788796a5b4')
const cipher = new Cipher(key)
const bytes = (text: string) => fromBase64(text) ?? Buffer.alloc(0)
const iv = (first: number, length = 12) => Buffer.from(Array.from({ length }, (_, i) => first + i))

/** The examples that the documentation of the queue works out. */
const examples = [
  ['{"a":1}', '+WJwiHGngiEb/lA4TLCjWQ==', 'AAECAwQFBgcICQoLjbM/V96naQKvBPQB6qQAf+4K2viqt6E='],
  [
    '{"dp":"1234567"}',
    'IAI7Oj94eFSN+aeldchfiRlgQCXdzWY1bd3HiX/MxQ0=',
    'AQIDBAUGBwgJCgsMn5yxC7j8TT3Lp2k8njMrN09hKVgD2YVAowN0EZoJyqw=',
  ],
  [
    '{"n":"Küche ☕"}',
    'jBin5fLpI8ylsN2UBjxGGIMOHr2dugY4DjC6f2cUQE0=',
    'AgMEBQYHCAkKCwwNghXN8rc+ekbXZel0e5egMMKnKKU9T6MuKEL9V/i9NrIWVw==',
  ],
] as const

describe('the worked examples', () => {
  it.each(examples)('%s', (plain, ecb, gcm) => {
    expect(cipher.openEcb(bytes(ecb)).toString()).toBe(plain)
    expect(cipher.sealEcb(Buffer.from(plain)).toString('base64')).toBe(ecb)
    const data = bytes(gcm)
    const parts = { iv: data.subarray(0, 12), sealed: data.subarray(12) }
    expect(cipher.openGcm(parts).toString()).toBe(plain)
    expect(cipher.sealGcm({ iv: parts.iv, plain: Buffer.from(plain) })).toEqual(parts.sealed)
  })
})

const anyBytes = fc.uint8Array({ maxLength: 200 })

describe('ECB', () => {
  it('comes back as it went, with one cipher for everything', () => {
    fc.assert(
      fc.property(anyBytes, (plain) => {
        const sealed = cipher.sealEcb(plain)
        expect(sealed.length % 16).toBe(0)
        expect(sealed.length).toBeGreaterThan(plain.length)
        expect(new Uint8Array(cipher.openEcb(sealed))).toEqual(plain)
      }),
    )
  })

  it.each([0, 1, 15, 17, 31])('is never %i bytes long', (length) => {
    expect(queueFault(() => cipher.openEcb(Buffer.alloc(length))).code).toBe('data_length')
  })

  it('with a wrong padding is a fault of decryption, and the next message is read all the same', () => {
    // Plain blocks of 16 bytes that no padding ends; seal puts a block of padding behind, which is cut off.
    const unpadded = (plain: Buffer) => cipher.sealEcb(plain).subarray(0, plain.length)
    const ends = [[0], [17], [255], [1, 2], [3, 2, 3], [16]]
    for (const end of ends) {
      const plain = Buffer.concat([Buffer.alloc(16 - end.length, 0x41), Buffer.from(end)])
      expect(queueFault(() => cipher.openEcb(unpadded(plain)))).toMatchObject({
        code: 'decrypt',
        keySuspect: true,
      })
      expect(cipher.openEcb(cipher.sealEcb(Buffer.from('next'))).toString()).toBe('next')
    }
  })

  it('with another key is a fault, or nonsense where the padding fits by chance', () => {
    const other = new Cipher(Buffer.from('4b5a69788796a5b5'))
    let faults = 0
    for (let i = 0; i < 1000; i++) {
      const sealed = other.sealEcb(Buffer.from(`{"n":${i}}`))
      try {
        expect(cipher.openEcb(sealed).toString()).not.toBe(`{"n":${i}}`)
      } catch {
        faults++
      }
    }
    expect(faults).toBeGreaterThan(950)
    expect(faults).toBeLessThan(1000)
  })
})

describe('GCM', () => {
  const anyIv = fc.uint8Array({ minLength: 1, maxLength: 64 })

  it('comes back as it went, with any IV and any additional data', () => {
    fc.assert(
      fc.property(anyBytes, anyIv, fc.option(anyBytes, { nil: undefined }), (plain, nonce, aad) => {
        const sealed = cipher.sealGcm({ iv: nonce, plain, aad })
        expect(new Uint8Array(cipher.openGcm({ iv: nonce, sealed, aad }))).toEqual(plain)
      }),
    )
  })

  it('finds every flipped bit', () => {
    const nonce = iv(0)
    const sealed = cipher.sealGcm({ iv: nonce, plain: Buffer.from('{"a":1}') })
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const damaged = Buffer.from(sealed)
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(cipher.tryGcm({ iv: nonce, sealed: damaged })).toBeUndefined()
      expect(queueFault(() => cipher.openGcm({ iv: nonce, sealed: damaged })).code).toBe('decrypt')
    }
  })

  it('takes no shorter tag', () => {
    const nonce = iv(0)
    const sealed = cipher.sealGcm({ iv: nonce, plain: Buffer.from('{"a":1}') })
    for (let end = 16; end < sealed.length; end++)
      expect(cipher.tryGcm({ iv: nonce, sealed: sealed.subarray(0, end) })).toBeUndefined()
    for (let end = 0; end < 16; end++)
      expect(queueFault(() => cipher.tryGcm({ iv: nonce, sealed: sealed.subarray(0, end) })).code).toBe(
        'data_length',
      )
  })

  it('needs an IV', () => {
    expect(queueFault(() => cipher.tryGcm({ iv: Buffer.alloc(0), sealed: Buffer.alloc(40) })).code).toBe(
      'data_length',
    )
  })
})

describe('base64', () => {
  it('is read when it is written as it should be', () => {
    fc.assert(
      fc.property(anyBytes, (any) => {
        expect(fromBase64(Buffer.from(any).toString('base64'))).toEqual(Buffer.from(any))
      }),
    )
  })

  it.each([
    'A',
    'AA',
    'AAA',
    'AAAAA',
    'AAA=A',
    'AA==AA==',
    'AA=A',
    '====',
    'A===',
    'AA AA',
    'AAAA\n',
    'AA-_',
    'AB==',
    'ŁAAA',
    'AAAAé',
    'AAAA=',
  ])('is not "%s"', (text) => {
    expect(fromBase64(text)).toBeUndefined()
  })
})
