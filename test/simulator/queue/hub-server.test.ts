import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { afterEach, describe, expect, it } from 'vitest'
import { OpenHubDecoder } from '../../../src/codec/queue/open-hub.ts'
import type { PushGrant } from '../../../src/simulator/cloud/push-access.ts'
import { Simulator, type SimulatorOptions } from '../../../src/simulator/simulator.ts'
import { demoWorld } from '../../../src/simulator/world-file.ts'
import { makeCertificate } from '../../support/certificate.ts'
import { demo } from '../../support/simulator-desk.ts'
import { until } from '../../support/until.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const open: MqttClient[] = []
let running: Simulator | undefined

afterEach(async () => {
  for (const client of open.splice(0)) await client.endAsync(true)
  await running?.[Symbol.asyncDispose]()
  running = undefined
})

async function start(options: Partial<SimulatorOptions> = {}) {
  const simulator = new Simulator({ world: demoWorld(), alive: false, seed: 1, ...options })
  running = simulator
  await simulator.start()
  return simulator
}

function grantOf(simulator: Simulator, link = 'one') {
  return simulator.cloud.pushAccess.grant(demo.uid, link, '2.0')
}

async function connect(simulator: Simulator, grant: PushGrant, options: IClientOptions = {}) {
  const url = (simulator.cloud.pushAccess.url ?? '').replace(/^tcp:/, 'mqtt:').replace(/^ssl:/, 'mqtts:')
  const client = mqtt.connect(url, {
    clientId: grant.clientId,
    username: grant.username,
    password: grant.password,
    reconnectPeriod: 0,
    ...options,
  })
  open.push(client)
  const came: { readonly topic: string; readonly text: string; readonly qos: number }[] = []
  client.on('message', (topic, payload, { qos }) => came.push({ topic, text: payload.toString(), qos }))
  await new Promise<void>((resolve, reject) => {
    client.once('connect', () => resolve())
    client.once('error', reject)
  })
  return { client, came }
}

describe('the Open Hub on its port', () => {
  it('delivers to whoever was granted access and subscribed, with quality 0', async () => {
    const simulator = await start()
    const grant = grantOf(simulator)
    const { client, came } = await connect(simulator, grant)
    simulator.world.setOnline(demo.lamp, false)
    await client.subscribeAsync(grant.topic, { qos: 1 })
    simulator.world.setOnline(demo.lamp, true)
    await until(() => came.length > 0)
    const decoder = new OpenHubDecoder({ password: grant.password, version: '2.0', unverified: 'reject' })
    expect(came.map(({ topic, qos, text }) => [topic, qos, decoder.decode(text, 0).body['bizCode']])).toEqual(
      [[grant.topic, 0, 'online']],
    )
  })

  it.each([
    ['an unknown client', { clientId: 'cloud_somebody' }],
    ['a wrong name', { username: 'somebody' }],
    ['a wrong password', { password: 'x' }],
  ])('refuses %s with 5', async (_who, wrong) => {
    const simulator = await start()
    await expect(connect(simulator, grantOf(simulator), wrong)).rejects.toMatchObject({ code: 5 })
    expect(simulator.journal.entries('queue', 'hub-refuse')).toHaveLength(1)
  })

  it('refuses what an older grant of the link said', async () => {
    const simulator = await start()
    const old = grantOf(simulator)
    await connect(simulator, grantOf(simulator))
    await expect(connect(simulator, old)).rejects.toMatchObject({ code: 5 })
  })

  it('gives nobody another one’s topic, and takes no messages', async () => {
    const simulator = await start()
    const [mine, other] = [grantOf(simulator), grantOf(simulator, 'two')]
    const { client } = await connect(simulator, mine)
    await connect(simulator, other)
    await expect(client.subscribeAsync(other.topic)).rejects.toThrow()
    await expect(client.subscribeAsync('#')).rejects.toThrow()
    await client.subscribeAsync(mine.topic)
    await client.publishAsync(mine.topic, 'hello', { qos: 1, retain: true })
    const { came } = await connect(simulator, other)
    expect(came).toEqual([])
    expect(client.connected).toBe(true)
  })

  it('lets one of two with one id in, the later one', async () => {
    const simulator = await start()
    const grant = grantOf(simulator)
    const { client: first } = await connect(simulator, grant)
    const { client: second } = await connect(simulator, grant)
    await until(() => !first.connected)
    expect(second.connected).toBe(true)
    await until(() => simulator.hub.sessions === 1)
  })

  it('queues nothing for one who is away', async () => {
    const simulator = await start()
    const grant = grantOf(simulator)
    const { client } = await connect(simulator, grant, { clean: false })
    await client.subscribeAsync(grant.topic, { qos: 1 })
    await client.endAsync(true)
    await until(() => simulator.hub.sessions === 0)
    simulator.world.setOnline(demo.lamp, false)
    const { client: again, came } = await connect(simulator, grant, { clean: false })
    await again.subscribeAsync(grant.topic)
    simulator.world.setOnline(demo.lamp, true)
    await until(() => came.length > 0)
    expect(came).toHaveLength(1)
  })

  it('cuts the line when the grant ends', async () => {
    const clock = new VirtualClock()
    const simulator = await start({ clock, faults: ['hub-expire=60'] })
    const { client } = await connect(simulator, grantOf(simulator))
    await clock.advance(60_000)
    await until(() => !client.connected)
    expect(simulator.journal.entries('queue', 'hub-expire')).toHaveLength(1)
  })

  it('speaks TLS when the queue does', async () => {
    const { certPem, keyPem } = makeCertificate()
    const simulator = await start({ queueTls: { cert: certPem, key: keyPem } })
    expect(simulator.cloud.pushAccess.url).toMatch(/^ssl:/)
    const { client } = await connect(simulator, grantOf(simulator), { ca: certPem })
    expect(client.connected).toBe(true)
  })
})
