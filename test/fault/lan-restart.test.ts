import { expect, it } from 'vitest'
import { memoryDisk } from '../../src/app/demo.ts'
import { House } from '../support/house.ts'
import { configuredFleet, lanFleetWorld } from '../support/lan-fleet-world.ts'
import { until } from '../support/until.ts'

const { world, ids } = lanFleetWorld(5)
const [lamp = ''] = ids

async function switchedOn(house: House): Promise<Record<string, unknown>> {
  await house.observe('tuya/#')
  await house.quiet()
  const client = await house.client()
  await house.publish(client, `cmd/device/${lamp}/dp/switch_led`, 'true')
  return house.answer(`device/${lamp}`)
}

it('a house whose internet is gone keeps its LAN through a restart', async () => {
  const disk = memoryDisk()
  {
    await using first = await House.open({ lan: true, world, disk })
    await first.ready()
    await first.onLan(...ids)
  }
  await using second = await House.open({
    lan: true,
    world,
    disk,
    simulator: { faults: ['internet=refuse'] },
  })
  await second.onLan(...ids)
  expect(await switchedOn(second)).toMatchObject({ state: 'confirmed', path: 'lan' })
  expect(second.on(`state/device/${lamp}/availability`).at(-1)?.payload).toBe('online')
})

it('whoever does not want keys kept has none on disk', async () => {
  const disk = memoryDisk()
  const kept = () => disk.read('data/lan-keys.json').then(String, () => undefined)
  const run = async (keepKeys: boolean) => {
    await using house = await House.open({ lan: true, world, disk, config: { lan: { keepKeys } } as never })
    await house.ready()
    await house.onLan(...ids)
  }
  await run(true)
  expect(await kept()).toContain(lamp)
  await run(false)
  expect(await kept()).toBeUndefined()
})

it('without any account devices are what the configuration says, and what they say of themselves', async () => {
  await using house = await House.open({
    lan: true,
    world,
    config: { tuya: null, queue: { channel: 'off' }, lan: { devices: configuredFleet(world, ids) } } as never,
  })
  await house.onLan(...ids)
  expect(await switchedOn(house)).toMatchObject({ state: 'confirmed', path: 'lan' })
  expect(house.bridge.ready).toBe(true)
  expect(house.last(`meta/device/${lamp}`)).toMatchObject({ home: 'lan', paths: ['lan'] })
  const bright = () => house.bridge.inventory.device(lamp)?.state.get('dp_22')?.value
  await until(() => bright() !== undefined, 5_000, 'a point that nobody named')
  house.simulator.world.report(lamp, { bright_value_v2: 612 })
  await until(() => bright() === 612, 5_000, 'what it says of itself')
  const client = await house.client()
  await house.publish(client, `cmd/device/${lamp}/dp/dp_22`, '613')
  expect(await house.answer(`device/${lamp}`, 2)).toMatchObject({ state: 'confirmed', path: 'lan' })
  expect(house.simulator.world.device(lamp).status.get('bright_value_v2')).toBe(613)
})
