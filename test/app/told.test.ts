import { describe, expect, it } from 'vitest'
import { CloudHouse } from '../support/cloud-house.ts'
import { tell } from '../support/queue-message.ts'

const home = '3182004'
const cabin = '3182917'
const lamp = 'bf3c9a7d41e0b2f6aaw1vn'

/** The demo's house, read; lists are not due for an hour. */
async function opened(): Promise<CloudHouse> {
  return (await CloudHouse.open({ pollSeconds: 3_600 })).ready()
}

/** What was asked for until everything that was told has been looked at. */
async function asked(house: CloudHouse, ...messages: Parameters<CloudHouse['cloud']['told']>[0][]) {
  const before = house.http.made.length
  for (const message of messages) house.cloud.told(message)
  await house.pass(5_000)
  return house.http.made.slice(before).map(({ path }) => path)
}

describe('what the queue tells, against the simulated cloud', () => {
  it('a renamed device', async () => {
    await using house = await opened()
    house.simulator.world.rename(lamp, 'Reading lamp')
    expect(await asked(house, tell.renamed(lamp), tell.renamed(lamp))).toEqual([`/v1.0/devices/${lamp}`])
    expect(house.inventory.device(lamp)?.device.name).toBe('Reading lamp')
  })

  it('a device that came, with its specification and its details', async () => {
    await using house = await opened()
    house.simulator.world.addDevice({ id: 'bfnew', name: 'New lamp', model: 'lamp_v2', home })
    expect(await asked(house, tell.bound('bfnew', home))).toEqual(['/v1.0/devices/bfnew'])
    const record = house.inventory.device('bfnew')
    expect(record?.device).toMatchObject({ homeId: home, product: { name: expect.stringMatching(/./) } })
    expect(record?.specification?.points.has('bright_value_v2')).toBe(true)
    expect(record?.state.get('switch_led')).toBeDefined()
  })

  it('a device that went goes within two seconds, and one that did not stays', async () => {
    await using house = await opened()
    house.cloud.told(tell.unbound(lamp))
    await house.pass(2_000)
    expect(house.inventory.device(lamp)).toBeDefined()
    house.simulator.world.removeDevice(lamp)
    house.cloud.told(tell.unbound(lamp))
    await house.pass(2_000)
    expect(house.inventory.device(lamp)).toBeUndefined()
  })

  it('rooms and homes that come, change and go', async () => {
    await using house = await opened()
    const { world } = house.simulator
    const { inventory } = house
    const it = world.homes.get(cabin)
    if (!it) throw new Error('no cabin')
    const room = world.addRoom(it, 'Sauna')
    await asked(house, tell.home(cabin, 'room_created'))
    expect(inventory.rooms.get(room.id)?.name).toBe('Sauna')
    world.removeRoom(it, room)
    expect((await asked(house, tell.home(cabin, 'room_deleted'))).length).toBeLessThanOrEqual(2)
    expect(inventory.rooms.has(room.id)).toBe(false)
    world.changeHome(it, { name: 'Hut' })
    expect(await asked(house, tell.home(cabin, 'updated'))).toEqual([`/v1.0/homes/${cabin}`])
    expect(inventory.homes.get(cabin)?.name).toBe('Hut')
    world.removeHome(cabin)
    expect(await asked(house, tell.home(cabin, 'deleted'))).toEqual([`/v1.0/homes/${cabin}`])
    expect([inventory.homes.has(cabin), inventory.devicesOf(cabin)]).toEqual([false, []])
    expect(await asked(house)).toEqual([])
  })

  it('an upgrade has the versions read once a word', async () => {
    await using house = await opened()
    const calls = await asked(house, tell.upgrade(lamp, '2'), tell.upgrade(lamp, '2'))
    expect(calls).toEqual([`/v1.0/devices/${lamp}/upgrade-infos`])
  })

  it('a renamed point, whether the device has channels, points of its own, or neither', async () => {
    await using house = await opened()
    const { world } = house.simulator
    for (const [id, code, path] of [
      ['bf9e22b7c6d14f50a1xz3m', 'switch_1', '/multiple-names'],
      ['bf5b8310dfe2a947c3jy2h', 'switch_1', '/shadow/properties'],
      [lamp, 'switch_led', '/shadow/properties'],
    ] as const) {
      const device = world.device(id)
      const dp = device.model.dps.find((one) => one.code === code)
      if (!dp) throw new Error(`no ${code}`)
      world.renamePoint(device, dp, 'Named anew')
      const calls = await asked(house, tell.pointRenamed(id, dp.id))
      expect([calls.length, calls[0]], id).toEqual([1, expect.stringContaining(path)])
      expect(house.inventory.specification(id)?.points.get(code)?.name, id).toBe('Named anew')
    }
  })

  it('I-13: is looked at with the calls that reading may use, and no others', async () => {
    await using house = await opened()
    const { budget } = house.cloud
    while (budget.left('reconcile') > 0) budget.spend('reconcile')
    expect(await asked(house, tell.renamed(lamp), tell.home(home, 'updated'))).toEqual([])
    expect(budget.left('command')).toBeGreaterThan(0)
  })
})
