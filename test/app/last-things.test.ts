import { expect, it } from 'vitest'
import { CloudHouse } from '../support/cloud-house.ts'

const minuteMs = 60_000
const cabin = '3182917'

/** Nothing is told; the lists alone say what somebody else did. What one misses, the next one a minute later decides. */
async function twoReadings(house: CloudHouse): Promise<void> {
  await house.pass(2 * minuteMs)
  const asked = house.cloud.sync.resync({ kind: 'all' })
  await house.pass(4 * minuteMs)
  await asked
}

const opened = async () => (await CloudHouse.open()).ready()

it('the last room and the last device of a home go when somebody else took them', async () => {
  await using house = await opened()
  const { world } = house.simulator
  const home = world.homes.get(cabin)
  if (!home) throw new Error('no cabin')
  for (const room of [...home.rooms.values()]) world.removeRoom(home, room)
  for (const device of world.devicesOf(cabin)) world.removeDevice(device.id)
  expect(house.inventory.roomsOf(cabin).length).toBeGreaterThan(0)
  await twoReadings(house)
  expect([house.inventory.roomsOf(cabin), house.inventory.devicesOf(cabin)]).toEqual([[], []])
  expect(house.inventory.homes.has(cabin)).toBe(true)
})

it('C14: lists that are empty by mistake take nothing away, and cost a few calls at most', async () => {
  await using house = await opened()
  const before = house.inventory.devices.size
  house.simulator.faults.set('empty-lists')
  await house.pass(5 * minuteMs)
  const at = house.clock.monotonic()
  await house.pass(60 * minuteMs)
  expect(house.inventory.devices.size).toBe(before)
  expect(house.http.since(at, '/v1.0/devices/').length).toBeLessThanOrEqual(2)
})

it('all homes at once stay: it may be the account that was taken away', async () => {
  await using house = await opened()
  const { world } = house.simulator
  const known = [...house.inventory.homes.keys()]
  for (const id of [...world.homes.keys()]) world.removeHome(id)
  await house.pass(13 * 60 * minuteMs)
  expect([...house.inventory.homes.keys()]).toEqual(known)
})
