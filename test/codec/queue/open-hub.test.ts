import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Cipher } from '../../../src/codec/queue/cipher.ts'
import { openHubKey } from '../../../src/codec/queue/credential.ts'
import {
  encodeOpenHub,
  type OpenHubAad,
  OpenHubDecoder,
  type OpenHubVersion,
} from '../../../src/codec/queue/open-hub.ts'
import { QueueError } from '../../../src/codec/queue/queue-error.ts'
import { BridgeError } from '../../../src/util/error.ts'
import { hostileJson, hostileText } from '../../support/hostile.ts'
import { normalForm } from '../../support/normal-form.ts'
import { queueFault } from '../../support/queue-fault.ts'
import { queueVectors } from '../../support/queue-vector.ts'

const password = '00112233445566778899aabbccddeeff'
const cipher = new Cipher(openHubKey(password))
const receivedMs = 1_767_225_700_000
const t = 1_681_724_531_000
const ivOf = (length: number) => Buffer.from(Array.from({ length }, (_, i) => i))
const strict = (version: OpenHubVersion = '2.0') =>
  new OpenHubDecoder({ password, version, unverified: 'reject' })
const lenient = () => new OpenHubDecoder({ password, version: '2.0', unverified: 'accept' })
const envelope = (data: string, time: unknown = t) => JSON.stringify({ data, protocol: 4, t: time })

describe('the worked examples', () => {
  it.each([
    ['1.0', t, 0, '{"a":1}', 'Um+sz9T2Ab6hpLNqMbgnLg=='],
    ['2.0', 1_681_724_531, 12, '{"a":1}', 'AAAADAABAgMEBQYHCAkKC3HBGhOJv0GZBiWV+mm1COwiptMeIGcp'],
    ['2.0', t, 12, '{"dp":"1234567"}', 'AAAADAABAgMEBQYHCAkKC3HBH0GRtB5QEA1pjfuMyzfsIgQ3nzXVLi9jgq+4OKTa'],
    [
      '2.0',
      t,
      16,
      '{"n":"Küche ☕"}',
      'AAAAEAABAgMEBQYHCAkKCwwNDg/e1FLTXA6eP/2i/3EcQPjoOzEUTJAMczu/WLBxcUipCiTz',
    ],
  ] as const)('version %s, t %i, an IV of %i bytes: %s', (version, time, length, body, data) => {
    const payload = encodeOpenHub({ body, protocol: 4, t: time, version, iv: ivOf(length), sign: '' }, cipher)
    expect(JSON.parse(payload)).toMatchObject({ data, t: time })
    expect(strict(version).decode(payload, receivedMs)).toMatchObject({
      body: JSON.parse(body),
      aad: version === '1.0' ? null : 'text',
      tagUnverified: false,
    })
  })
})

describe('the golden payloads', () => {
  const good = queueVectors('openhub').filter((one) => one.expect.result === 'ok')
  const bad = queueVectors('openhub').filter((one) => one.expect.result === 'error')
  const decoderOf = (given: (typeof good)[number]['given'], unverified: 'accept' | 'reject' = 'reject') =>
    new OpenHubDecoder({ password: given.password, version: given.encryptedVersion, unverified })

  it.each(good)('$id: $title', ({ given, expect: expected }) => {
    const decoded = decoderOf(given).decode(given.payload, receivedMs)
    expect(decoded.envelope).toMatchObject({ protocol: expected.protocol, t: expected.t })
    expect(decoded.body).toEqual(expected.body)
    expect(normalForm(decoded.message)).toEqual(expected.normalized)
    expect(decoderOf(given).decode(Buffer.from(given.payload), receivedMs)).toEqual(decoded)
  })

  it.each(good)('$id is made again, byte for byte', ({ given, steps, expect: expected }) => {
    const { sign } = JSON.parse(given.payload) as { sign: string }
    const { plaintext: body, protocol, t: time } = expected
    const iv = Buffer.from(steps.ivHex ?? '', 'hex')
    const letter = { body, protocol, t: time, version: given.encryptedVersion, iv, sign }
    expect(encodeOpenHub(letter, new Cipher(openHubKey(given.password)))).toBe(given.payload)
  })

  it.each(bad)('$id: $title', ({ given, expect: expected }) => {
    expect(queueFault(() => decoderOf(given).decode(given.payload, receivedMs)).code).toBe(expected.error)
    expect(decoderOf(given, 'accept').decode(given.payload, receivedMs)).toMatchObject({
      aad: null,
      tagUnverified: true,
      message: { kind: 'status' },
    })
  })
})

describe('the tag', () => {
  const sealed = (aad: OpenHubAad, time = t) =>
    encodeOpenHub(
      { body: { a: 1 }, protocol: 4, t: time, version: '2.0', iv: ivOf(12), aad, sign: '' },
      cipher,
    )

  it.each(['text', 'bytes6', 'bytes8', 'none'] as const)('may be over %s', (aad) => {
    for (const time of [t, t / 1000])
      expect(strict().decode(sealed(aad, time), receivedMs)).toMatchObject({ aad, tagUnverified: false })
  })

  it('may change its manner in the middle', () => {
    const decoder = strict()
    for (const aad of ['none', 'none', 'bytes8', 'text', 'bytes6', 'none'] as const)
      expect(decoder.decode(sealed(aad), receivedMs).aad).toBe(aad)
  })

  it.each(['{"toString":1}', '[1]', 'null', '{}', 'true', '1e300', '-5', '1.5'])(
    'is none over a t of %s',
    (odd) => {
      const payload = sealed('text').replace(`"t":${t}`, `"t":${odd}`)
      expect(queueFault(() => strict().decode(payload, receivedMs)).code).toBe('decrypt')
    },
  )

  it('is over the spelling that t has', () => {
    const iv = ivOf(12)
    const data = (aad: string) =>
      Buffer.concat([
        Buffer.from([0, 0, 0, 12]),
        iv,
        cipher.sealGcm({ iv, plain: Buffer.from('{}'), aad: Buffer.from(aad) }),
      ]).toString('base64')
    expect(strict().decode(envelope(data('007'), '007'), receivedMs).aad).toBe('text')
    expect(strict().decode(envelope(data(''), 'x'), receivedMs).aad).toBe('none')
    expect(queueFault(() => strict().decode(envelope(data('7'), '007'), receivedMs)).code).toBe('decrypt')
  })

  it('is tried first with what fitted last', () => {
    const timeless = JSON.stringify({ ...(JSON.parse(sealed('none')) as object), t: '' })
    // Without a time its text is nothing: both ways fit, and the first that is tried is told.
    const decoder = strict()
    expect(decoder.decode(timeless, receivedMs).aad).toBe('text')
    decoder.decode(sealed('none'), receivedMs)
    expect(decoder.decode(timeless, receivedMs).aad).toBe('none')
  })

  it('that fits with nothing is refused or told, as wished', () => {
    const data = Buffer.from((JSON.parse(sealed('text')) as { data: string }).data, 'base64')
    data[data.length - 1] = (data[data.length - 1] ?? 0) ^ 1
    const payload = envelope(data.toString('base64'))
    expect(queueFault(() => strict().decode(payload, receivedMs))).toMatchObject({
      code: 'decrypt',
      keySuspect: true,
    })
    expect(lenient().decode(payload, receivedMs)).toMatchObject({ body: { a: 1 }, tagUnverified: true })
    expect(lenient().decode(sealed('text'), receivedMs).tagUnverified).toBe(false)
  })

  it('does not make a message of junk, even where it is not needed', () => {
    const other = new Cipher(openHubKey(`x${password.slice(1, 12)}x${password.slice(13)}`))
    const letter = { body: { a: 1 }, protocol: 4, t, version: '2.0', iv: ivOf(12), sign: '' } as const
    expect(queueFault(() => lenient().decode(encodeOpenHub(letter, other), receivedMs))).toMatchObject({
      code: 'body_json',
      keySuspect: true,
    })
  })
})

describe('a payload', () => {
  const prefixed = (length: number, rest: number) => {
    const data = Buffer.alloc(4 + rest)
    data.writeUInt32BE(length)
    return envelope(data.toString('base64'))
  }

  it.each([
    ['payload_json', 'hello'],
    ['payload_json', ''],
    ['data_missing', '{}'],
    ['data_base64', envelope('AAAAA')],
    ['data_length', envelope('')],
    ['data_length', envelope('AAAA')],
    ['data_length', prefixed(0, 40)],
    ['data_length', prefixed(65, 200)],
    ['data_length', prefixed(12, 27)],
    ['data_length', prefixed(0xff_ff_ff_ff, 40)],
    ['decrypt', prefixed(12, 28)],
    ['decrypt', prefixed(64, 80)],
  ])('is %s when it is %s', (code, payload) => {
    expect(queueFault(() => strict().decode(payload, receivedMs)).code).toBe(code)
  })

  it('of version 1.0 has faults of its own', () => {
    expect(queueFault(() => strict('1.0').decode(envelope('AAAA'), receivedMs)).code).toBe('data_length')
    const zeros = Buffer.alloc(16).toString('base64')
    expect(queueFault(() => strict('1.0').decode(envelope(zeros), receivedMs)).code).toBe('decrypt')
  })

  it('needs a password that can be one', () => {
    const options = { version: '1.0', unverified: 'reject' } as const
    expect(() => new OpenHubDecoder({ ...options, password: 'short' })).toThrow(BridgeError)
  })

  it('needs an IV of 1 to 64 bytes', () => {
    const letter = { body: {}, protocol: 4, t, version: '2.0', sign: '' } as const
    expect(() => encodeOpenHub(letter, cipher)).toThrow('1 to 64')
    for (const length of [0, 65])
      expect(() => encodeOpenHub({ ...letter, iv: ivOf(length) }, cipher)).toThrow('1 to 64')
  })

  it('goes out and comes back in either version', () => {
    const version = fc.constantFrom('1.0' as const, '2.0' as const)
    const iv = fc.uint8Array({ minLength: 1, maxLength: 64 })
    const aad = fc.constantFrom('text' as const, 'bytes6' as const, 'bytes8' as const, 'none' as const)
    fc.assert(
      fc.property(hostileJson, version, iv, aad, fc.nat(), (value, which, nonce, manner, time) => {
        const letter = {
          body: { value },
          protocol: 4,
          t: time,
          version: which,
          iv: nonce,
          aad: manner,
          sign: '',
        }
        const decoded = strict(which).decode(encodeOpenHub(letter, cipher), receivedMs)
        expect(decoded.body).toEqual(JSON.parse(JSON.stringify({ value })))
      }),
    )
  })

  it('of any bytes is a message or a QueueError', () => {
    const data = fc.oneof(
      fc.uint8Array({ maxLength: 120 }).map((any) => Buffer.from(any).toString('base64')),
      fc
        .uint8Array({ minLength: 28, maxLength: 120 })
        .map((any) => Buffer.concat([Buffer.from([0, 0, 0, 12]), any]).toString('base64')),
      hostileText,
    )
    const payload = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      hostileText,
      fc.record({ data, t: hostileJson, protocol: hostileJson }).map((value) => JSON.stringify(value)),
    )
    fc.assert(
      fc.property(payload, (any) => {
        for (const decoder of [strict(), strict('1.0'), lenient()]) {
          try {
            decoder.decode(any, receivedMs)
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(QueueError)
          }
        }
      }),
      { numRuns: 1000 },
    )
  })
})
