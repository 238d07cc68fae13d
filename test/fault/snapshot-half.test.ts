import { expect, it } from 'vitest'
import { memoryDisk } from '../../src/app/demo.ts'
import type { SnapshotDisk } from '../../src/app/snapshot-file.ts'
import { House } from '../support/house.ts'
import { until } from '../support/until.ts'

const lamp = 'bf3c9a7d41e0b2f6aaw1vn'
const outOfReach = 'latency=60000'

/** A bridge that stops in the midst of its first reading: what it leaves names the devices, and describes few or none. */
async function readInPart(disk: SnapshotDisk): Promise<void> {
  await using house = await House.open({ disk })
  const { devices } = house.bridge.inventory
  await until(() => devices.size > 0, 20_000, 'devices')
  house.simulator.faults.set(outOfReach)
  await house.bridge.saveNow()
  expect([...devices.values()].filter(({ specification }) => !specification)).not.toEqual([])
}

it('I-1: on a house that was read in part the queue waits for the cloud, and acknowledges nothing before', async () => {
  const disk = memoryDisk()
  await readInPart(disk)
  await using house = await House.open({ disk, simulator: { faults: [outOfReach] } })
  const { bridge, simulator } = house
  await house.observe()
  await until(() => bridge.health.links.mqtt.state === 'up', 20_000, 'the broker')
  expect(bridge.inventory.devices.size).toBeGreaterThan(0)
  simulator.queue.subscribe('sub')
  for (const brightness of [100, 200, 300]) simulator.world.report(lamp, { bright_value_v2: brightness })
  // Where it is opened at once that is a matter of milliseconds.
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  expect(simulator.journal.entries('queue')).toEqual([])
  expect(simulator.queue.backlog()).toBe(3)
  simulator.faults.clear('latency')
  await until(() => simulator.queue.backlog() === 0, 90_000, 'the queue being read')
  await house.quiet()
  const told = house.on(`event/device/${lamp}/report`).map(({ payload }) => JSON.parse(payload).data.dp)
  expect(told).toEqual([100, 200, 300].map((bright_value_v2) => ({ bright_value_v2 })))
})

it('a house that was read once hears the queue also while the cloud is out of reach', async () => {
  const disk = memoryDisk()
  {
    await using house = await (await House.open({ disk })).ready()
    await house.bridge.saveNow()
  }
  await using house = await House.open({ disk, simulator: { faults: [outOfReach] } })
  await house.observe()
  await until(() => house.bridge.health.links.queue.state === 'up', 20_000, 'the queue')
  house.simulator.world.report(lamp, { bright_value_v2: 100 })
  await until(() => house.on(`event/device/${lamp}/report`).length === 1, 20_000, 'the report')
  expect(house.bridge.ready).toBe(false)
})
