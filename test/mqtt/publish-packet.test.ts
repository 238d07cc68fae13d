import fc from 'fast-check'
import packets, { type IPublishPacket, type Packet } from 'mqtt-packet'
import { expect, it } from 'vitest'
import type { Outgoing, Properties } from '../../src/mqtt/message.ts'
import { PublishPackets } from '../../src/mqtt/publish-packet.ts'

const properties: fc.Arbitrary<Properties> = fc.record(
  {
    contentType: fc.constantFrom('application/json' as const, 'text/plain' as const),
    expirySeconds: fc.integer({ min: 1, max: 0xffff_ffff }),
    correlationData: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    user: fc.dictionary(fc.string({ minLength: 1 }), fc.string(), { minKeys: 1, maxKeys: 5 }),
  },
  { requiredKeys: [] },
)

const outgoing: fc.Arbitrary<Outgoing> = fc.record({
  topic: fc.string({ minLength: 1, maxLength: 100, unit: 'grapheme' }),
  payload: fc.oneof(
    fc.string({ unit: 'grapheme' }),
    // On both sides of each step of the length's own length.
    fc.constantFrom(100, 127, 128, 16_000, 16_384, 131_072).map((n) => 'ä'.repeat(n)),
  ),
  qos: fc.constantFrom(0 as const, 1 as const),
  retain: fc.boolean(),
  properties,
})

function packetOf(message: Outgoing, version: 4 | 5, id?: number): Buffer {
  const packets = new PublishPackets(version)
  packets.put(message, id)
  return Buffer.concat(packets.take())
}

function parsed(bytes: Buffer, protocolVersion: 4 | 5): IPublishPacket[] {
  const found: Packet[] = []
  const parser = packets.parser({ protocolVersion })
  parser.on('packet', (packet) => found.push(packet))
  parser.on('error', (error) => {
    throw error
  })
  expect(parser.parse(bytes)).toBe(0)
  return found as IPublishPacket[]
}

it.each([4, 5] as const)('version %d: the library reads what was meant, and one packet alone', (version) => {
  fc.assert(
    fc.property(outgoing, fc.integer({ min: 1, max: 0xffff }), (message, id) => {
      const [packet, ...more] = parsed(packetOf(message, version, id), version)
      expect(more).toEqual([])
      expect(packet).toMatchObject({ cmd: 'publish', topic: message.topic, qos: message.qos, dup: false })
      expect(packet?.messageId).toBe(message.qos === 1 ? id : undefined)
      expect(packet?.retain).toBe(message.retain)
      expect(String(packet?.payload)).toBe(message.payload)
      const { contentType, expirySeconds, correlationData, user } = message.properties ?? {}
      const told = version === 5 ? (packet?.properties ?? {}) : undefined
      if (!told) expect(packet?.properties).toBeUndefined()
      else {
        expect(told.contentType).toBe(contentType)
        expect(told.payloadFormatIndicator).toBe(contentType ? true : undefined)
        expect(told.messageExpiryInterval).toBe(expirySeconds)
        expect(told.correlationData).toEqual(correlationData)
        expect({ ...told.userProperties }).toEqual({ ...user })
      }
    }),
  )
})

it.each([0, 1] as const)('QoS %d: is what the library would have written, byte for byte', (qos) => {
  const message: Outgoing = {
    topic: 'tuya/state/device/bf1/dp/Küche',
    payload: '21.5 °C',
    qos,
    retain: true,
    properties: { contentType: 'text/plain', user: { bridge: 'main', source: 'queue' } },
  }
  const { topic, payload, retain } = message
  const plain = { cmd: 'publish', topic, payload, qos, retain, dup: false, messageId: 513 } as const
  expect(packetOf(message, 4, 513)).toEqual(packets.generate(plain))
  const told = {
    payloadFormatIndicator: true,
    contentType: 'text/plain',
    userProperties: { bridge: 'main', source: 'queue' },
  }
  expect(packetOf(message, 5, 513)).toEqual(
    packets.generate({ ...plain, properties: told }, { protocolVersion: 5 }),
  )
})

it('a message without any properties has an empty list of them in MQTT 5', () => {
  const message: Outgoing = { topic: 'a', payload: '', qos: 0, retain: false }
  expect(packetOf(message, 5)).toEqual(Buffer.from([0x30, 4, 0, 1, 0x61, 0]))
  expect(packetOf(message, 4)).toEqual(Buffer.from([0x30, 3, 0, 1, 0x61]))
})

it('everything comes once and in order, whatever was put between two takings', () => {
  const step = fc.oneof(fc.constant('take' as const), fc.nat({ max: 70_000 }))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
      const packets = new PublishPackets(4)
      const put: string[] = []
      const taken: Buffer[] = []
      for (const [n, step] of steps.entries()) {
        if (step === 'take') {
          taken.push(...packets.take())
          expect(packets.bytes).toBe(0)
          expect(packets.take()).toEqual([])
        } else {
          const before = packets.bytes
          packets.put({ topic: `t/${n}`, payload: 'x'.repeat(step), qos: 0, retain: true })
          expect(packets.bytes).toBeGreaterThan(before + step)
          put.push(`t/${n}:${step}`)
        }
      }
      const { bytes } = packets
      const rest = packets.take()
      expect(Buffer.concat(rest).length).toBe(bytes)
      const told = parsed(Buffer.concat([...taken, ...rest]), 4)
      expect(told.map(({ topic, payload }) => `${topic}:${payload.length}`)).toEqual(put)
    }),
    { numRuns: 50 },
  )
})
