import { it } from 'vitest'
import type { DeviceEntry, WorldFile } from '../../src/simulator/world-file.ts'
import { Secret } from '../../src/util/secret.ts'
import { House } from '../support/house.ts'
import { configuredFleet, lanFleetWorld } from '../support/lan-fleet-world.ts'
import { until } from '../support/until.ts'

const { world, ids } = lanFleetWorld(3)
const lamp = ids[2] as string
const gateway = 'bfgw1'
const child = 'bfchild1'
const cid = 'a4c1380000000001'

/** The house with a gateway, and a lamp behind it. */
function gatewayWorld(): { readonly world: WorldFile; readonly behind: DeviceEntry } {
  const home = world.homes[0]?.id ?? ''
  const key = (world.devices[0]?.localKey ?? '').slice(0, 12)
  const own = { home, lan: { version: '3.4' } } as const
  const behind: DeviceEntry = {
    id: child,
    uuid: cid,
    name: 'Child',
    model: 'lamp_v2',
    home,
    localKey: `${key}7771`,
    gateway,
  }
  const hub: DeviceEntry = { ...own, id: gateway, name: 'Gateway', model: 'gateway', localKey: `${key}8881` }
  return { world: { ...world, devices: [...world.devices, hub, behind] }, behind }
}

const keyOf = (id: string, { devices }: WorldFile = world) =>
  new Secret(devices.find((device) => device.id === id)?.localKey ?? '')

const availability = (house: House, id: string) => house.on(`state/device/${id}/availability`).at(-1)?.payload

/** Its way is up, it is known to be on the LAN, and everybody is told that it is there. */
async function standsOnLan(house: House, id: string): Promise<void> {
  await until(() => house.bridge.inventory.device(id)?.lanUp, 10_000, 'known to be on the LAN')
  await until(() => availability(house, id) === 'online', 5_000, 'online')
  const path = () => (house.last(`state/device/${id}/paths`) as { lan?: { state?: string } } | undefined)?.lan
  await until(() => path()?.state === 'up', 5_000, 'its way being told')
}

it('I-3: LAN only: with another name for a point a device stays online, and says its value under that name', async () => {
  const devices = configuredFleet(world, [lamp])
  await using house = await House.open({
    lan: true,
    world,
    config: { tuya: null, lan: { devices } } as never,
  })
  await house.onLan(lamp)
  await house.observe()
  await house.quiet()
  await house.reload({
    lan: { devices: devices.map((one) => ({ ...one, points: { 20: 'light' } })) },
  } as never)
  await until(() => house.on(`state/device/${lamp}/dp/light`).length > 0, 10_000, 'the value under that name')
  await standsOnLan(house, lamp)
}, 60_000)

it('LAN only: what is behind a gateway stays online with another name for a point', async () => {
  const { world: wider } = gatewayWorld()
  const hub = { id: gateway, localKey: keyOf(gateway, wider) }
  const behind = { id: child, gateway, cid, points: { 20: 'switch_led' } }
  const config = { tuya: null, lan: { devices: [hub, behind] } }
  await using house = await House.open({ lan: true, world: wider, config: config as never })
  await house.onLan(gateway, child)
  await house.observe()
  await house.quiet()
  await house.reload({ lan: { devices: [hub, { ...behind, points: { 20: 'light' } }] } } as never)
  await until(
    () => house.on(`state/device/${child}/dp/light`).length > 0,
    10_000,
    'the value under that name',
  )
  await standsOnLan(house, child)
}, 60_000)

it('a device that leaves the account and comes back while the link to it stands is on the LAN', async () => {
  const devices = [{ id: lamp, localKey: keyOf(lamp) }]
  await using house = await House.open({ lan: true, world, config: { lan: { devices } } as never })
  await house.ready()
  await house.onLan(lamp)
  await house.observe()
  const { world: living } = house.simulator
  living.removeDevice(lamp)
  await until(() => !house.bridge.inventory.device(lamp), 15_000, 'the device gone')
  living.addDevice(world.devices.find(({ id }) => id === lamp) as DeviceEntry)
  await until(() => house.bridge.inventory.device(lamp), 20_000, 'the device back')
  await standsOnLan(house, lamp)
}, 90_000)

it('a device that answered before the account was read is on the LAN', async () => {
  const devices = [{ id: lamp, localKey: keyOf(lamp) }]
  const config = { lan: { devices } } as never
  await using house = await House.open({ lan: true, world, config, simulator: { faults: ['latency=2000'] } })
  await house.observe()
  await until(() => house.bridge.inventory.device(lamp), 30_000, 'the device listed')
  await standsOnLan(house, lamp)
}, 90_000)

it('a device that joins a gateway which is connected is on the LAN', async () => {
  const { world: wider, behind } = gatewayWorld()
  await using house = await House.open({ lan: true, world: wider })
  await house.ready()
  await house.onLan(gateway, child)
  await house.observe()
  const localKey = `${(behind.localKey ?? '').slice(0, 12)}7773`
  house.simulator.world.addDevice({
    ...behind,
    id: 'bfchild2',
    uuid: 'a4c1380000000002',
    name: 'Child 2',
    localKey,
  })
  await until(() => house.bridge.inventory.device('bfchild2'), 20_000, 'the device listed')
  await standsOnLan(house, 'bfchild2')
}, 90_000)
