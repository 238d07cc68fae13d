import { expect, it } from 'vitest'
import { Secret } from '../../src/util/secret.ts'
import { BrokerBench, roundTrip } from '../support/broker.ts'
import { canaries } from '../support/canary.ts'
import { as, granted, rawAs, users } from '../support/guests.ts'
import { House } from '../support/house.ts'
import { connectPacket } from '../support/raw-client.ts'
import { until } from '../support/until.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const lamp = 'bf3c9a7d41e0b2f6aaw1vn'

it('attack 1: without credentials nobody comes in', async () => {
  await using bench = await BrokerBench.open({ users })
  for (const options of [
    {},
    { username: 'anna' },
    { username: '', password: '' },
    { username: 'dp2mqtt', password: '' },
  ])
    expect(await bench.refusal(options)).toBe(5)
})

it('attack 2: of 1,000 guesses five are looked at; even the right one is refused until the minute is over', async () => {
  const clock = new VirtualClock()
  await using bench = await BrokerBench.open({ users, clock })
  const guess = async (i: number) => {
    const client = await bench.raw()
    const password = Buffer.from(i === 500 ? 'a-password' : `guess ${i}`)
    client.send(connectPacket({ username: 'anna', password }))
    await client.closes()
    return client.of('connack')[0]?.returnCode
  }
  for (let i = 0; i < 1_000; i += 20) {
    const codes = await Promise.all(Array.from({ length: 20 }, (_, n) => guess(i + n)))
    expect(codes).toEqual(Array(20).fill(5))
  }
  expect(bench.broker.refused.login).toBe(1_000)
  expect(await bench.refusal(as('anna'))).toBe(5)
  await clock.advance(60_000)
  expect(await bench.refusal(as('anna'))).toBe(0)
}, 60_000)

it('attack 3: a user without the right to command commands nothing', async () => {
  const password = new Secret(canaries.mqttPassword)
  const user = (name: string, role: string) => ({ name, role, password, read: [], write: [] })
  await using house = await (
    await House.open({
      config: { broker: { users: [user('dora', 'dashboard'), user('carl', 'controller')] } } as never,
    })
  ).ready()
  const before = house.simulator.world.device(lamp).status.get('switch_led')
  const dora = await house.client({ username: 'dora', password: canaries.mqttPassword })
  const carl = await house.client({ username: 'carl', password: canaries.mqttPassword })
  for (const topic of [`device/${lamp}/dp/switch_led`, `device/${lamp}`, 'bridge/ping', 'op/device-get'])
    await house.publish(dora, `cmd/${topic}`, 'toggle')
  for (const topic of ['op/device-commands', 'bridge/republish', 'named/device/desk_lamp/dp/switch_led'])
    await house.publish(carl, `cmd/${topic}`, 'toggle')
  await roundTrip(dora, carl)
  expect(house.simulator.journal.entries('command')).toEqual([])
  // The controller's own commands work, and prove that the others would have.
  await house.publish(carl, `cmd/device/${lamp}/dp/switch_led`, before ? 'off' : 'on')
  await until(() => house.simulator.world.device(lamp).status.get('switch_led') === !before)
  expect(house.simulator.journal.entries('command')).toHaveLength(1)
})

it('attack 4: wide filters show nothing that the user may not read', async () => {
  await using bench = await BrokerBench.open({ users })
  const dora = await bench.rawConnected(rawAs('dora'))
  const filters = [
    '#',
    '+/#',
    'tuya/+/+',
    'tuya/#',
    '+/cmd/#',
    '$share/g/#',
    '$share/g/tuya/cmd/#',
    '$SYS/#',
    '+/+/+/+',
    '/#',
  ]
  expect(await granted(dora, ...filters)).toEqual(filters.map(() => 128))
  const anna = await bench.client(as('anna'))
  const link = await bench.link()
  for (const topic of [
    'tuya/cmd/device/bf1',
    'tuya/result/device/bf1',
    'tuya/reply/carl/1',
    'tuya/bridge/catalog',
  ])
    link.publish({ topic, payload: 'private', qos: 1, retain: false }, () => {})
  await anna.publishAsync('tuya/cmd/device/bf1', 'private', { qos: 1 })
  dora.send({ cmd: 'pingreq' })
  await until(() => dora.of('pingresp').length === 1)
  expect(dora.of('publish')).toEqual([])
})

it('attack 5: what is retained on a denied topic is not read by a broader filter', async () => {
  await using bench = await BrokerBench.open({ users })
  const link = await bench.link()
  const retain = (topic: string) =>
    new Promise((resolve) => link.publish({ topic, payload: 'kept', qos: 1, retain: true }, resolve))
  await retain('tuya/state/device/bf1')
  await retain('tuya/bridge/catalog')
  await retain('neighbour/secret')
  const dora = await bench.rawConnected(rawAs('dora'))
  await granted(dora, 'tuya/state/#', 'tuya/bridge/+', '#', '+/secret', 'neighbour/#', 'tuya/bridge/catalog')
  await until(() => dora.of('publish').length > 0)
  dora.send({ cmd: 'pingreq' })
  await until(() => dora.of('pingresp').length === 1)
  expect(dora.of('publish').map(({ topic }) => topic)).toEqual(['tuya/state/device/bf1'])
})

it('attack 6: a will on a denied topic is told to nobody and kept nowhere', async () => {
  await using bench = await BrokerBench.open({ users })
  const heard: string[] = []
  const link = await bench.link(({ topic }) => heard.push(topic))
  await link.subscribe('#', { qos: 1 })
  for (const topic of [
    'tuya/cmd/device/bf1',
    'tuya/bridge/state',
    '$SYS/x',
    'neighbour/x',
    'tuya/reply/carl/x',
  ]) {
    const will = { topic, payload: Buffer.from('offline'), qos: 1 as const, retain: true }
    const dora = await bench.rawConnected({ ...rawAs('dora'), will })
    dora.socket.destroy()
  }
  await until(() => bench.broker.refused.publish === 5)
  expect(heard.filter((topic) => !topic.startsWith('$'))).toEqual([])
  expect(bench.broker.retained.topics).toBe(0)
})

it('attack 7: nobody takes the place of the bridge or of another user', async () => {
  await using bench = await BrokerBench.open({ users })
  const heard: string[] = []
  const bridge = await bench.link(({ topic }) => heard.push(topic))
  await bridge.subscribe('tuya/cmd/#', { qos: 2 })
  const anna = await bench.client({ ...as('anna'), clientId: 'panel' })
  const impostor = await bench.client({ ...as('dora'), clientId: 'dp2mqtt-main' })
  expect(await bench.refusal({ ...as('dora'), clientId: 'panel' })).toBe(5)
  expect(await bench.refusal({ username: 'anna', password: 'guess', clientId: 'panel' })).toBe(5)
  await anna.publishAsync('tuya/cmd/bridge/ping', '1', { qos: 1 })
  await until(() => heard.length === 1)
  expect(anna.connected && impostor.connected).toBe(true)
})
