import { createServer } from 'node:net'
import { Aedes } from 'aedes'
import mqtt from 'mqtt'
import { describe, expect, it } from 'vitest'
import { ClientConnector } from '../../src/mqtt/client-link.ts'
import { CommandDesk } from '../support/command-desk.ts'
import { FakeBroker } from '../support/fake-broker.ts'
import { House } from '../support/house.ts'
import { RawClient } from '../support/raw-client.ts'
import { until } from '../support/until.ts'
import { VirtualHouse } from '../support/virtual-house.ts'

const lamp = 'bf3c9a7d41e0b2f6aaw1vn'
const ceiling = 'bf9e22b7c6d14f50a1xz3m'

describe('K3: retained commands write nothing', () => {
  it.each([4, 5] as const)(
    'found again at each of 100 connections to a broker of version %i',
    async (version) => {
      await using broker = await FakeBroker.open()
      const topic = 'tuya/cmd/device/bf1/dp/switch_led'
      broker.retained.set(topic, { cmd: 'publish', topic, payload: 'on', qos: 1, retain: true, dup: false })
      const desk = new CommandDesk({ settings: { clearRetained: false } })
      const connector = new ClientConnector({
        url: broker.url,
        clientId: 'dp2mqtt-test',
        username: null,
        password: null,
        protocolVersion: version,
        tls: { insecure: false },
      })
      for (let i = 0; i < 100; i++) {
        let seen = 0
        const link = await connector.connect({
          suffix: '',
          signal: new AbortController().signal,
          onMessage: (message) => {
            seen++
            if (message.topic.startsWith('tuya/cmd/')) desk.intake.handle(message)
          },
        })
        // MQTT 5 could keep them away; a broker that does not know how must change nothing.
        await link.subscribe('tuya/cmd/#', { qos: 1, retainAsPublished: true })
        await until(() => seen > 0)
        link.destroy('closed')
      }
      expect(desk.writes).toEqual([])
      expect(desk.intake.counts.retained).toBe(100)
      expect(desk.troubles, 'one warning a topic and hour').toHaveLength(1)
    },
  )

  it('from a live client of the broker inside, and none is there for the next', async () => {
    await using house = await VirtualHouse.open()
    const client = await house.client(['tuya/result/#', 'tuya/bridge/error'])
    for (let i = 0; i < 20; i++)
      await client.publishAsync(`tuya/cmd/device/${lamp}/dp/switch_led`, 'toggle', { qos: 1, retain: true })
    await house.time.until(() => house.answers.length === 20, 5_000, 'the refusals')
    expect(house.answers.every(({ reason }) => reason === 'command/retained')).toBe(true)
    const errors = () => house.seen.filter(({ topic }) => topic === 'tuya/bridge/error').length
    expect(errors()).toBe(1)
    for (let i = 0; i < 100; i++) {
      const visitor = await RawClient.connected(house.bridge.ports.mqtt)
      visitor.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'tuya/cmd/#', qos: 0 }] })
      visitor.send({ cmd: 'pingreq' })
      await until(() => visitor.of('pingresp').length === 1)
      expect(visitor.of('publish')).toEqual([])
      visitor[Symbol.dispose]()
    }
    await house.time.pass(10_000)
    expect(house.simulator.journal.entries('command')).toEqual([])
    expect(errors()).toBe(1)
  })
})

it('K5: the same id, and the same packet again, write once', async () => {
  await using house = await VirtualHouse.open()
  await house.client()
  const raw = await RawClient.connected(house.bridge.ports.mqtt)
  const publish = (messageId: number, topic: string, payload: string, dup: boolean) =>
    raw.send({ cmd: 'publish', topic: `tuya/cmd/${topic}`, payload, qos: 1, messageId, dup, retain: false })
  const command = JSON.stringify({ dp: { switch_led: 'toggle' }, id: 'r1' })
  for (let i = 0; i < 5; i++) publish(i + 1, `device/${lamp}`, command, i % 2 === 1)
  publish(20, `device/${ceiling}/dp/switch_1`, 'toggle', false)
  for (let i = 0; i < 5; i++) publish(20, `device/${ceiling}/dp/switch_1`, 'toggle', true)
  await until(() => raw.of('puback').length === 11)
  await house.time.until(() => house.answers.length >= 6, 20_000, 'the answers')
  await house.time.pass(5_000)
  raw[Symbol.dispose]()
  expect(house.answers.filter(({ id }) => id === 'r1')).toHaveLength(5)
  expect(house.answers).toHaveLength(6)
  const { journal } = house.simulator
  expect(journal.entries('command', lamp)).toHaveLength(1)
  expect(journal.entries('command', ceiling)).toHaveLength(1)
})

it('K6: what clients say while the bridge is away never arrives', async () => {
  // A broker elsewhere that keeps sessions for whoever asks.
  const broker = await Aedes.createBroker()
  const server = createServer((socket) => broker.handle(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const { port } = server.address() as { port: number }
  const config = { mqtt: { url: `mqtt://127.0.0.1:${port}` } }
  try {
    await using first = await (await House.open({ config })).ready()
    await first.bridge[Symbol.asyncDispose]()
    const client = await mqtt.connectAsync(config.mqtt.url, { reconnectPeriod: 0, protocolVersion: 4 })
    for (const payload of ['on', 'off', 'toggle'])
      await client.publishAsync(`tuya/cmd/device/${lamp}/dp/switch_led`, payload, { qos: 2 })
    await client.publishAsync(`tuya/cmd/device/${lamp}`, '{"dp":{"switch_led":true}}', {
      qos: 1,
      retain: true,
    })
    client.end(true)
    await using second = await (await House.open({ config })).ready()
    await second.observe('tuya/result/#')
    const asker = await second.client()
    await second.publish(asker, 'cmd/bridge/ping', '1')
    await second.answer('bridge/ping')
    expect(second.simulator.journal.entries('command')).toEqual([])
    expect(second.on(`result/device/${lamp}`)).toEqual([])
  } finally {
    broker.close()
    server.close()
  }
})
