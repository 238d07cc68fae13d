import { afterAll, beforeAll, expect, it } from 'vitest'
import { memoryDisk } from '../../src/app/demo.ts'
import { BrokerProcess } from '../support/broker-process.ts'
import { House, type HouseOptions } from '../support/house.ts'
import { configuredFleet, lanFleetWorld } from '../support/lan-fleet-world.ts'
import { until } from '../support/until.ts'

const { world, ids } = lanFleetWorld(2)
const [lamp = '', other = ''] = ids

let broker: BrokerProcess

beforeAll(async () => {
  broker = await BrokerProcess.open()
})

afterAll(() => broker[Symbol.asyncDispose]())

interface Setup extends Pick<HouseOptions, 'disk' | 'simulator'> {
  readonly base: string
  readonly configured?: readonly string[]
}

/** A house that no account knows, on a broker that outlives it. */
function open({ base, configured = ids, ...rest }: Setup): Promise<House> {
  return House.open({
    lan: true,
    world,
    config: {
      tuya: null,
      queue: { channel: 'off' },
      lan: { devices: configuredFleet(world, configured) },
      mqtt: { url: broker.url, base },
    } as never,
    ...rest,
  })
}

it('R-S2: without an account the state is saved too, and nobody is told that it cannot be', async () => {
  const disk = memoryDisk()
  {
    await using house = await open({ base: 'saved', disk })
    await house.onLan(...ids)
    await house.observe()
    await house.bridge.saveNow()
    await house.quiet()
    expect(house.on('bridge/error')).toEqual([])
  }
  expect(String(await disk.read('data/snapshot.json'))).toContain(lamp)
})

it('R-S2: what devices without an account said last is there after a restart at which they are away', async () => {
  const disk = memoryDisk()
  {
    await using house = await open({ base: 'first', disk })
    await house.onLan(...ids)
    await until(() => house.bridge.inventory.device(lamp)?.state.get('dp_22'), 5_000, 'a value')
  }
  await using house = await open({ base: 'second', disk, simulator: { lan: undefined } as never })
  await house.observe()
  await until(() => house.last(`state/device/${lamp}`)?.['dp'], 5_000, 'the document')
  expect(house.last(`state/device/${lamp}`)).toMatchObject({
    stale: true,
    source: 'snapshot',
    dp: { switch_led: expect.anything(), dp_22: expect.anything() },
  })
})

it('a point with nothing but a number can be written after a restart, whoever told of it first', async () => {
  {
    await using house = await open({ base: 'numbers' })
    await house.onLan(...ids)
    await house.observe()
    await until(() => house.on(`state/device/${lamp}/dp/dp_22`).length > 0, 5_000, 'a value')
  }
  await using house = await open({ base: 'numbers' })
  const client = await house.observe()
  await house.onLan(...ids)
  await until(() => house.bridge.health.links.mqtt.state === 'up', 10_000, 'the broker')
  await house.publish(client, `cmd/device/${lamp}/dp/dp_22`, '613')
  expect(await house.answer(`device/${lamp}`)).toMatchObject({ state: 'confirmed', path: 'lan' })
})

it('I-3: a device that the configuration does not name after a restart leaves nothing behind', async () => {
  {
    await using house = await open({ base: 'fewer' })
    await house.onLan(...ids)
    await until(() => house.bridge.health.queues['outbox'] === 0, 5_000, 'an empty outbox')
  }
  await using house = await open({ base: 'fewer', configured: [lamp] })
  await house.onLan(lamp)
  const retained = async () => {
    house.seen.length = 0
    const client = await house.observe()
    await house.quiet()
    client.end(true)
    return house.seen.filter(({ retain, payload }) => retain && payload !== '').map(({ topic }) => topic)
  }
  await until(() => house.bridge.health.links.mqtt.state === 'up', 10_000, 'the broker')
  for (let tries = 0; tries < 20; tries++)
    if (!(await retained()).some((topic) => topic.includes(other))) break
  const left = await retained()
  expect(left.filter((topic) => topic.includes(other))).toEqual([])
  expect(left).toContain(`fewer/state/device/${lamp}`)
  expect(left).toContain('fewer/meta/home/lan')
})
