import { expect, it } from 'vitest'
import { demoWorld } from '../../src/simulator/world-file.ts'
import { House } from '../support/house.ts'
import { until } from '../support/until.ts'

const model = 'contact'
const point = 'doorcontact_state'
const id = 'bfnobodyknowswhatitis1'

/** Without a device of the model nobody has read what its points mean. */
function worldWithoutModel() {
  const world = demoWorld()
  return { ...world, devices: world.devices.filter((device) => device.model !== model) }
}

it('I-1: what a device says that nobody describes is told as it was sent, and understood when it is described', async () => {
  await using house = await (await House.open({ world: worldWithoutModel() })).ready()
  const { simulator, bridge } = house
  const { world, faults, queue } = simulator
  await house.observe()
  const device = world.addDevice({ id, name: 'Riddle', model, home: demoWorld().homes[0]?.id ?? '' })
  // A device that has never said anything: its list carries no values, which would describe it in part.
  device.status.clear()
  faults.set('error=device-specifications-v1-1:500')
  await until(() => bridge.inventory.device(id) !== undefined, 20_000, 'the device being known')
  world.report(id, { [point]: true })
  const told = () => house.on('event/queue/protocol_4').map(({ payload }) => JSON.parse(payload))
  await until(() => told().length > 0, 20_000, 'the report being told as it was sent')
  expect(bridge.inventory.specification(id)).toBeUndefined()
  expect(told()).toEqual([
    expect.objectContaining({
      device: id,
      data: { points: [expect.objectContaining({ code: point, value: true })] },
    }),
  ])
  expect(JSON.parse(house.on('last/queue/protocol_4').at(-1)?.payload ?? '').data).toEqual({ points: null })
  await until(() => queue.backlog() === 0, 5_000, 'its acknowledgement')
  const values = () => house.on(`state/device/${id}/dp/${point}`).map(({ payload }) => payload)
  expect(values()).toEqual([])
  faults.clear('error')
  await until(() => values().length > 0, 90_000, 'the value')
  expect(values()).toEqual(['true'])
  expect(told()).toHaveLength(1)
}, 180_000)
