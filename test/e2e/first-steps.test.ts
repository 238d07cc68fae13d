import { expect, it } from 'vitest'
import { House } from '../support/house.ts'

const lamp = 'bf3c9a7d41e0b2f6aaw1vn'
const plug = 'bf5b8310dfe2a947c3jy2h'

it('a fresh house shows every home, room, device and data point as retained topics', async () => {
  await using house = await (await House.open()).ready()
  await house.observe()
  await house.quiet()
  expect(house.on('bridge/state').at(-1)).toMatchObject({ payload: 'online', retain: true })
  expect(house.last('meta/home/3182004')).toMatchObject({ name: 'Home', devices: 18 })
  expect(house.last('meta/room/1408001')?.['devices']).toContain(lamp)
  expect(house.last(`meta/device/${lamp}`)).toMatchObject({
    name: 'Desk lamp',
    slug: 'desk_lamp',
    roomName: 'Living room',
  })
  expect(house.on(`state/device/${lamp}/dp/work_mode`).at(-1)?.payload).toBe('white')
  expect(house.last(`state/device/${plug}`)?.['dp']).toMatchObject({ cur_voltage: 229.7, fault: [] })
})

it('a command changes the simulated device, the state follows, and the receipt says confirmed', async () => {
  await using house = await (await House.open()).ready()
  const client = await house.observe()
  await house.publish(client, `cmd/device/${lamp}/dp/bright_value_v2`, '800')
  expect(await house.answer(`device/${lamp}`)).toMatchObject({
    state: 'confirmed',
    ok: true,
    final: true,
    by: 'report',
    path: 'cloud',
    sent: { bright_value_v2: 800 },
  })
  expect(house.simulator.world.device(lamp).status.get('bright_value_v2')).toBe(800)
  expect(house.on(`state/device/${lamp}/dp/bright_value_v2`).at(-1)?.payload).toBe('800')
})
