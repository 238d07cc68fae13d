import type { AddressInfo } from 'node:net'
import { createServer as createSecureServer } from 'node:tls'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { HubConfig } from '../../../src/transport/queue/hub-config.ts'
import type { HubSocket, HubSocketOptions } from '../../../src/transport/queue/hub-socket.ts'
import { QueueLinkError } from '../../../src/transport/queue/link-error.ts'
import { mqttOpener } from '../../../src/transport/queue/mqtt-socket.ts'
import { Secret } from '../../../src/util/secret.ts'
import { makeCertificate } from '../../support/certificate.ts'
import { FakeBroker } from '../../support/fake-broker.ts'
import { Loopback } from '../../support/loopback.ts'
import { until } from '../../support/until.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

let broker: FakeBroker
let heard: string[]
let sockets: HubSocket[]

beforeEach(async () => {
  broker = await FakeBroker.open()
  heard = []
  sockets = []
})

afterEach(async () => {
  for (const socket of sockets) await socket.close(goodbye)
  await broker.stop()
})

const goodbye = new QueueLinkError('stopped', 'the test is over')

function wishes(changes: Partial<HubConfig> = {}, wanted: Partial<HubSocketOptions> = {}): HubSocketOptions {
  return {
    config: {
      url: broker.url,
      clientId: 'cloud_1',
      username: 'cloud_1_1',
      password: new Secret('00112233445566778899aabbccddeeff'),
      topics: ['cloud/token/in/1', 'cloud/token/in/2'],
      lifetimeMs: 7_200_000,
      ...changes,
    },
    onMessage: (payload) => heard.push(Buffer.from(payload).toString()),
    signal: new AbortController().signal,
    ...wanted,
  }
}

async function connect(changes: Partial<HubConfig> = {}, clock?: VirtualClock): Promise<HubSocket> {
  const socket = await mqttOpener({ insecure: false }, clock)(wishes(changes))
  sockets.push(socket)
  return socket
}

it('connects with 3.1.1, a clean session and what the configuration says, and subscribes at QoS 0', async () => {
  await connect()
  expect(broker.connects).toHaveLength(1)
  expect(broker.connects[0]).toMatchObject({
    protocolVersion: 4,
    clean: true,
    clientId: 'cloud_1',
    username: 'cloud_1_1',
    keepalive: 25,
  })
  expect(String(broker.connects[0]?.password)).toBe('00112233445566778899aabbccddeeff')
  expect(broker.subscribed.map(({ topic, qos }) => [topic, qos])).toEqual([
    ['cloud/token/in/1', 0],
    ['cloud/token/in/2', 0],
  ])
})

it('hands on what comes, until it ends', async () => {
  const socket = await connect()
  broker.say('cloud/token/in/1', 'a')
  broker.say('cloud/token/in/2', 'b')
  await until(() => heard.length === 2)
  expect(heard).toEqual(['a', 'b'])
  await socket.close(goodbye)
  expect((await socket.ended).end).toBe('stopped')
  await until(() => broker.connected === 0)
})

it.each([
  [3, 'unavailable'],
  [4, 'credentials'],
  [5, 'credentials'],
  [2, 'refused'],
] as const)('CONNACK %i is told as %s, and nobody tries again', async (code, end) => {
  broker.script.connack = () => code
  await expect(connect()).rejects.toMatchObject({ end })
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(broker.connects).toHaveLength(1)
})

it('a topic that is refused is no connection', async () => {
  broker.script.suback = ({ topic }) => (topic.endsWith('2') ? 128 : 0)
  await expect(connect()).rejects.toMatchObject({ end: 'permission' })
  await until(() => broker.connected === 0)
})

it.each([
  ['that hangs up', () => 'hang-up' as const, 'closed'],
  ['that speaks something else', () => Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), 'protocol'],
])('a hub %s is told', async (_what, connack, end) => {
  broker.script.connack = connack
  await expect(connect()).rejects.toMatchObject({ end })
})

it('a hub that is not there is told', async () => {
  const { url } = broker
  await broker.stop()
  await expect(connect({ url })).rejects.toMatchObject({ end: 'unreachable' })
})

it('a connection that is lost ends, and the library does not bring it back', async () => {
  const socket = await connect()
  broker.cut()
  expect((await socket.ended).end).toBe('closed')
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(broker.connects).toHaveLength(1)
})

it('bytes that are no MQTT end the connection', async () => {
  const socket = await connect()
  broker.sendBytes(Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff]))
  expect((await socket.ended).end).toBe('protocol')
})

it('a packet that is too short for its id ends the connection, and not the process', async () => {
  const socket = await connect()
  broker.sendBytes(Buffer.from([0x32, 0x03, 0x00, 0x01, 0x61]))
  expect((await socket.ended).end).toBe('protocol')
})

it('a message that does not end is given up after a MiB', async () => {
  const socket = await connect()
  // PUBLISH that announces 200 MB.
  broker.sendBytes(Buffer.from([0x30, 0x80, 0xaf, 0xd0, 0x5f, 0x00, 0x01, 0x61]))
  const piece = Buffer.alloc(64 * 1024, 0x61)
  for (let i = 0; i < 17; i++) broker.sendBytes(piece)
  expect((await socket.ended).end).toBe('too-large')
  expect(heard).toEqual([])
})

it('many messages are not one long one', async () => {
  await connect()
  const payload = 'x'.repeat(100_000)
  for (let i = 0; i < 50; i++) broker.say('cloud/token/in/1', payload)
  await until(() => heard.length === 50)
})

it.each([
  ['CONNECT', () => ({ connack: () => 'silence' as const })],
  ['SUBSCRIBE', () => ({ suback: () => 'silence' as const })],
])('a hub that does not answer %s is given up after 15 s', async (_what, script) => {
  Object.assign(broker.script, script())
  const clock = new VirtualClock()
  const refused = expect(connect({}, clock)).rejects.toMatchObject({ end: 'timeout' })
  await until(() => broker.connects.length === 1)
  await new Promise((resolve) => setTimeout(resolve, 50))
  await clock.advance(15_000)
  await refused
  expect(clock.waiting).toBe(0)
})

it('gives up connecting when asked to', async () => {
  await using server = await Loopback.plain((socket) => socket.resume())
  const life = new AbortController()
  const options = wishes({ url: `mqtt://127.0.0.1:${server.port}` }, { signal: life.signal })
  const refused = expect(mqttOpener({ insecure: false })(options)).rejects.toMatchObject({ end: 'stopped' })
  await until(() => server.sockets.size === 1)
  life.abort()
  await refused
  await until(() => server.sockets.size === 0)
  await expect(mqttOpener({ insecure: false })(options)).rejects.toThrow()
})

it('a goodbye that nobody hears is over after a second', async () => {
  const clock = new VirtualClock()
  const socket = await connect({}, clock)
  broker.blackhole()
  const closing = socket.close(goodbye)
  await clock.advance(1_000)
  await closing
  expect((await socket.ended).end).toBe('stopped')
})

it('looks at certificates', async () => {
  const { keyPem, certPem } = makeCertificate()
  const server = createSecureServer({ key: keyPem, cert: certPem }, (socket) => socket.on('error', () => {}))
  server.on('tlsClientError', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `mqtts://localhost:${(server.address() as AddressInfo).port}`
  await expect(connect({ url })).rejects.toMatchObject({ end: 'certificate' })
  await new Promise<void>((resolve) => server.close(() => resolve()))
})
