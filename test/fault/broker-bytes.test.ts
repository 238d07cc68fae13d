import packets from 'mqtt-packet'
import { expect, it } from 'vitest'
import { ClientConnector } from '../../src/mqtt/client-link.ts'
import { type BrokerLink, LinkError } from '../../src/mqtt/link.ts'
import { type Random, seededRandom } from '../../src/util/random.ts'
import { FakeBroker } from '../support/fake-broker.ts'
import { Speaker } from '../support/speaker.ts'
import { CompressedTime, settleSockets } from '../support/time.ts'

/** What a server may say, to be damaged. */
function soundPackets(protocolVersion: 4 | 5): Uint8Array[] {
  const code = protocolVersion === 5 ? { reasonCode: 0 } : { returnCode: 0 }
  const properties = {
    receiveMaximum: 10,
    topicAliasMaximum: 5,
    reasonString: 'why',
    userProperties: { a: 'b' },
  }
  const all: packets.Packet[] = [
    { cmd: 'connack', sessionPresent: false, ...code, ...(protocolVersion === 5 ? { properties } : {}) },
    { cmd: 'publish', topic: 'tuya/cmd/x', payload: 'x', qos: 0, retain: false, dup: false },
    { cmd: 'publish', topic: 'tuya/cmd/x', payload: 'x', qos: 2, retain: true, dup: true, messageId: 7 },
    { cmd: 'puback', messageId: 1 },
    { cmd: 'pubrec', messageId: 1 },
    { cmd: 'pubrel', messageId: 7 },
    { cmd: 'pubcomp', messageId: 1 },
    { cmd: 'suback', messageId: 1, granted: [0, 128] },
    { cmd: 'unsuback', messageId: 1, granted: [0] },
    { cmd: 'pingresp' },
  ]
  return all.map((packet) => packets.generate(packet, { protocolVersion }))
}

/** Random bytes, or sound packets in any order, cut, doubled and with wrong bytes in them. */
function damaged(random: Random, sound: readonly Uint8Array[]): Uint8Array {
  const below = (n: number) => Math.floor(random() * n)
  if (random() < 0.2) return Uint8Array.from({ length: below(64) }, () => below(256))
  // Most streams begin like a server that takes us, so that what follows is read by a connection that stands.
  const chosen = random() < 0.7 ? [sound[0] as Uint8Array] : []
  for (let i = below(5); i >= 0; i--) chosen.push(sound[below(sound.length)] as Uint8Array)
  const bytes = Buffer.concat(chosen)
  for (let i = below(4); i > 0; i--) bytes[below(bytes.length)] = below(256)
  return random() < 0.5 ? bytes.subarray(0, below(bytes.length + 1)) : bytes
}

it.each([4, 5] as const)(
  'B9: MQTT %s: 500 seeded byte streams, each ends the connection or leaves it sound',
  async (version) => {
    const broker = await FakeBroker.open()
    const random = seededRandom(version)
    const sound = soundPackets(version)
    broker.script.connack = () => damaged(random, sound)
    const time = new CompressedTime({ stepMs: 500 })
    const connector = new ClientConnector(
      {
        url: broker.url,
        clientId: 'dp2mqtt-main',
        username: null,
        password: null,
        protocolVersion: version,
        tls: { insecure: false },
      },
      time.clock,
    )
    const refused: unknown[] = []
    const links: BrokerLink[] = []
    for (let batch = 0; batch < 10; batch++) {
      let left = 50
      for (let i = 0; i < 50; i++) {
        connector
          .connect({ suffix: '', onMessage: () => {}, signal: new AbortController().signal })
          .then(
            (link) => links.push(link),
            (thrown) => refused.push(thrown),
          )
          .finally(() => left--)
      }
      await time.until(() => left === 0, 11_000, 'the end of every connect')
    }
    expect(refused.length + links.length).toBe(500)
    expect(links.length, 'some streams begin soundly').toBeGreaterThan(50)
    for (const thrown of refused) expect(thrown).toBeInstanceOf(LinkError)
    await settleSockets()
    for (const link of links) {
      link.publish({ topic: 'tuya/x', payload: 'x', qos: 1, retain: false }, () => {})
      link.destroy('stopped')
      await link.ended
    }
    await broker.stop()
  },
)

it('B9: no CONNACK, garbage and cut packets in turn; then a sound broker is connected to', async () => {
  await using broker = await FakeBroker.open()
  await using speaker = new Speaker(broker.url, { time: new CompressedTime({ stepMs: 250 }) })
  const random = seededRandom(9)
  const sound = [...soundPackets(4), ...soundPackets(5)]
  broker.script.connack = () =>
    random() < 0.2 ? 'silence' : random() < 0.2 ? 'hang-up' : damaged(random, sound)
  speaker.start()
  await speaker.time.until(() => broker.connects.length >= 60, 600_000, '60 connects')
  expect(speaker.voice.session.health.state).toBe('down')
  broker.script.connack = () => 0
  // The connect that is on its way may wait for its CONNACK for 10 s and then back off for 5 s.
  await speaker.up(17_000)
  await broker.stop()
})
