import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromBase64 } from '../../../src/codec/base64.ts'
import { createDecoder, encodePulsar, pulsarKeys } from '../../../src/codec/queue/decode.ts'
import { openEnvelope, sealEnvelope } from '../../../src/codec/queue/envelope.ts'
import { decodeFrame, encodeAck, encodeFrame, type Frame } from '../../../src/codec/queue/frame.ts'
import { QueueError } from '../../../src/codec/queue/queue-error.ts'
import { BridgeError } from '../../../src/util/error.ts'
import { leastCpuMs } from '../../support/cpu.ts'
import { hostileJson, hostileText } from '../../support/hostile.ts'
import { normalForm } from '../../support/normal-form.ts'
import { queueFault } from '../../support/queue-fault.ts'
import { queueVectors } from '../../support/queue-vector.ts'

const accessKey = '0f1e2d3c4b5a69788796a5b4c3d2e1f0'
const keys = pulsarKeys(accessKey)
const decoder = createDecoder({ accessKey })
const receivedMs = 1_767_225_700_000
const body = { devId: 'bf1', bizCode: 'online', bizData: { time: 1_767_225_600 }, ts: 0 }
const letter = {
  messageId: 'm',
  protocol: 20,
  t: 1_767_225_600_000,
  publishTimeMs: 1_767_225_600_500,
  key: 'bf1',
}
const iv = Buffer.from('000102030405060708090a0b', 'hex')

const good = queueVectors('pulsar').filter((one) => one.expect.result === 'ok')
const bad = queueVectors('pulsar').filter((one) => one.expect.result === 'error')

describe('the golden frames', () => {
  it.each(good)('$id: $title', ({ given, expect: expected }) => {
    const frame = decodeFrame(given.frame)
    const { message, body: plain, envelope, signOk } = createDecoder(given).decode(frame, receivedMs)
    expect(frame).toMatchObject({ messageId: expected.messageId, publishTimeMs: expected.publishTimeMs })
    expect(encodeAck(frame.messageId)).toBe(expected.ack)
    expect({ protocol: envelope.protocol, t: envelope.t, signOk }).toEqual({
      protocol: expected.protocol,
      t: expected.t,
      signOk: expected.signOk,
    })
    expect(plain).toEqual(expected.body)
    expect(normalForm(message)).toEqual(expected.normalized)
  })

  it.each(good)('$id is made again, byte for byte', ({ given, steps, expect: expected }) => {
    const { messageId, properties, publishTimeMs, key } = decodeFrame(given.frame)
    const { em, ...others } = properties
    const frame = encodePulsar(
      {
        messageId,
        body: expected.plaintext,
        protocol: expected.protocol,
        t: expected.t,
        publishTimeMs,
        key,
        em: em as 'aes_ecb' | 'aes_gcm' | undefined,
        iv: Buffer.from(steps.ivHex ?? '', 'hex'),
        properties: others,
      },
      pulsarKeys(given.accessKey),
    )
    expect(encodeFrame(frame)).toBe(given.frame)
  })

  it.each(bad)('$id: $title', ({ given, expect: expected }) => {
    const frame = decodeFrame(given.frame)
    expect(encodeAck(frame.messageId)).toBe(expected.ack)
    expect(queueFault(() => createDecoder(given).decode(frame, receivedMs))).toMatchObject({
      code: expected.error,
      keySuspect: false,
    })
  })
})

describe('a frame', () => {
  const sealed = (text: string) => encodePulsar({ ...letter, body: text }, keys)
  const withData = (data: string, properties = {}): Frame => ({
    ...encodePulsar({ ...letter, body }, keys),
    payload: sealEnvelope({ data, protocol: 4, t: letter.t }, accessKey),
    properties,
  })

  it.each([undefined, '', 'aes_ecb'])('is read with ECB when em is %s', (em) => {
    const frame = encodePulsar({ ...letter, body }, keys)
    const properties: Record<string, string> = em === undefined ? {} : { em }
    expect(decoder.decode({ ...frame, properties }, receivedMs).body).toEqual(body)
  })

  it('is read with GCM when em says so', () => {
    const frame = encodePulsar({ ...letter, body, em: 'aes_gcm', iv }, keys)
    expect(frame.properties).toEqual({ em: 'aes_gcm' })
    expect(decoder.decode(frame, receivedMs).body).toEqual(body)
  })

  it('may have a wrong signature, or none, and is told so', () => {
    const frame = encodePulsar({ ...letter, body }, keys)
    const { members } = openEnvelope(frame.payload)
    for (const sign of [undefined, 'x', 'ab'.repeat(16)]) {
      const payload = Buffer.from(JSON.stringify({ ...members, sign })).toString('base64')
      expect(decoder.decode({ ...frame, payload }, receivedMs)).toMatchObject({ body, signOk: false })
    }
  })

  it.each([
    ['payload_base64', { ...withData(''), payload: '{}' }],
    ['payload_json', { ...withData(''), payload: 'e30' + 'x' }],
    ['data_missing', { ...withData(''), payload: 'e30=' }],
    ['data_base64', withData('AAAAAAAAAAAAAAAAAAAAA*==')],
    ['data_length', withData('')],
    ['data_length', withData('AAAA')],
    ['data_length', withData(Buffer.alloc(27).toString('base64'), { em: 'aes_gcm' })],
    ['data_length', withData(Buffer.alloc(5).toString('base64'), { em: 'aes_gcm' })],
    ['data_length', withData('', { em: 'aes_gcm' })],
    ['decrypt', withData(Buffer.alloc(28).toString('base64'), { em: 'aes_gcm' })],
    ['decrypt', withData(Buffer.alloc(16).toString('base64'))],
    ['unsupported_encryption', withData('AAAA', { em: 'sm4' })],
    ['unsupported_encryption', withData('AAAA', { em: 'AES_GCM' })],
    ['body_json', sealed('')],
    ['body_json', sealed('hello')],
    ['body_json', sealed('[]')],
    ['body_json', sealed('null')],
    ['body_json', sealed('{"bizCode":"online","constructor":{}}')],
    ['body_json', sealed(`{"a":${'['.repeat(16)}${']'.repeat(16)}}`)],
    ['body_json', sealed(JSON.stringify({ a: Array(4096).fill(0) }))],
    ['body_json', sealed(JSON.stringify({ a: 'x'.repeat(256 * 1024) }))],
  ])('is %s when it should be', (code, frame) => {
    const fault = queueFault(() => decoder.decode(frame, receivedMs))
    expect(fault.code).toBe(code)
    expect(fault.reason).toBe(`queue/${code.replaceAll('_', '-')}`)
    expect(fault.message).not.toContain(accessKey.slice(8, 24))
  })

  it('just fits', () => {
    expect(decoder.decode(sealed(`{"a":${'['.repeat(15)}${']'.repeat(15)}}`), receivedMs).message.kind).toBe(
      'unknown',
    )
    expect(decoder.decode(sealed(JSON.stringify({ a: Array(4095).fill(0) })), receivedMs).message.kind).toBe(
      'unknown',
    )
    const longest = 'x'.repeat(256 * 1024 - '{"a":""}'.length)
    expect(decoder.decode(sealed(JSON.stringify({ a: longest })), receivedMs).body).toEqual({ a: longest })
  })

  it('has the time of the push, of the proxy or of its arrival when it has none of its own', () => {
    const timeOf = (t: number, publishTimeMs: number | null) =>
      decoder.decode(encodePulsar({ ...letter, t, publishTimeMs, body: { bizCode: 'x' } }, keys), receivedMs)
        .message.timeMs
    expect(timeOf(1_767_225_600, 5e12)).toBe(1_767_225_600_000)
    expect(timeOf(0, letter.publishTimeMs)).toBe(letter.publishTimeMs)
    expect(timeOf(2, null)).toBe(receivedMs)
  })
})

describe('the key', () => {
  const other = pulsarKeys('0f1e2d3c4b5a69788796a5b4c3d2e1f1'.replace('4b5a', '4b5b'))

  it('is suspected when neither signature nor text fit', () => {
    let suspected = 0
    for (let i = 0; i < 200; i++) {
      const fault = queueFault(() =>
        decoder.decode(encodePulsar({ ...letter, body: { i } }, other), receivedMs),
      )
      expect(['decrypt', 'body_json']).toContain(fault.code)
      if (fault.keySuspect) suspected++
    }
    expect(suspected).toBe(200)
    const gcm = encodePulsar({ ...letter, body, em: 'aes_gcm', iv }, other)
    expect(queueFault(() => decoder.decode(gcm, receivedMs))).toMatchObject({
      code: 'decrypt',
      keySuspect: true,
    })
  })

  it('is not when the signature is right, or the tag, or the text is JSON but too large', () => {
    const unsigned = (frame: Frame): Frame => {
      const { members } = openEnvelope(frame.payload)
      return { ...frame, payload: Buffer.from(JSON.stringify({ ...members, sign: '' })).toString('base64') }
    }
    const deep = `{"a":${'['.repeat(16)}${']'.repeat(16)}}`
    const frames = [
      encodePulsar({ ...letter, body: 'junk' }, keys),
      unsigned(encodePulsar({ ...letter, body: 'junk', em: 'aes_gcm', iv }, keys)),
      unsigned(encodePulsar({ ...letter, body: deep }, keys)),
    ]
    for (const frame of frames) {
      expect(queueFault(() => decoder.decode(frame, receivedMs))).toMatchObject({
        code: 'body_json',
        keySuspect: false,
      })
    }
    const junk = unsigned(encodePulsar({ ...letter, body: 'junk' }, keys))
    expect(queueFault(() => decoder.decode(junk, receivedMs))).toMatchObject({ keySuspect: true })
  })

  it('is refused when it cannot be one, without showing it', () => {
    const call = () => createDecoder({ accessKey: 'tooshortsecret' })
    expect(call).toThrow(BridgeError)
    expect(call).not.toThrow('tooshortsecret')
  })
})

describe('whatever comes', () => {
  const decodes = (frame: Frame): void => {
    try {
      const { message } = decoder.decode(frame, receivedMs)
      expect(Number.isSafeInteger(message.timeMs)).toBe(true)
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(QueueError)
    }
  }
  const em = fc.constantFrom(undefined, 'aes_ecb' as const, 'aes_gcm' as const)

  it('goes out and comes back with either cipher', () => {
    const anyBody = hostileJson.map((value) => ({ value }))
    fc.assert(
      fc.property(anyBody, em, fc.uint8Array({ minLength: 12, maxLength: 12 }), (sent, word, nonce) => {
        const text = encodeFrame(encodePulsar({ ...letter, body: sent, em: word, iv: nonce }, keys))
        const decoded = decoder.decode(decodeFrame(text), receivedMs)
        expect(decoded.body).toEqual(JSON.parse(JSON.stringify(sent)))
        expect(decoded.signOk).toBe(true)
      }),
    )
  })

  it('any text, encrypted as it should be, is a message or a QueueError', () => {
    const any = fc.oneof(
      hostileText,
      hostileJson.map((value) => JSON.stringify(value)),
    )
    fc.assert(
      fc.property(any, em, (text, word) =>
        decodes(encodePulsar({ ...letter, body: text, em: word, iv }, keys)),
      ),
    )
  })

  it('any bytes for the envelope, the data or the name of the cipher are a QueueError at worst', () => {
    const bytes = fc.uint8Array({ maxLength: 100 }).map((any) => Buffer.from(any).toString('base64'))
    const data = fc.oneof(bytes, hostileText)
    const envelope = fc
      .record({ data: fc.oneof(data, hostileJson), t: hostileJson, protocol: hostileJson, sign: hostileJson })
      .map((value) => Buffer.from(JSON.stringify(value)).toString('base64'))
    const payload = fc.oneof(bytes, envelope, hostileText)
    fc.assert(
      fc.property(payload, fc.oneof(fc.constantFrom('aes_gcm', ''), fc.string()), (one, word) =>
        decodes({ ...letter, payload: one, properties: { em: word }, redeliveryCount: 0 }),
      ),
    )
  })

  it('damage anywhere in the data of a GCM message is found', () => {
    const frame = encodePulsar({ ...letter, body, em: 'aes_gcm', iv }, keys)
    const { data } = openEnvelope(frame.payload)
    const sealed = fromBase64(data) ?? Buffer.alloc(0)
    for (let at = 0; at < sealed.length; at++) {
      const damaged = Buffer.from(sealed)
      damaged[at] = (damaged[at] ?? 0) ^ 0x10
      const payload = sealEnvelope({ data: damaged.toString('base64'), protocol: 20, t: letter.t }, accessKey)
      expect(queueFault(() => decoder.decode({ ...frame, payload }, receivedMs)).code).toBe('decrypt')
    }
  })

  it('a frame cut anywhere is never half a message', () => {
    const text = encodeFrame(encodePulsar({ ...letter, body }, keys))
    for (let end = 0; end < text.length; end++)
      expect(queueFault(() => decodeFrame(text.slice(0, end))).code).toBe('frame_json')
  })

  it('the worst that fits, and what is too large, takes less than 50 ms', () => {
    const json = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64')
    const of = (payload: string): Frame => ({ ...letter, payload, properties: {}, redeliveryCount: 0 })
    const text = (size: number) => 'x'.repeat(size)
    const items = Array.from({ length: 800 }, (_, i) => ({
      code: text(250),
      t: '0',
      value: '1',
      [String(i)]: '1',
    }))
    const worst = [
      of(text(1_400_000)),
      of(json({ data: 'A'.repeat(1_000_000) })),
      of(json({ data: 'A'.repeat(1_100_000) })),
      of(json({ data: 'x', a: Array(200_000).fill(0) })),
      of(Buffer.from(`{"data":${'['.repeat(500_000)}`).toString('base64')),
      of(Buffer.from(`{"data":${'['.repeat(400_000)}${']'.repeat(400_000)}}`).toString('base64')),
      encodePulsar({ ...letter, body: { devId: 'bf1', status: items } }, keys),
      encodePulsar({ ...letter, body: { devId: text(200_000), bizCode: text(50_000) } }, keys),
      encodePulsar(
        { ...letter, body: { bizCode: 'bindUser', bizData: { ownerId: '1'.repeat(250_000) } } },
        keys,
      ),
      encodePulsar({ ...letter, body: { bizCode: 'online', ts: '1'.repeat(250_000) } }, keys),
      encodePulsar({ ...letter, body: text(700_000), em: 'aes_gcm', iv }, keys),
    ]
    for (const frame of worst) {
      const run = () => decodes(decodeFrame(encodeFrame(frame)))
      expect(leastCpuMs(50, run)).toBeLessThan(50)
    }
  })

  it('needs an IV of its own for GCM', () => {
    expect(() => encodePulsar({ ...letter, body, em: 'aes_gcm' }, keys)).toThrow('12 bytes')
    expect(() => encodePulsar({ ...letter, body, em: 'aes_gcm', iv: Buffer.alloc(16) }, keys)).toThrow(
      '12 bytes',
    )
  })
})
