import fc from 'fast-check'
import packets from 'mqtt-packet'
import { expect, it } from 'vitest'
import { faultOfMessage, type Outgoing, type Properties } from '../../src/mqtt/message.ts'

const ample = 268_435_455

function fault(topic: string, payload = '', largestPacket = ample): string | undefined {
  return faultOfMessage({ topic, payload, qos: 1, retain: false }, largestPacket)
}

it.each([
  ['', 'topic-length'],
  ['x'.repeat(513), 'topic-length'],
  ['ä'.repeat(257), 'topic-length'],
  ['$SYS/x', 'topic-character'],
  ['a/+', 'topic-character'],
  ['a/#', 'topic-character'],
  ['a\0', 'topic-character'],
  ['a\n', 'topic-character'],
  ['a\u0085', 'topic-character'],
  ['a\ud800', 'topic-character'],
  ['a\udc00b', 'topic-character'],
  ['a\uffff', 'topic-character'],
  ['a\ufdef', 'topic-character'],
  ['a\u{10ffff}', 'topic-character'],
  [Array(17).fill('a').join('/'), 'topic-levels'],
  [Array(16).fill('a').join('/'), undefined],
  ['x'.repeat(512), undefined],
  ['Küche/💡/$x/%2F', undefined],
])('topic %j: %s', (topic, expected) => {
  expect(fault(topic)).toBe(expected)
})

it('a payload has at most 128 KiB of UTF-8', () => {
  expect(fault('a', 'x'.repeat(128 * 1024))).toBeUndefined()
  expect(fault('a', 'x'.repeat(128 * 1024 + 1))).toBe('payload-size')
  expect(fault('a', 'ä'.repeat(64 * 1024 + 1))).toBe('payload-size')
})

const properties: fc.Arbitrary<Properties> = fc.record(
  {
    contentType: fc.constantFrom('application/json' as const, 'text/plain' as const),
    expirySeconds: fc.nat(),
    correlationData: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    user: fc.dictionary(fc.string({ minLength: 1 }), fc.string(), { minKeys: 1, maxKeys: 5 }),
  },
  { requiredKeys: [] },
)

it('what fits into the server’s packet size is sent, and nothing that does not', () => {
  fc.assert(
    fc.property(properties, fc.nat(1_000), (given, length) => {
      const message: Outgoing = {
        topic: 'tuya/x',
        payload: 'x'.repeat(length),
        qos: 1,
        retain: true,
        properties: given,
      }
      const { contentType, expirySeconds, correlationData, user } = given
      const bytes = packets.generate(
        {
          cmd: 'publish',
          topic: message.topic,
          payload: message.payload,
          qos: 1,
          retain: true,
          dup: false,
          messageId: 1,
          properties: {
            ...(contentType ? { contentType, payloadFormatIndicator: true } : {}),
            ...(expirySeconds ? { messageExpiryInterval: expirySeconds } : {}),
            ...(correlationData ? { correlationData } : {}),
            ...(user ? { userProperties: user } : {}),
          },
        },
        { protocolVersion: 5 },
      ).length
      if (faultOfMessage(message, bytes - 1) === undefined) expect.fail(`${bytes} bytes pass as ${bytes - 1}`)
      expect(faultOfMessage(message, bytes + 26)).toBeUndefined()
    }),
  )
})
